#include "policy.h"

#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "plain_path.h"
#include "shell_reading.h"

namespace tutti::guard {
namespace {

constexpr std::string_view kCommandArgument = "command";

bool IsFound(const re2::RE2& pattern, const std::string& text) {
  return RE2::PartialMatch(text, pattern);
}

}  // namespace

Result<Policy::Rule> Policy::ParseRule(JsonView json, std::size_t number) {
  const std::string where = "rule " + std::to_string(number);
  const std::string_view action = json["action"].AsString();
  if (action != "allow" && action != "deny") {
    return Status::InvalidArgument(where + ": expected action to be \"allow\" or \"deny\", found \"" +
                                   std::string(action) + "\"");
  }
  Rule rule;
  rule.is_allow = action == "allow";
  rule.tool = json["tool"].AsString("*");
  rule.argument = json["argument"].AsString();
  rule.reason = json["reason"].AsString();
  const std::string_view pattern = json["pattern"].AsString();
  if (pattern.empty() != rule.argument.empty()) {
    return Status::InvalidArgument(where + ": expected argument and pattern together, found one of them");
  }
  if (!pattern.empty()) {
    RE2::Options options;
    options.set_log_errors(false);
    rule.pattern = std::make_shared<const RE2>(pattern, options);
    if (!rule.pattern->ok()) {
      return Status::InvalidArgument(where + ": expected an RE2 pattern, found \"" + std::string(pattern) +
                                     "\": " + rule.pattern->error());
    }
  }
  return rule;
}

Result<Policy> Policy::Parse(JsonView rules, std::string_view default_action, Options options) {
  Policy policy;
  policy.options_ = std::move(options);
  if (default_action != "allow" && default_action != "deny") {
    return Status::InvalidArgument("expected default to be \"allow\" or \"deny\", found \"" +
                                   std::string(default_action) + "\"");
  }
  policy.is_default_allow_ = default_action == "allow";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    Result<Rule> rule = ParseRule(rules[i], i + 1);
    if (!rule) {
      return rule.status();
    }
    policy.rules_.push_back(std::move(*rule));
  }
  return policy;
}

Decision Policy::Decide(std::string_view tool, JsonView input) const {
  const std::string name(tool);
  const std::string_view command = input[kCommandArgument].AsString();
  if (command.size() > options_.max_command_bytes) {
    return {false, "The command is longer than " + std::to_string(options_.max_command_bytes) +
                       " bytes, too long to be checked. Write it to a file with the Write tool first."};
  }
  if (!command.empty()) {
    const shell::ShellReading reading = shell::ReadShell(command, options_.home);
    if (reading.forks_itself) {
      return {false, "The command defines a function that starts itself without end (a fork bomb)."};
    }
    if (!reading.is_complete) {
      return {false, "The command is nested too deeply to be checked. Split it into simpler commands."};
    }
  }
  std::map<std::string, Texts> read;
  for (const Rule& rule : rules_) {
    if (::fnmatch(rule.tool.c_str(), name.c_str(), FNM_EXTMATCH) != 0 || !Matches(rule, input, &read)) {
      continue;
    }
    if (rule.is_allow) {
      return {};
    }
    return {false, rule.reason.empty() ? "The policy of this server denies this call of " + name + "." : rule.reason};
  }
  if (is_default_allow_) {
    return {};
  }
  return {false,
          "The policy of this server allows listed calls only, and this call of " + name + " is not among them."};
}

bool Policy::Matches(const Rule& rule, JsonView input, std::map<std::string, Texts>* read) const {
  if (rule.pattern == nullptr) {
    return true;
  }
  const auto [entry, is_new] = read->try_emplace(rule.argument);
  Texts& texts = entry->second;
  if (is_new && rule.argument == "*") {
    Collect("", input, &texts);
  } else if (is_new) {
    Collect(rule.argument, input[rule.argument], &texts);
  }
  const auto is_found = [&](const std::string& text) { return IsFound(*rule.pattern, text); };
  if (rule.is_allow) {
    return !texts.all.empty() && std::all_of(texts.all.begin(), texts.all.end(), is_found);
  }
  return std::any_of(texts.any.begin(), texts.any.end(), is_found);
}

void Policy::Collect(std::string_view name, JsonView value, Texts* texts) const {
  if (value.is_object()) {
    value.ForEachMember([&](std::string_view key, JsonView member) { Collect(key, member, texts); });
    return;
  }
  if (value.is_array()) {
    value.ForEach([&](JsonView item) { Collect(name, item, texts); });
    return;
  }
  if (!value.is_string()) {
    return;
  }
  const std::string text(value.AsString());
  if (name != kCommandArgument) {
    texts->any.push_back(shell::PlainPath(text, options_.home));
    texts->all.push_back(texts->any.back());
    return;
  }
  shell::ShellReading reading = shell::ReadShell(text, options_.home);
  texts->all.insert(texts->all.end(), reading.commands.begin(), reading.commands.end());
  texts->any.insert(texts->any.end(), std::make_move_iterator(reading.commands.begin()),
                    std::make_move_iterator(reading.commands.end()));
  texts->any.insert(texts->any.end(), std::make_move_iterator(reading.pipelines.begin()),
                    std::make_move_iterator(reading.pipelines.end()));
}

}  // namespace tutti::guard
