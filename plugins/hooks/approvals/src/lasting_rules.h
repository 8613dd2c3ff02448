// LastingRules: what people have allowed for good. Such a rule turns a question into a yes, never a denial.
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "permission_rule.h"
#include "rule_set.h"
#include "tool_call.h"

namespace tutti::approvals {

// What "always" means for a call, as the person is shown before.
struct Always {
  std::string text;  // "Bash(git push:*)", "Bash: make all"
  std::string form;  // "exact": the very line, path or tool; "rule": a permission rule
  std::string tool;
  std::string pattern;  // the line or path, or the rule

  [[nodiscard]] std::string ToJson() const;
};

// std::nullopt: there is no sentence short and exact enough.
std::optional<Always> AlwaysFor(const ToolCall& call);

class LastingRules {
 public:
  struct Stored {
    std::string id, form, tool, pattern;
  };

  // Replaces all. Rules that cannot be read are left out; their ids are returned.
  std::vector<std::string> Set(const std::vector<Stored>& rules, const Surroundings& around);

  // What `rules` say, with a question turned into a yes where these rules cover all that was to be asked.
  [[nodiscard]] Decision Decide(const RuleSet& rules, const ToolCall& call, const Caller& caller) const;

 private:
  struct Rule {
    Stored stored;
    std::optional<PermissionRule> permission;
  };

  using Rules = std::vector<Rule>;

  [[nodiscard]] static bool IsExactly(const Stored& rule, const ToolCall& call);

  mutable std::mutex mutex_;
  std::shared_ptr<const Rules> rules_ = std::make_shared<const Rules>();  // guarded by mutex_
};

}  // namespace tutti::approvals
