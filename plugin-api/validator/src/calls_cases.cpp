#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cases.h"
#include "instance.h"
#include "try_calls.h"

namespace tutti::validator {
namespace {

using std::chrono::milliseconds;
using testing::FakeHostOptions;
using testing::RunningCall;

// Begins every served call with `act`, which answers a sentence when something is wrong.
template <typename Act>
Outcome ForEachCall(const PluginFolder& folder, FakeHostOptions options, Services services, const std::string& passed,
                    Act act) {
  auto owned = std::make_unique<ActiveInstance>(Activate(folder, options, services));
  ActiveInstance& instance = *owned;
  if (instance.refusal) {
    return *instance.refusal;
  }
  const std::vector<ServedCall> calls = ServedCalls(folder, *instance.plugin);
  if (calls.empty()) {
    return Outcome::Skip("the plugin serves no call that can be tried without harm");
  }
  for (const ServedCall& call : calls) {
    RunningCall running = call.begin(*instance.plugin);
    std::string problem = act(*instance.host, running, call);
    if (problem.empty() && !instance.host->WaitUntil([&] { return instance.host->executor().IsIdle(); }, kCallLimit)) {
      problem =
          "was over, but the plugin still held a worker thread after " + std::to_string(kCallLimit.count()) + " ms";
    }
    if (problem.empty() && running.finish_attempts() > 1) {
      problem = "was finished " + std::to_string(running.finish_attempts()) + " times; expected once";
    }
    if (!problem.empty()) {
      owned.release();  // NOLINT(bugprone-unused-return-value): what holds a call or a thread cannot be taken down
      return Outcome::Fail(call.name + " " + problem);
    }
  }
  return Outcome::Pass(std::to_string(calls.size()) + (calls.size() == 1 ? " call " : " calls ") + passed);
}

std::string NotFinished(const char* after) {
  return std::string("was not finished within ") + std::to_string(kCallLimit.count()) + " ms" + after;
}

}  // namespace

Outcome CheckFinishCase(const PluginFolder& folder) {
  return ForEachCall(
      folder, {}, Services::kAnswer, "finished exactly once",
      [](testing::FakeHost& host, RunningCall& call, const ServedCall& served) -> std::string {
        const auto is_over = [&] { return call.is_over(); };
        if (served.timeout.count() > 0 && !host.WaitUntil(is_over, std::min(served.timeout, kCallLimit))) {
          call.Cancel();  // as the host does then
        }
        return host.WaitUntil(is_over, kCallLimit) ? "" : NotFinished("");
      });
}

Outcome CheckCancelCase(const PluginFolder& folder) {
  Outcome outcome;
  for (const bool has_begun : {false, true}) {
    outcome = ForEachCall(
        folder, {}, Services::kHold, "ended when cancelled",
        [has_begun](testing::FakeHost& host, RunningCall& call, const ServedCall&) -> std::string {
          if (has_begun) {
            // Far enough to wait for something, or not waiting at all: both are fine.
            host.WaitUntil([&] { return host.executor().IsIdle() || call.is_over(); }, milliseconds(200));
          }
          call.Cancel();
          return host.WaitUntil([&] { return call.is_over(); }, kCallLimit) ? ""
                                                                            : NotFinished(" after it was cancelled");
        });
    if (outcome.verdict != Verdict::kPass) {
      break;
    }
  }
  return outcome;
}

Outcome CheckWouldBlockCase(const PluginFolder& folder) {
  return ForEachCall(
      folder, FakeHostOptions{.event_capacity = 0}, Services::kAnswer, "ended though every event was refused",
      [](testing::FakeHost& host, RunningCall& call, const ServedCall&) -> std::string {
        if (host.WaitUntil([&] { return call.is_over(); }, milliseconds(500))) {
          return "";
        }
        // Waiting for room is allowed, but only as long as somebody wants the result.
        call.Cancel();
        return host.WaitUntil([&] { return call.is_over(); }, kCallLimit)
                   ? ""
                   : NotFinished(" with a receiver that takes no events, not even after it was cancelled");
      });
}

Outcome CheckLateFinishCase(const PluginFolder& folder) {
  // What the plugin waits for ends only after the host has ended the call.
  return ForEachCall(folder, {}, Services::kHold, "took NOT_FOUND after the host had ended them",
                     [](testing::FakeHost&, RunningCall& call, const ServedCall&) -> std::string {
                       call.Abandon();
                       return "";
                     });
}

}  // namespace tutti::validator
