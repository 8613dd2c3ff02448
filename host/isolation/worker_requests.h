// What a plugin in a process of its own asks of its host: calls it starts there, and questions that are answered at
// once.
//
// Threads: any. Ask blocks, bounded; nothing else does. Events and ends of a started call reach the plugin on the pool,
// one at a time and in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/executor/executor.h"
#include "host/isolation/callback_clock.h"
#include "host/isolation/channel.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class WorkerRequests {
 public:
  // Numbers of started calls; the host's calls have none of these.
  static constexpr tutti_call kStarted = tutti_call{1} << 63U;

  WorkerRequests(Executor& executor, Channel& channel, CallbackClock& callbacks, std::uint32_t event_window,
                 std::chrono::milliseconds ask_timeout)
      : executor_(executor),
        channel_(channel),
        callbacks_(callbacks),
        event_window_(event_window),
        ask_timeout_(ask_timeout) {}

  [[nodiscard]] tutti_call NextStarted() { return kStarted + next_.fetch_add(1); }

  // Whether the number is one of those that NextStarted gives.
  [[nodiscard]] static bool IsStarted(tutti_call call) { return call >= kStarted; }

  // Sends the frame of a started call; its end always comes through `reply`.
  void Start(tutti_call started, FrameWriter& frame, const tutti_reply& reply);

  tutti_code Cancel(tutti_call started);

  // The answer to a question; DEADLINE_EXCEEDED when none comes in time.
  tutti_code Ask(AskOp op, std::string_view text, std::string* answer);

  // From the host. false: broke the rules.
  bool Event(const Frame& frame);
  bool End(const Frame& frame);
  bool Answer(const Frame& frame);

 private:
  struct Started;
  using StartedPtr = std::shared_ptr<Started>;

  struct Question {
    bool is_answered = false;
    tutti_code code = TUTTI_OK;
    std::string text;
  };

  void Queue(const StartedPtr& started, std::string text, bool is_end);
  void Drain(const StartedPtr& started);

  Executor& executor_;
  Channel& channel_;
  CallbackClock& callbacks_;
  const std::uint32_t event_window_;
  const std::chrono::milliseconds ask_timeout_;
  std::atomic<std::uint64_t> next_{1};
  std::mutex mutex_;
  std::condition_variable answered_;
  std::unordered_map<tutti_call, StartedPtr> started_;      // guarded by mutex_
  std::unordered_map<std::uint64_t, Question*> questions_;  // guarded by mutex_
};

}  // namespace tutti::host
