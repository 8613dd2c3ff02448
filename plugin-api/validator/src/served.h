// The asynchronous functions a plugin serves, each with the smallest request that its contract accepts.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "folder.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {

struct ServedCall {
  std::string name;  // for sentences, such as "command agents.list" or "hook PreToolUse"
  std::function<testing::RunningCall(testing::LoadedPlugin&)> begin;
  std::chrono::milliseconds timeout{0};  // when the host cancels it, as the definition says; 0 = it says nothing
  std::string body;                      // that smallest request, JSON
  // The same with another body; empty where there is none to vary.
  std::function<testing::RunningCall(testing::LoadedPlugin&, std::string body)> begin_with;
};

// REQUIRES: the plugin is active. Commands that call themselves destructive are left out: the validator runs on
// people's machines.
std::vector<ServedCall> ServedCalls(const PluginFolder& folder, const testing::LoadedPlugin& plugin);

// The smallest payload of a hook point, JSON.
std::string SmallestPayload(const std::string& point);

// How the fake host's services behave.
enum class Services {
  kAnswer,  // at once, with an event before where the service has some
  kHold,    // models and runtimes answer only when they are cancelled
};

void ProgramServices(testing::FakeHost& host, Services services);

// The smallest value that a JSON Schema accepts, as far as its type, enum, const, default, minimum, minLength and
// required properties tell.
std::string SmallestValue(JsonView schema);

}  // namespace tutti::validator
