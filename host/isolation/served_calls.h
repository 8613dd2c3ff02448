// The host's end of the calls that a plugin's process serves: each ends once, through the host's own call service, and
// none outlives the process.
//
// Events keep their back pressure: what the caller's queue does not take waits here, and the process is not told that
// it was taken, so that at most one window of a call's events is on its way.
// Threads: any. Never blocks.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/calls/call_table.h"
#include "host/isolation/channel.h"
#include "tutti/abi/calls.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class ServedCalls : public std::enable_shared_from_this<ServedCalls> {
 public:
  using OnEnd = std::function<void(const tutti_outcome& outcome)>;

  struct Settings {
    std::uint32_t event_window = 256;        // events of one call on their way
    std::uint64_t event_bytes = 4UL << 20U;  // the same in bytes; one event may be larger
  };

  // Calls from here on are the host's own, made on the plugin without anybody behind them.
  static constexpr tutti_call kOwn = tutti_call{1} << 62U;

  ServedCalls(const tutti_host* host, const tutti_host_calls* services, CallTable& table,
              std::shared_ptr<Channel> channel, Settings settings)
      : host_(host), services_(services), table_(table), channel_(std::move(channel)), settings_(settings) {}

  // Sends `frame` and has the call until it ends. `on_end` sees the outcome first; may be empty.
  void Begin(tutti_call call, FrameWriter& frame, OnEnd on_end = {});

  // What came from the process. false: it broke the rules.
  bool Ended(const Frame& frame);
  bool Event(const Frame& frame);

  // Whether the process was given this call and has not ended it.
  [[nodiscard]] bool Has(tutti_call call) const { return Find(call) != nullptr; }

  // The process is gone: every call ends with `reason`, those that begin later too.
  void Fail(const Status& reason);

 private:
  struct Served;
  using ServedPtr = std::shared_ptr<Served>;

  [[nodiscard]] ServedPtr Find(tutti_call call) const;
  ServedPtr Take(tutti_call call);
  void Finish(const ServedPtr& served, const tutti_outcome& outcome);
  void FinishWith(const ServedPtr& served, const Status& reason);
  tutti_code Emit(Served& served, std::string_view event);
  void AwaitRoom(const ServedPtr& served);
  void GiveWaiting(const ServedPtr& served);

  const tutti_host* const host_;
  const tutti_host_calls* const services_;
  CallTable& table_;
  const std::shared_ptr<Channel> channel_;
  const Settings settings_;
  mutable std::mutex mutex_;
  std::unordered_map<tutti_call, ServedPtr> calls_;  // guarded by mutex_
  Status failed_;                                    // guarded by mutex_
};

}  // namespace tutti::host
