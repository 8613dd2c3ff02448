// Hears of the heads of streams that other hosts announce (LISTEN), on a connection and a thread of its own.
//
// Threads: Start and Stop from one thread; the functions run on the listener's. A lost connection is made anew; what
// was announced meanwhile is not heard of, therefore `on_listening` says when listening has begun, or begun again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace tutti::storage::postgresql {

// "<announcer> <head> <stream>".
struct HeadAnnouncement {
  std::string_view announcer;
  std::int64_t head = 0;
  std::string_view stream;
};

std::optional<HeadAnnouncement> ReadAnnouncement(std::string_view text);

class HeadListener {
 public:
  using OnListening = std::function<void()>;
  using OnHead = std::function<void(std::string_view stream, std::int64_t head)>;

  // `target` is a libpq connection string. What `announcer` itself announces is passed over.
  HeadListener(std::string target, std::string announcer, OnListening on_listening, OnHead on_head)
      : target_(std::move(target)),
        announcer_(std::move(announcer)),
        on_listening_(std::move(on_listening)),
        on_head_(std::move(on_head)) {}

  ~HeadListener() { Stop(); }

  HeadListener(const HeadListener&) = delete;
  HeadListener& operator=(const HeadListener&) = delete;

  // Idempotent. false: the system gives no event descriptor.
  bool Start();

  // Returns when the thread has ended, at most the connection limit of `target` later. Idempotent.
  void Stop();

 private:
  void Run();
  // Until the connection is lost or the listener is stopped.
  void Listen();
  // true: stopped.
  bool WaitStopped(int other, std::chrono::milliseconds timeout) const;

  const std::string target_;
  const std::string announcer_;
  const OnListening on_listening_;
  const OnHead on_head_;
  int stop_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace tutti::storage::postgresql
