// One life of a plugin's process as its host sees it: the socket, the thread that reads it, and what runs over it.
//
// Threads: Start and Stop on one thread; the rest from any. Request and SendEvents block, bounded.
// Ownership: shared, because calls may end after the process has; the descriptor is the caller's and is open until
// Stop.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "host/isolation/channel.h"
#include "host/isolation/served_calls.h"
#include "host/isolation/service_bridge.h"

namespace tutti::host {

class WorkerSession : public std::enable_shared_from_this<WorkerSession> {
 public:
  struct Settings {
    Channel::Settings channel;
    ServedCalls::Settings calls;
    ServiceBridge::Settings services;
    std::uint32_t event_batches = 16;                 // batches for on_events on their way
    std::chrono::milliseconds events_timeout{30000};  // for the oldest of them
  };

  struct Listener {
    std::function<void()> on_closed;                  // the process has closed its end
    std::function<void(std::string cause)> on_fault;  // it has to be ended
  };

  WorkerSession(int socket, const tutti_host* host, const PluginGrants& grants, CallTable& table, Settings settings,
                Listener listener);
  ~WorkerSession();
  WorkerSession(const WorkerSession&) = delete;
  WorkerSession& operator=(const WorkerSession&) = delete;

  void Start();

  // Ends everything that runs over it with `reason`, and whoever waits.
  void Fail(const Status& reason);

  // Closes the socket's traffic and waits for the reading thread. Once: afterwards the descriptor's number may be
  // somebody else's, while whoever asks for something may still hold this object.
  void Stop();

  [[nodiscard]] std::uint64_t NextId() { return next_id_.fetch_add(1); }

  // A request that the process answers with kDone: its payload, or its status. DEADLINE_EXCEEDED when it does not
  // answer in time, UNAVAILABLE when it ends meanwhile.
  Result<std::string> Request(FrameWriter& frame, std::uint64_t id, std::chrono::milliseconds timeout);

  // A batch for on_events. Waits while `event_batches` are on their way.
  void SendEvents(FrameWriter& frame);

  // Whether the calling thread is the one that reads: it must not wait for an answer.
  [[nodiscard]] bool is_reader() const;

  ServedCalls& calls() { return *calls_; }

  ServiceBridge& services() { return *services_; }

  void Ping(std::uint64_t number);

  // The last number that was answered.
  [[nodiscard]] std::uint64_t last_pong() const { return last_pong_.load(); }

  // Which of the plugin's functions that belong to no call was running longest then, and for how long.
  struct Held {
    std::chrono::milliseconds age{0};
    std::string operation;
  };

  [[nodiscard]] Held held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }

 private:
  struct Waiter {
    bool is_done = false;
    Result<std::string> result{Status()};
  };

  void Read();
  bool Handle(const Frame& frame);
  bool Done(const Frame& frame);
  bool Pong(const Frame& frame);

  const int socket_;
  const Settings settings_;
  const Listener listener_;
  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<ServedCalls> calls_;
  const std::shared_ptr<ServiceBridge> services_;
  std::atomic<std::uint64_t> next_id_{1};
  std::atomic<std::uint64_t> last_pong_{0};
  std::atomic<bool> is_stopped_{false};
  mutable std::mutex mutex_;
  std::condition_variable done_;
  std::unordered_map<std::uint64_t, Waiter*> waiters_;  // guarded by mutex_
  std::uint32_t batches_ = 0;                           // guarded by mutex_
  Status failed_;                                       // guarded by mutex_
  Held held_;                                           // guarded by mutex_
  std::thread reader_;
};

}  // namespace tutti::host
