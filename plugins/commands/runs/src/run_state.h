// The states of a run and what each event makes of each of them. Every pair has an outcome; what has ended stays ended.
//
// Plain values without threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tutti::runs {

enum class RunState : std::uint8_t {
  kNone,         // there is no row
  kQueued,       // accepted; others of its key go first
  kRunning,      // a runtime works on it, or will when a host has taken it over
  kWaiting,      // the same, and for somebody's word
  kDone,         // the runtime came to its end
  kFailed,       // it ended for a reason that stands in the row
  kInterrupted,  // somebody stopped it
};

enum class RunEvent : std::uint8_t {
  kAccept,     // its row is stored
  kTakeTurn,   // nobody of its key is before it
  kWait,       // it needs somebody's word
  kGoOn,       // everybody it waited for has spoken
  kFinish,     // the runtime ended it
  kFail,       // the runtime, or what must precede it, failed
  kInterrupt,  // somebody wants it to end
  kSuspend,    // its host stops in order and leaves it as it is
  kCrash,      // its host is gone, or its lease is over
  kClaim,      // a host takes it over
  kRefuse,     // there is no room for it
};

inline constexpr std::size_t kRunStates = 7;
inline constexpr std::size_t kRunEvents = 11;

enum class RunAnswer : std::uint8_t {
  kMoves,    // the row changes, and an event says so
  kStays,    // nothing changes, and that is in order
  kRefused,  // the event has no meaning in this state; nothing changes
};

struct RunOutcome {
  RunAnswer answer;
  RunState to;

  bool operator==(const RunOutcome&) const = default;
};

[[nodiscard]] RunOutcome Outcome(RunState state, RunEvent event);

[[nodiscard]] constexpr bool HasEnded(RunState state) {
  return state == RunState::kDone || state == RunState::kFailed || state == RunState::kInterrupted;
}

// As in the column `status`; empty for kNone.
[[nodiscard]] std::string_view Name(RunState state);

[[nodiscard]] std::optional<RunState> StateOf(std::string_view name);

}  // namespace tutti::runs
