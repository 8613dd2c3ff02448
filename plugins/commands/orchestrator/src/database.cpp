#include "database.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tutti::orchestrator {
namespace {

constexpr int kTries = 8;
constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{1000};

}  // namespace

Task<Result<StoreReply>> Execute(Host host, tutti_call parent, std::string batch) {
  Pending pending = host.Execute(parent, std::move(batch));
  Result<std::string> result = co_await std::move(pending);
  if (!result.ok()) {
    co_return result.status();
  }
  co_return StoreReply(std::move(*result));
}

Task<Result<StoreReply>> ExecutePatiently(Host host, std::string batch) {
  Result<StoreReply> reply = Status::Unavailable("not tried");
  for (int tried = 1; tried <= kTries; ++tried) {
    reply = co_await Execute(host, 0, batch);
    const Code code = reply.status().code();
    if ((code != Code::kUnavailable && code != Code::kResourceExhausted) || tried == kTries) {
      break;
    }
    co_await host.Delay(std::clamp(reply.status().retry_after(), kShortestPause, kLongestPause));
  }
  co_return reply;
}

}  // namespace tutti::orchestrator
