// The operator's limits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amounts.h"
#include "facts.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::budget {

struct Limit {
  std::string id;
  ScopeKind scope = ScopeKind::kRun;
  bool is_per_day = false;
  bool asks = true;  // otherwise it refuses at once
  // Patterns; empty matches everything.
  std::string agent, agent_template, role, orchestrator, user;
  std::array<std::optional<std::int64_t>, kResources> bounds;

  [[nodiscard]] std::optional<std::int64_t> bound(Resource resource) const { return bounds[At(resource)]; }

  [[nodiscard]] bool Matches(const Facts& facts) const;

  // As in the configuration, defaults written out.
  [[nodiscard]] std::string ToJson() const;
};

// Immutable after Configure; then any thread.
class Limits {
 public:
  // `list` was accepted by the schema. INVALID_ARGUMENT names a limit that bounds nothing, an id that stands twice, or
  // a bound that its scope cannot have.
  Status Configure(JsonView list);

  [[nodiscard]] std::vector<const Limit*> For(const Facts& facts) const;

  // nullptr when there is none.
  [[nodiscard]] const Limit* Find(std::string_view id) const;

  // Whether any limit bounds it.
  [[nodiscard]] bool BoundAnywhere(Resource resource) const;

  [[nodiscard]] bool empty() const { return limits_.empty(); }

  [[nodiscard]] std::string ToJson() const;

 private:
  std::vector<Limit> limits_;
};

}  // namespace tutti::budget
