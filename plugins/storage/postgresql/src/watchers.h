// The watch calls of this plugin: who wants to hear of other hosts, and the listener that runs while somebody does.
//
// Threads: any; Stop from one thread, and not while Add runs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "head_listener.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::storage::postgresql {

class Watchers {
 public:
  Watchers(std::string target, std::string announcer)
      : listener_(
            std::move(target), std::move(announcer), [this] { Tell("{}"); },
            [this](std::string_view stream, std::int64_t head) {
              Tell(JsonObject()("stream", stream)("last", head).Take());
            }) {}

  // Ends the call when it is cancelled, or at Stop.
  void Add(const Call& call);

  // Ends the listener and every call. Idempotent; Add may follow.
  void Stop();

 private:
  void Tell(const std::string& hint);
  void End(tutti_call id);

  std::mutex mutex_;
  std::vector<Call> calls_;  // guarded by mutex_
  std::mutex life_;          // one Start or Stop of the listener at a time
  HeadListener listener_;
};

}  // namespace tutti::storage::postgresql
