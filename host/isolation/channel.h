// The sending end of the socket between a host and a plugin's process.
//
// A frame is written on the thread that sends it; only what the socket does not take at once waits for a thread of its
// own. So sending never blocks, and costs no switch of threads.
// Threads: all functions from any thread. Does not own the descriptor; Stop before closing it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "host/isolation/frame.h"

namespace tutti::host {

class Channel {
 public:
  struct Settings {
    std::size_t max_frame = 64UL << 20U;     // bytes of one frame
    std::size_t max_waiting = 128UL << 20U;  // bytes that wait for a peer that does not read
  };

  enum class Sent { kYes, kClosed, kFull, kTooLarge };

  Channel(int descriptor, Settings settings) : descriptor_(descriptor), settings_(settings) {}

  ~Channel() { Stop(); }

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // kFull: more than max_waiting is waiting already, or would be.
  Sent Send(FrameWriter& frame) { return Put(frame.Finish(), Urgency::kNow); }

  // The same for an answer, whose number is bounded by what was asked: not refused for what is waiting.
  Sent SendAnswer(FrameWriter& frame) { return Put(frame.Finish(), Urgency::kAnswer); }

  // Goes out with the next frame, or within a few milliseconds: for log lines and metrics.
  Sent SendSoon(FrameWriter& frame) { return Put(frame.Finish(), Urgency::kSoon); }

  [[nodiscard]] std::size_t max_frame() const { return settings_.max_frame; }

  // For the thread that reads what the peer sends: what threads of this process did before they sent something happens
  // before what follows here, as far as the peer's message follows from what was sent. The order goes through the other
  // process, which the memory model (and the thread sanitizer) knows nothing of.
  void SeeWhatWasSent() const { (void)sent_.load(std::memory_order_acquire); }

  // Nothing is sent from here on. Waits for the thread, if there is one.
  void Stop();

 private:
  enum class Urgency { kNow, kAnswer, kSoon };

  Sent Put(std::string_view frame, Urgency urgency);
  // Writes what waits, as far as the socket takes it. With mutex_ held.
  void Flush();
  void WakeWriter();
  void RunWriter();

  [[nodiscard]] std::size_t waiting() const { return waiting_.size() - written_; }

  const int descriptor_;
  const Settings settings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> sent_{0};  // counts frames; see SeeWhatWasSent
  std::string waiting_;                 // guarded by mutex_; bytes from written_ on are to be sent
  std::size_t written_ = 0;             // guarded by mutex_
  bool is_blocked_ = false;             // guarded by mutex_; the socket is full, the writer waits for room
  bool is_lingering_ = false;           // guarded by mutex_; what waits is not urgent
  bool is_closed_ = false;              // guarded by mutex_
  std::thread writer_;                  // started when first needed
};

}  // namespace tutti::host
