// RuleSet: the configured rules, and what they say about a tool call.
//
// In this order, the first that decides: permissions.deny; rules, one after another; permissions.ask;
// permissions.allow; the default. A rule that denies or asks catches a shell line when it catches any part of it; rules
// that allow must cover every part, one by one or together. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "argument_pattern.h"
#include "permission_rule.h"
#include "tool_call.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::approvals {

enum class Verdict { kAllow, kAsk, kDeny };

// Who makes the call.
struct Caller {
  std::string agent;       // id
  std::string agent_name;  // or empty
  std::string agent_template;
};

struct Decision {
  Verdict verdict = Verdict::kAllow;
  std::string reason;  // for the model and the person
  std::string rule;    // which rule it was, or "default"
};

class RuleSet {
 public:
  // `config` has rules, permissions and default. INVALID_ARGUMENT names the place, such as rules[2].arguments.command.
  static Result<RuleSet> Parse(JsonView config, Surroundings around);

  [[nodiscard]] Decision Decide(const ToolCall& call, const Caller& caller) const;

  [[nodiscard]] const Surroundings& around() const { return around_; }

  // Plain tool names that rules speak of, with their places: to be compared with the tools there are.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& tool_names() const { return tool_names_; }

 private:
  struct Rule {
    std::string place;
    std::string tool;
    std::vector<ArgumentPattern> arguments;
    std::string agent, agent_template;
    Verdict verdict = Verdict::kAllow;
    std::string reason;
  };

  struct Permission {
    std::string place;
    PermissionRule rule;
  };

  Status AddRule(JsonView json, const std::string& place);
  Status AddPermissions(JsonView texts, const std::string& place, std::vector<Permission>& to);
  [[nodiscard]] static bool IsAbout(const Rule& rule, const ToolCall& call, const Caller& caller);
  [[nodiscard]] bool HasShellLimits() const;

  Surroundings around_;
  std::vector<Rule> rules_;
  std::vector<Permission> deny_, ask_, allow_;
  Verdict default_ = Verdict::kAllow;
  std::vector<std::pair<std::string, std::string>> tool_names_;
};

}  // namespace tutti::approvals
