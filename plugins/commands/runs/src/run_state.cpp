#include "run_state.h"

namespace tutti::runs {
namespace {

constexpr RunOutcome Moves(RunState to) {
  return {RunAnswer::kMoves, to};
}

constexpr RunOutcome Stays(RunState in) {
  return {RunAnswer::kStays, in};
}

constexpr RunOutcome Refused(RunState in) {
  return {RunAnswer::kRefused, in};
}

using Row = std::array<RunOutcome, kRunEvents>;

// Nothing moves what has ended. To stop it once more, or to find it gone, is in order; all else is a mistake.
constexpr Row Ended(RunState in) {
  return {Refused(in), Refused(in), Refused(in), Stays(in),   Refused(in), Refused(in),
          Stays(in),   Stays(in),   Stays(in),   Refused(in), Refused(in)};
}

constexpr RunState kN = RunState::kNone;
constexpr RunState kQ = RunState::kQueued;
constexpr RunState kR = RunState::kRunning;
constexpr RunState kW = RunState::kWaiting;
constexpr RunState kD = RunState::kDone;
constexpr RunState kF = RunState::kFailed;
constexpr RunState kI = RunState::kInterrupted;

// In the order of RunEvent: accept, take turn, wait, go on, finish, fail, interrupt, suspend, crash, claim, refuse.
constexpr std::array<Row, kRunStates> kTable = {
    // None: it begins with its acceptance; what could not be stored was never there.
    Row{Moves(kQ), Refused(kN), Refused(kN), Refused(kN), Refused(kN), Stays(kN), Stays(kN), Stays(kN), Stays(kN),
        Refused(kN), Stays(kN)},
    // Queued: it has not begun, so whoever takes it over leaves it queued.
    Row{Refused(kQ), Moves(kR), Refused(kQ), Refused(kQ), Refused(kQ), Moves(kF), Moves(kI), Stays(kQ), Stays(kQ),
        Stays(kQ), Moves(kF)},
    // Running: taken over, it is announced as running once more.
    Row{Refused(kR), Refused(kR), Moves(kW), Stays(kR), Moves(kD), Moves(kF), Moves(kI), Stays(kR), Stays(kR),
        Moves(kR), Refused(kR)},
    // Waiting: taken over, it comes to the same question again by itself.
    Row{Refused(kW), Refused(kW), Stays(kW), Moves(kR), Moves(kD), Moves(kF), Moves(kI), Stays(kW), Stays(kW),
        Moves(kR), Refused(kW)},
    Ended(kD),
    Ended(kF),
    Ended(kI),
};

constexpr std::array<std::string_view, kRunStates> kNames = {"",     "queued", "running",    "waiting",
                                                             "done", "failed", "interrupted"};

}  // namespace

RunOutcome Outcome(RunState state, RunEvent event) {
  return kTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

std::string_view Name(RunState state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<RunState> StateOf(std::string_view name) {
  for (std::size_t i = 1; i < kRunStates; ++i) {
    if (kNames[i] == name) {
      return static_cast<RunState>(i);
    }
  }
  return std::nullopt;
}

}  // namespace tutti::runs
