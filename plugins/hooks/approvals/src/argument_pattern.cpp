#include "argument_pattern.h"

#include <re2/re2.h>

#include <algorithm>

#include "plain_path.h"
#include "tutti/sdk/nearest.hpp"
#include "wildcard.h"

namespace tutti::approvals {
namespace {

std::vector<std::string> PathOf(std::string_view argument) {
  if (argument.empty() || argument.front() != '/') {
    return {std::string(argument)};
  }
  std::vector<std::string> path;
  for (std::size_t at = 0; at < argument.size();) {
    const std::size_t end = std::min(argument.find('/', at + 1), argument.size());
    std::string name;
    for (std::size_t i = at + 1; i < end; ++i) {
      if (argument[i] == '~' && i + 1 < end) {
        ++i;
        name += argument[i] == '1' ? '/' : '~';
      } else {
        name += argument[i];
      }
    }
    path.push_back(std::move(name));
    at = end;
  }
  return path;
}

}  // namespace

Result<ArgumentPattern> ArgumentPattern::Parse(std::string_view argument, JsonView pattern, std::string_view home) {
  ArgumentPattern made;
  made.path_ = PathOf(argument);
  made.home_ = home;
  if (made.path_.empty() || made.path_.front().empty()) {
    return Status::InvalidArgument("expected an argument's name or a pointer such as /edits/0/text, found \"" +
                                   std::string(argument) + "\"");
  }
  std::string kind = "glob";
  JsonView value = pattern;
  if (pattern.is_object() && pattern.size() == 1) {
    pattern.ForEachMember([&](std::string_view name, JsonView of) {
      kind = name;
      value = of;
    });
  }
  if (!value.is_string()) {
    return Status::InvalidArgument("expected a text, or an object with one of glob, prefix, equals and regex, found " +
                                   pattern.Dump());
  }
  made.text_ = value.AsString();
  const std::vector<std::string> kinds = {"glob", "prefix", "equals", "regex"};
  const auto found = std::find(kinds.begin(), kinds.end(), kind);
  if (found == kinds.end()) {
    return Status::InvalidArgument("expected one of glob, prefix, equals and regex, found \"" + kind + "\"" +
                                   DidYouMean(kind, kinds));
  }
  made.kind_ = static_cast<Kind>(found - kinds.begin());
  if (made.kind_ == Kind::kRegex) {
    RE2::Options options;
    options.set_log_errors(false);
    made.regex_ = std::make_shared<const RE2>(made.text_, options);
    if (!made.regex_->ok()) {
      return Status::InvalidArgument("expected an RE2 pattern, found \"" + made.text_ + "\": " + made.regex_->error());
    }
  }
  return made;
}

JsonView ArgumentPattern::Find(JsonView input) const {
  JsonView at = input;
  for (const std::string& name : path_) {
    const bool is_index = at.is_array() && !name.empty() && name.size() < 7 &&
                          std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    at = is_index ? at[std::stoul(name)] : at[std::string_view(name)];
  }
  return at;
}

bool ArgumentPattern::Matches(std::string_view text) const {
  switch (kind_) {
    case Kind::kStars:
      return MatchesStars(text_, text);
    case Kind::kPrefix:
      return text.substr(0, text_.size()) == text_;
    case Kind::kEquals:
      return text == text_;
    case Kind::kRegex:
      return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
  }
  return false;
}

bool ArgumentPattern::Catches(const ToolCall& call) const {
  if (call.is_shell() && is_command()) {
    return std::any_of(call.spellings().begin(), call.spellings().end(),
                       [&](const std::string& text) { return Matches(text); });
  }
  const JsonView value = Find(call.input());
  if (!value) {
    return false;
  }
  const std::string text = value.is_string() ? std::string(value.AsString()) : value.Dump();
  return Matches(text) || Matches(shell::PlainPath(text, home_)) ||
         (!call.written_path().empty() && value.is_string() && path_.size() == 1 &&
          (path_.front() == "file_path" || path_.front() == "path" || path_.front() == "notebook_path") &&
          (Matches(call.written_path()) || Matches(call.real_path())));
}

bool ArgumentPattern::Covers(const ToolCall& call, std::size_t index) const {
  if (call.is_shell() && is_command()) {
    if (!call.commands() || index >= call.commands()->size()) {
      return kind_ == Kind::kEquals && call.line() == text_;
    }
    const std::string& command = (*call.commands())[index];
    // "git status" as a prefix is not the beginning of "git status-all".
    const bool ends_there =
        command.size() <= text_.size() || (!text_.empty() && text_.back() == ' ') || command[text_.size()] == ' ';
    return Matches(command) && (kind_ != Kind::kPrefix || ends_there);
  }
  const JsonView value = Find(call.input());
  if (!value) {
    return false;
  }
  const std::string text = value.is_string() ? std::string(value.AsString()) : value.Dump();
  // A path leads where it says, or it is not covered.
  return Matches(text) && Matches(shell::PlainPath(text, home_));
}

}  // namespace tutti::approvals
