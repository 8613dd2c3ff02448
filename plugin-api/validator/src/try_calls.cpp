#include "try_calls.h"

#include <algorithm>

namespace tutti::validator {

std::string AwaitEnd(testing::FakeHost& host, const ServedCall& call, testing::RunningCall& running) {
  const auto is_over = [&] { return running.is_over(); };
  const auto patience = call.timeout.count() > 0 ? std::min(call.timeout, kCallLimit) : kCallLimit;
  bool has_ended = host.WaitUntil(is_over, patience);
  if (!has_ended) {
    running.Cancel();
    has_ended = host.WaitUntil(is_over, kCallLimit);
  }
  if (!has_ended) {
    return call.name + " was not finished within " + std::to_string(patience.count()) + " ms, nor within " +
           std::to_string(kCallLimit.count()) + " ms of being cancelled";
  }
  if (running.finish_attempts() > 1) {
    return call.name + " was finished " + std::to_string(running.finish_attempts()) + " times; expected once";
  }
  return {};
}

std::string TryEach(const PluginFolder& folder, ActiveInstance& instance) {
  for (const ServedCall& call : ServedCalls(folder, *instance.plugin)) {
    testing::RunningCall running = call.begin(*instance.plugin);
    if (call.timeout.count() > 0) {
      // It may be one that waits to be cancelled, which is no place to lose time.
      instance.host->WaitUntil([&] { return running.is_over() || instance.host->executor().IsIdle(); }, call.timeout);
      running.Cancel();
    }
    std::string problem = AwaitEnd(*instance.host, call, running);
    if (!problem.empty()) {
      return problem;
    }
  }
  if (!ShowEvents(folder, *instance.plugin)) {
    return "on_events did not return within " + std::to_string(kCallLimit.count()) + " ms";
  }
  return AwaitIdle(*instance.host);
}

std::vector<ServedCall> CallsThatEnd(const PluginFolder& folder, ActiveInstance& instance) {
  std::vector<ServedCall> calls = ServedCalls(folder, *instance.plugin);
  std::erase_if(calls, [&](const ServedCall& call) {
    testing::RunningCall running = call.begin(*instance.plugin);
    const bool ends = instance.host->WaitUntil([&] { return running.is_over(); }, std::chrono::milliseconds(1000));
    if (!ends) {
      running.Cancel();
      instance.host->WaitUntil([&] { return running.is_over(); }, kCallLimit);
    }
    return !ends;
  });
  return calls;
}

bool ShowEvents(const PluginFolder& folder, testing::LoadedPlugin& plugin) {
  const auto* hook = plugin.Extension<tutti_hook>(TUTTI_KIND_HOOK);
  if (hook == nullptr || hook->on_events == nullptr) {
    return true;
  }
  std::vector<tutti_event> events;
  std::vector<std::string> payloads;
  payloads.reserve(folder.points.size());
  for (const DeclaredPoint& point : folder.points) {
    if (point.modes.count("observe") > 0) {
      payloads.push_back(SmallestPayload(point.name));
      events.push_back({sizeof(tutti_event), Str(point.name), events.size(), 1'700'000'000'000'000, Str("s1"),
                        Str("r1"), Str("a1"), Str(payloads.back())});
    }
  }
  return plugin.OnEvents(events, kCallLimit);
}

std::string AwaitIdle(testing::FakeHost& host) {
  return host.WaitUntil([&] { return host.executor().IsIdle(); }, kCallLimit)
             ? ""
             : "every call was over, but the plugin still held a worker thread after " +
                   std::to_string(kCallLimit.count()) + " ms";
}

}  // namespace tutti::validator
