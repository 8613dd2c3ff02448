#include "host/manifest/points.h"

#include <array>

namespace tutti::host {
namespace {

constexpr std::array<PointRule, 15> kPoints = {{
    {"UserPromptSubmit", true, true, true},
    {"Message", false, true, true},
    {"TextBlock", false, true, true},
    {"ThinkingBlock", false, true, true},
    {"ToolUseBlock", false, true, true},
    {"PreToolUse", true, true, true},
    {"PostToolUse", true, true, true},
    {"Stop", false, true, true},
    {"RunState", false, true, true},
    {"SubagentStop", false, true, true},
    {"PreCompact", true, true, true},
    {"command.before", true, false, true},
    {"command.after", false, false, true},
    {"model.before", true, false, true},
    {"model.after", true, false, true},
}};

constexpr std::array<PointMode, 3> kModes = {PointMode::kGate, PointMode::kRecord, PointMode::kObserve};

}  // namespace

bool PointRule::Allows(PointMode mode) const {
  switch (mode) {
    case PointMode::kGate:
      return gate;
    case PointMode::kRecord:
      return record;
    case PointMode::kObserve:
      return observe;
  }
  return false;
}

const PointRule* FindPoint(std::string_view name) {
  for (const PointRule& rule : kPoints) {
    if (rule.name == name) {
      return &rule;
    }
  }
  return nullptr;
}

std::vector<std::string> PointNames() {
  std::vector<std::string> names;
  for (const PointRule& rule : kPoints) {
    names.emplace_back(rule.name);
  }
  return names;
}

std::string_view ToString(PointMode mode) {
  switch (mode) {
    case PointMode::kGate:
      return "gate";
    case PointMode::kRecord:
      return "record";
    case PointMode::kObserve:
      break;
  }
  return "observe";
}

std::optional<PointMode> FindPointMode(std::string_view name) {
  for (const PointMode mode : kModes) {
    if (ToString(mode) == name) {
      return mode;
    }
  }
  return std::nullopt;
}

std::vector<std::string> AllowedModes(const PointRule& rule) {
  std::vector<std::string> names;
  for (const PointMode mode : kModes) {
    if (rule.Allows(mode)) {
      names.emplace_back(ToString(mode));
    }
  }
  return names;
}

}  // namespace tutti::host
