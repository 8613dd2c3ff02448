// The hook points of this host and the modes each allows; the table of tutti/abi/hook.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/abi/hook.h"

namespace tutti::host {

enum class PointMode : std::uint32_t {
  kGate = TUTTI_HOOK_GATE,
  kRecord = TUTTI_HOOK_RECORD,
  kObserve = TUTTI_HOOK_OBSERVE,
};

struct PointRule {
  std::string_view name;
  bool gate;
  bool record;
  bool observe;

  [[nodiscard]] bool Allows(PointMode mode) const;
};

// nullptr when there is no such point.
const PointRule* FindPoint(std::string_view name);

std::vector<std::string> PointNames();

std::optional<PointMode> FindPointMode(std::string_view name);

std::string_view ToString(PointMode mode);

// "gate, record, observe" as far as allowed.
std::vector<std::string> AllowedModes(const PointRule& rule);

}  // namespace tutti::host
