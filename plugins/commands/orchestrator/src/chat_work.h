// ChatWork: what waits for the orchestrator, in order, and how much of it one turn takes.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace tutti::orchestrator {

struct ChatWork {
  enum class Kind { kPrompt, kCompact, kClear };

  // Whether it may be answered together with messages that came right before or after it.
  [[nodiscard]] bool IsPlain() const { return kind == Kind::kPrompt && model.empty() && tools.empty(); }

  // Whether what runs is stopped for it.
  [[nodiscard]] bool Replaces() const { return kind != Kind::kCompact; }

  Kind kind = Kind::kPrompt;
  std::string text;                // the prompt, or what a summary is to keep
  std::string model;               // of this turn only; empty: the usual one
  std::vector<std::string> tools;  // of this turn only, besides the usual ones
};

// Takes the front off: one piece of work, or all plain prompts up to the next that is not, joined by an empty line.
// `waiting` must not be empty.
ChatWork TakeWork(std::deque<ChatWork>& waiting);

}  // namespace tutti::orchestrator
