// Making a plugin's calls and seeing each of them to its end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "instance.h"
#include "served.h"

namespace tutti::validator {

// A call that nothing holds up should end long before.
inline constexpr std::chrono::milliseconds kCallLimit{5000};

// Waits for the end, cancelling at the definition's timeout, or after kCallLimit, as the host would. A sentence when
// the call was not finished, or not once; empty otherwise.
std::string AwaitEnd(testing::FakeHost& host, const ServedCall& call, testing::RunningCall& running);

// Makes each served call once and shows the observers a batch; the first problem, or empty.
std::string TryEach(const PluginFolder& folder, ActiveInstance& instance);

// Those that end by themselves within a second, each having been tried once: one that waits until it is cancelled would
// be all that a case with many calls does.
std::vector<ServedCall> CallsThatEnd(const PluginFolder& folder, ActiveInstance& instance);

// Gives the plugin one event of each point that it observes. false: it did not come back within kCallLimit.
bool ShowEvents(const PluginFolder& folder, testing::LoadedPlugin& plugin);

// Nothing of the plugin runs or is queued any more; a sentence when it still does.
std::string AwaitIdle(testing::FakeHost& host);

}  // namespace tutti::validator
