#include "lasting_rules.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>

#include "tutti/sdk/json.hpp"

namespace tutti::approvals {
namespace {

constexpr std::size_t kLongestPattern = 4096;

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool IsPlainWord(std::string_view word) {
  return !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == ':';
  });
}

// How many words of a command say what it does; 0: only the whole line does. A command such as "git config" can make
// other commands do anything.
std::size_t TellingWords(const std::vector<std::string_view>& words) {
  constexpr std::string_view kTools[] = {"git", "npm", "pnpm", "yarn", "cargo", "go", "make", "ctest", "mvn", "dotnet"};
  constexpr std::string_view kOpen[] = {"config", "exec", "dlx",  "submodule", "filter-branch", "bisect", "rebase",
                                        "run",    "x",    "tool", "generate",  "install",       "i",      "add"};
  if (words.size() < 2 || std::find(std::begin(kTools), std::end(kTools), words[0]) == std::end(kTools) ||
      !IsPlainWord(words[1])) {
    return 0;
  }
  const bool is_script = words[1] == "run" && words.size() > 2 && IsPlainWord(words[2]) &&
                         (words[0] == "npm" || words[0] == "pnpm" || words[0] == "yarn");
  if (is_script) {
    return 3;
  }
  return std::find(std::begin(kOpen), std::end(kOpen), words[1]) == std::end(kOpen) ? 2 : 0;
}

Always Exactly(const ToolCall& call, const std::string& pattern) {
  return {call.tool() + ": " + pattern, "exact", call.tool(), pattern};
}

Always ByRule(const ToolCall& call, const std::string& rule) {
  return {rule, "rule", call.tool(), rule};
}

}  // namespace

std::string Always::ToJson() const {
  return JsonObject()("text", text)("form", form)("tool", tool)("pattern", pattern).Take();
}

std::optional<Always> AlwaysFor(const ToolCall& call) {
  if (call.is_shell()) {
    if (call.is_unreadable() || call.line().empty() || call.line().size() > kLongestPattern) {
      return std::nullopt;
    }
    if (call.commands() && call.commands()->size() == 1 && call.commands()->front() == call.line()) {
      const std::vector<std::string_view> words = Words(call.commands()->front());
      if (const std::size_t count = TellingWords(words); count > 0) {
        std::string prefix;
        for (std::size_t i = 0; i < count; ++i) {
          prefix += (i > 0 ? " " : "") + std::string(words[i]);
        }
        return ByRule(call, "Bash(" + prefix + ":*)");
      }
    }
    return Exactly(call, call.line());
  }
  if (!call.real_path().empty()) {
    return call.real_path().size() > kLongestPattern ? std::nullopt
                                                     : std::optional<Always>(Exactly(call, call.real_path()));
  }
  if (call.tool() == "WebFetch") {
    return call.host() ? std::optional<Always>(ByRule(call, "WebFetch(domain:" + *call.host() + ")")) : std::nullopt;
  }
  return ByRule(call, call.tool());
}

std::vector<std::string> LastingRules::Set(const std::vector<Stored>& rules, const Surroundings& around) {
  auto next = std::make_shared<Rules>();
  std::vector<std::string> unreadable;
  for (const Stored& stored : rules) {
    Rule rule{stored, std::nullopt};
    if (stored.form != "exact") {
      Result<PermissionRule> permission = PermissionRule::Parse(stored.pattern, around);
      if (!permission.ok()) {
        unreadable.push_back(stored.id);
        continue;
      }
      rule.permission = std::move(*permission);
    }
    next->push_back(std::move(rule));
  }
  const std::lock_guard lock(mutex_);
  rules_ = std::move(next);
  return unreadable;
}

bool LastingRules::IsExactly(const Stored& rule, const ToolCall& call) {
  if (rule.form != "exact" || rule.tool != call.tool()) {
    return false;
  }
  return call.is_shell() ? call.line() == rule.pattern : !rule.pattern.empty() && call.real_path() == rule.pattern;
}

Decision LastingRules::Decide(const RuleSet& set, const ToolCall& call, const Caller& caller) const {
  Decision decision = set.Decide(call, caller);
  if (decision.verdict != Verdict::kAsk) {
    return decision;
  }
  std::shared_ptr<const Rules> rules;
  {
    const std::lock_guard lock(mutex_);
    rules = rules_;
  }
  const auto any = [&](auto matches) { return std::any_of(rules->begin(), rules->end(), matches); };
  if (any([&](const Rule& each) { return IsExactly(each.stored, call); })) {
    return {Verdict::kAllow, "", "always"};
  }
  const auto covers = [&](std::size_t index) {
    return any([&](const Rule& each) { return each.permission && each.permission->Covers(call, index); });
  };
  if (!call.is_shell()) {
    return covers(0) ? Decision{Verdict::kAllow, "", "always"} : decision;
  }
  if (!call.commands()) {
    return decision;
  }
  for (std::size_t i = 0; i < call.commands()->size(); ++i) {
    if (covers(i)) {
      continue;
    }
    // A part that nobody would have asked about alone.
    const Result<Json> input = Json::Parse(JsonObject()("command", (*call.commands())[i]).Take());
    const ToolCall alone("Bash", input->view(), set.around());
    const bool is_known = any([&](const Rule& each) { return IsExactly(each.stored, alone); });
    if (!is_known && set.Decide(alone, caller).verdict != Verdict::kAllow) {
      return decision;
    }
  }
  return {Verdict::kAllow, "", "always"};
}

}  // namespace tutti::approvals
