// The calls that a plugin's process serves, as its plugin sees them: the calls service, local except for what leaves.
//
// Threads: any. EmitWait blocks; nothing else does.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/calls/call_table.h"
#include "host/isolation/channel.h"

namespace tutti::host {

class WorkerCalls {
 public:
  struct Settings {
    std::uint32_t event_window = 256;  // events of one call on their way
    std::uint64_t event_bytes = 4UL << 20U;
  };

  // `plugin` must live as long as the process.
  WorkerCalls(std::string_view plugin, Executor& executor, Channel& channel, Settings settings)
      : plugin_(plugin),
        channel_(channel),
        settings_(settings),
        table_(executor, {.max_running = ~std::size_t{0} / 2}) {}

  // false: it is running already.
  bool Begin(tutti_call call);

  // The host wants it no more.
  void Cancel(tutti_call call);

  // The host took events of it.
  void Acknowledge(tutti_call call, std::uint32_t events, std::uint64_t bytes);

  [[nodiscard]] bool IsRunning(tutti_call call) const { return table_.Find(call) != nullptr; }

  // See tutti/abi/calls.h.
  tutti_code Emit(tutti_call call, std::string_view event) {
    return EmitWait(call, event, std::chrono::milliseconds(0));
  }

  tutti_code EmitWait(tutti_call call, std::string_view event, std::chrono::milliseconds timeout);
  bool Finish(tutti_call call, Result<std::string> result);
  [[nodiscard]] bool Cancelled(tutti_call call) const;
  tutti_code OnCancel(tutti_call call, void (*fn)(void*), void* user);
  void Forget(tutti_call call);

 private:
  struct Window {
    std::mutex mutex;
    std::condition_variable room;
    std::uint32_t events = 0;  // guarded by mutex; on their way
    std::uint64_t bytes = 0;   // guarded by mutex
    bool is_over = false;      // guarded by mutex
  };

  std::shared_ptr<Window> WindowOf(tutti_call call, bool make);
  void Close(tutti_call call);
  void SendEnd(tutti_call call, const Result<std::string>& result);

  const std::string_view plugin_;
  Channel& channel_;
  const Settings settings_;
  CallTable table_;
  std::mutex mutex_;
  std::unordered_map<tutti_call, std::shared_ptr<Window>> windows_;  // guarded by mutex_; of calls that emitted
};

}  // namespace tutti::host
