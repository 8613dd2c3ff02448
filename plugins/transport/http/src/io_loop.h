// One thread over one epoll descriptor: owns its connections, never blocks on any of them.
//
// Sockets are registered once, edge-triggered; `is_readable` and `is_writable` remember what the kernel said. Every
// event, timer and request for attention ends in Drive, which looks at the connection's phase and does what can be
// done. Threads: Attend, AttendAll and SetMode from any; everything private on the loop's thread.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "connection.h"
#include "context.h"
#include "tasks.h"
#include "timer_wheel.h"
#include "tutti/sdk/status.hpp"

namespace tutti::transport::http {

class Acceptor;

class IoLoop {
 public:
  enum class Mode : std::uint8_t {
    kServing,
    kPaused,    // listening sockets are closed, idle connections too
    kAborting,  // all connections are closed
    kEnding,    // the thread ends
  };

  explicit IoLoop(Context context);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // UNAVAILABLE when the system gives no descriptor.
  [[nodiscard]] Status Open();

  // `acceptor` may be null: then the loop only gets connections through Adopt.
  void Start(std::unique_ptr<Acceptor> acceptor);

  // Looks at a connection soon. The caller has set has_attention.
  void Attend(Connection& connection);

  // The same for those of `connections` that are this loop's, with one wake-up.
  void AttendAll(std::span<Connection* const> connections);

  void SetMode(Mode mode);

  // REQUIRES: SetMode(kEnding), or never started.
  void Join();

 private:
  using MaybeBytes = std::optional<std::string_view>;

  // What one connection may read before the others get their turn.
  static constexpr std::size_t kBytesPerTurn = 256 * 1024;

  // io_loop.cpp: the thread, and what wakes it.
  void Run();
  void Wake();
  void HandleEvent(Connection& connection, std::uint32_t mask);
  void HandleAttention();
  void HandleTurns();
  void HandleTimers();
  void HandleMode();
  void SubmitTasks();
  void Register(Connection& connection);

  // io_loop_connection.cpp. Functions that return bool say whether Drive must look again.
  void Drive(Connection& connection);
  bool Step(Connection& connection, Phase phase);
  void Flush(Connection& connection);
  MaybeBytes NextBytes(Connection& connection, std::size_t& budget);
  bool ShutSending(Connection& connection);
  bool Discard(Connection& connection);
  void Rearm(Connection& connection);
  [[nodiscard]] std::int64_t Deadline(Connection& connection) const;
  void Expire(Connection& connection);
  void EndNumber(Connection& connection, std::uint16_t code);
  void Kill(Connection& connection, std::uint16_t code);
  void HoldBytes(Connection& connection, std::size_t bytes);
  [[nodiscard]] bool IsOverMemory() const;

  // io_loop_http.cpp
  bool ReadRequest(Connection& connection);
  bool FeedRequest(Connection& connection, std::string_view bytes);
  void Dispatch(Connection& connection, std::string_view behind);
  void Refuse(Connection& connection, const Refusal& refusal);
  void RefuseLate(Connection& connection);
  void RejectTask(RequestTask& task);
  bool FinishAnswer(Connection& connection);

  // io_loop_websocket.cpp
  bool ReadFrames(Connection& connection);
  bool FeedFrames(Connection& connection, std::string_view bytes);
  void DispatchMessages(Connection& connection, std::vector<Message> messages);
  void EndWebSocket(Connection& connection, std::uint16_t ended_code, std::uint16_t sent_code, std::string_view reason);
  void ExpireWebSocket(Connection& connection);

  Context context_;
  int epoll_ = -1;
  int wake_ = -1;
  std::thread thread_;
  std::atomic<Mode> mode_{Mode::kServing};
  std::atomic<bool> is_woken_{false};
  std::mutex mutex_;
  std::vector<Connection*> attention_;  // guarded by mutex_

  // Loop thread only.
  Mode seen_mode_ = Mode::kServing;
  std::int64_t now_ms_;
  TimerWheel wheel_;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<Connection*> attending_;
  std::vector<Connection*> turns_;
  std::vector<std::unique_ptr<Task>> request_tasks_;
  // Kept until the pool takes them; one per connection at most.
  std::vector<std::unique_ptr<Task>> message_tasks_;
  std::vector<char> scratch_;
};

}  // namespace tutti::transport::http
