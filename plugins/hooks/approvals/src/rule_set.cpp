#include "rule_set.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "tutti/sdk/nearest.hpp"
#include "wildcard.h"

namespace tutti::approvals {
namespace {

const std::vector<std::string>& Verdicts() {
  static const std::vector<std::string> kNames = {"allow", "ask", "deny"};
  return kNames;
}

Result<Verdict> ParseVerdict(std::string_view text, const std::string& place) {
  const auto found = std::find(Verdicts().begin(), Verdicts().end(), text);
  if (found == Verdicts().end()) {
    return Status::InvalidArgument(place + ": expected allow, ask or deny, found \"" + std::string(text) + "\"" +
                                   DidYouMean(text, Verdicts()));
  }
  return static_cast<Verdict>(found - Verdicts().begin());
}

// What rules that allow have vouched for so far.
class Cover {
 public:
  explicit Cover(const ToolCall& call)
      : covered_(!call.is_shell()  ? 1
                 : call.commands() ? call.commands()->size()
                                   : 0) {}

  template <typename Covers>
  void Add(Covers covers) {
    for (std::size_t i = 0; i < covered_.size(); ++i) {
      covered_[i] = covered_[i] || covers(i);
    }
  }

  [[nodiscard]] bool is_whole() const {
    return !covered_.empty() && std::all_of(covered_.begin(), covered_.end(), [](bool each) { return each; });
  }

 private:
  std::vector<bool> covered_;
};

bool IsPlainName(std::string_view name) {
  return name.find_first_of("*?[@!+(") == std::string_view::npos;
}

std::string Because(const std::string& reason, const std::string& place) {
  return reason.empty() ? "the rule " + place + " of this server's operator says so" : reason;
}

}  // namespace

Result<RuleSet> RuleSet::Parse(JsonView config, Surroundings around) {
  RuleSet set;
  set.around_ = std::move(around);
  const Result<Verdict> by_default = ParseVerdict(config["default"].AsString("allow"), "default");
  if (!by_default.ok()) {
    return by_default.status();
  }
  set.default_ = *by_default;
  for (std::size_t i = 0; i < config["rules"].size(); ++i) {
    if (Status status = set.AddRule(config["rules"][i], "rules[" + std::to_string(i) + "]"); !status.ok()) {
      return status;
    }
  }
  const JsonView permissions = config["permissions"];
  for (const auto& [name, to] : {std::pair<const char*, std::vector<Permission>*>{"deny", &set.deny_},
                                 {"ask", &set.ask_},
                                 {"allow", &set.allow_}}) {
    if (Status status = set.AddPermissions(permissions[name], std::string("permissions.") + name, *to); !status.ok()) {
      return status;
    }
  }
  return set;
}

Status RuleSet::AddRule(JsonView json, const std::string& place) {
  Rule rule;
  rule.place = place;
  rule.tool = json["tool"].AsString("*");
  rule.agent = json["agent"].AsString();
  rule.agent_template = json["template"].AsString();
  rule.reason = json["reason"].AsString();
  const Result<Verdict> verdict = ParseVerdict(json["do"].AsString(), place + ".do");
  if (!verdict.ok()) {
    return verdict.status();
  }
  rule.verdict = *verdict;
  Status status;
  json["arguments"].ForEachMember([&](std::string_view name, JsonView pattern) {
    Result<ArgumentPattern> parsed = ArgumentPattern::Parse(name, pattern, around_.home);
    if (parsed.ok()) {
      rule.arguments.push_back(std::move(*parsed));
    } else if (status.ok()) {
      status = Status::InvalidArgument(place + ".arguments." + std::string(name) + ": " +
                                       std::string(parsed.status().message()));
    }
  });
  if (!status.ok()) {
    return status;
  }
  if (IsPlainName(rule.tool)) {
    tool_names_.emplace_back(rule.tool, place);
  }
  rules_.push_back(std::move(rule));
  return {};
}

Status RuleSet::AddPermissions(JsonView texts, const std::string& place, std::vector<Permission>& to) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string here = place + "[" + std::to_string(i) + "]";
    const std::string_view text = texts[i].AsString();
    Result<PermissionRule> rule = PermissionRule::Parse(text, around_);
    if (!rule.ok()) {
      return Status::InvalidArgument(here + ": " + std::string(rule.status().message()));
    }
    if (text.find('(') == std::string_view::npos && IsPlainName(text) && text.substr(0, 5) != "mcp__") {
      tool_names_.emplace_back(text, here);
    }
    to.push_back({here, std::move(*rule)});
  }
  return {};
}

bool RuleSet::IsAbout(const Rule& rule, const ToolCall& call, const Caller& caller) {
  return MatchesName(rule.tool, call.tool()) &&
         (rule.agent.empty() || MatchesName(rule.agent, caller.agent) || MatchesName(rule.agent, caller.agent_name)) &&
         (rule.agent_template.empty() || MatchesName(rule.agent_template, caller.agent_template));
}

bool RuleSet::HasShellLimits() const {
  const auto is_shell = [](const Permission& each) { return each.rule.is_shell(); };
  return std::any_of(deny_.begin(), deny_.end(), is_shell) || std::any_of(ask_.begin(), ask_.end(), is_shell) ||
         std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) {
           return rule.verdict != Verdict::kAllow && MatchesName(rule.tool, "Bash");
         });
}

Decision RuleSet::Decide(const ToolCall& call, const Caller& caller) const {
  for (const Permission& each : deny_) {
    if (each.rule.Catches(call)) {
      return {Verdict::kDeny, Because("", each.place + " (" + each.rule.text() + ")"), each.place};
    }
  }
  Cover cover(call);
  for (const Rule& rule : rules_) {
    if (!IsAbout(rule, call, caller)) {
      continue;
    }
    if (rule.verdict != Verdict::kAllow) {
      if (std::all_of(rule.arguments.begin(), rule.arguments.end(),
                      [&](const ArgumentPattern& each) { return each.Catches(call); })) {
        return {rule.verdict, Because(rule.reason, rule.place), rule.place};
      }
      continue;
    }
    if (rule.arguments.empty()) {
      return {Verdict::kAllow, "", rule.place};
    }
    cover.Add([&](std::size_t index) {
      return std::all_of(rule.arguments.begin(), rule.arguments.end(),
                         [&](const ArgumentPattern& each) { return each.Covers(call, index); });
    });
    if (cover.is_whole()) {
      return {Verdict::kAllow, "", rule.place};
    }
  }
  if (call.is_unreadable() && HasShellLimits()) {
    return {Verdict::kAsk, "the command is too long or too deeply nested to be checked", "unreadable"};
  }
  for (const Permission& each : ask_) {
    if (each.rule.Catches(call)) {
      return {Verdict::kAsk, Because("", each.place + " (" + each.rule.text() + ")"), each.place};
    }
  }
  for (const Permission& each : allow_) {
    cover.Add([&](std::size_t index) { return each.rule.Covers(call, index); });
    if (cover.is_whole() || each.rule.IsLine(call)) {
      return {Verdict::kAllow, "", each.place};
    }
  }
  return {default_,
          default_ == Verdict::kAllow ? "" : "no rule of this server's operator allows it, and the default is not to",
          "default"};
}

}  // namespace tutti::approvals
