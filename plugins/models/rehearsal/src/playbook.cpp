#include "playbook.h"

#include <re2/re2.h>

#include <utility>

namespace tutti::rehearsal {
namespace {

bool Search(const Pattern& pattern, const std::string& text, bool whole, bool numbered, Captures& captures) {
  const int groups = pattern->NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(groups));
  const auto anchor = whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
  if (!pattern->Match(text, 0, text.size(), anchor, found.data(), groups)) {
    return false;
  }
  const auto value = [&](int group) {
    const auto& piece = found[static_cast<std::size_t>(group)];
    return piece.data() == nullptr ? std::string() : std::string(piece.data(), piece.size());
  };
  for (int i = 0; numbered && i < groups; ++i) {
    captures[std::to_string(i)] = value(i);
  }
  for (const auto& [name, group] : pattern->NamedCapturingGroups()) {
    captures[name] = value(group);
  }
  return true;
}

bool Matches(const Condition& when, const Situation& situation, Captures& captures) {
  const bool answers_tools = when.tool || when.result || when.is_error || when.turn;
  if (situation.after_tool && !answers_tools) {
    return false;
  }
  if (!situation.after_tool && (when.tool || when.result || when.is_error)) {
    return false;
  }
  if (when.is_error && *when.is_error != situation.is_error) {
    return false;
  }
  if (when.turn && *when.turn != situation.turn) {
    return false;
  }
  for (const auto& name : when.offers) {
    if (!situation.tools.contains(name)) {
      return false;
    }
  }
  if (when.tool && !Search(when.tool, situation.tool, true, false, captures)) {
    return false;
  }
  bool numbered = true;
  const std::pair<const Pattern&, const std::string&> searches[] = {
      {when.prompt, situation.prompt}, {when.result, situation.result}, {when.system, situation.system}};
  for (const auto& [pattern, text] : searches) {
    if (pattern) {
      if (!Search(pattern, text, false, numbered, captures)) {
        return false;
      }
      numbered = false;
    }
  }
  return true;
}

}  // namespace

Playbook::Playbook(std::vector<Script> scripts) {
  for (auto& script : scripts) {
    for (auto& scene : script.scenes) {
      scenes_.push_back(std::move(scene));
    }
  }
  played_.resize(scenes_.size());
}

Result<Choice> Playbook::Choose(const Situation& situation) {
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    Captures captures{{"prompt", situation.prompt},
                      {"result", situation.result},
                      {"tool", situation.tool},
                      {"turn", std::to_string(situation.turn)}};
    if (Matches(scenes_[i].when, situation, captures) && TakeTurn(i)) {
      return Choice{&scenes_[i], std::move(captures)};
    }
  }
  return Status::NotFound("expected a scene of the rehearsal scripts to match the " +
                          std::string(situation.after_tool ? "result of tool " + situation.tool : "prompt") +
                          ", found none; add a scene, or one without `when` as the last");
}

bool Playbook::TakeTurn(std::size_t scene) {
  const std::int64_t times = scenes_[scene].times;
  if (times == 0) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (played_[scene] >= times) {
    return false;
  }
  ++played_[scene];
  return true;
}

}  // namespace tutti::rehearsal
