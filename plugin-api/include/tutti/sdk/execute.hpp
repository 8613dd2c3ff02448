// Batches of storage operations, awaited.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "tutti/sdk/host.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti {

// `parent` is the call on whose behalf, 0 for the plugin's own work.
inline Task<Result<StoreReply>> Execute(Host host, tutti_call parent, std::string batch) {
  Pending pending = host.Execute(parent, std::move(batch));
  Result<std::string> result = co_await std::move(pending);
  if (!result.ok()) {
    co_return result.status();
  }
  co_return StoreReply(std::move(*result));
}

// For what must not be lost while the database is away for a moment: tries again a few times, for some seconds, on
// behalf of nobody, so that a cancelled call does not end it. The batch may run twice when the answer to the first was
// lost; ids in its rows make the second fail with ALREADY_EXISTS.
inline Task<Result<StoreReply>> ExecutePatiently(Host host, std::string batch) {
  constexpr int kTries = 8;
  constexpr std::chrono::milliseconds kShortestPause{100};
  constexpr std::chrono::milliseconds kLongestPause{1000};
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

}  // namespace tutti
