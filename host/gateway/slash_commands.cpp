#include "host/gateway/slash_commands.h"

#include <algorithm>
#include <optional>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view SkipBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

std::string_view TrimBlanks(std::string_view text) {
  text = SkipBlanks(text);
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Takes one word off the front of `text`. Empty: a quote is not closed.
std::optional<std::string> TakeWord(std::string_view& text) {
  std::string word;
  char quote = 0;
  std::size_t i = 0;
  for (; i < text.size() && (quote != 0 || !IsBlank(text[i])); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == '"' && c == '\\' && i + 1 < text.size()) {
      word.push_back(text[++i]);
    } else {
      word.push_back(c);
    }
  }
  if (quote != 0) {
    return std::nullopt;
  }
  text = SkipBlanks(text.substr(i));
  return word;
}

// The schema's property an argument of a usage stands for: the same letters, whatever the case.
std::string PropertyOf(const ArgumentTypes& types, std::string_view argument) {
  std::string name(argument);
  std::replace(name.begin(), name.end(), '-', '_');
  for (const ArgumentTypes::Property& property : types.properties()) {
    if (EqualsIgnoreCase(property.name, name)) {
      return property.name;
    }
  }
  return name;
}

}  // namespace

SlashCommands::SlashCommands(const RoutingTable& table) {
  // Those that are served come first: a usage goes to the first that has it.
  for (const auto* routes : {&table.commands(), &table.quarantined()}) {
    for (const auto& route : *routes) {
      if (!route->definition.on_slash) {
        continue;
      }
      by_name_.emplace(route->definition.name, route.get());
      names_.push_back("/" + route->definition.name);
      if (!route->definition.slash_usage.empty()) {
        AddUsage(*route);
      }
    }
  }
}

void SlashCommands::AddUsage(const CommandRoute& route) {
  std::string_view usage = TrimBlanks(route.definition.slash_usage);
  const auto next = [&usage] {
    const std::size_t end = std::min(usage.find(' '), usage.size());
    const std::string_view word = usage.substr(0, end);
    usage = SkipBlanks(usage.substr(end));
    return word;
  };
  std::string_view name = next();
  if (!name.empty() && name.front() == '/') {
    name.remove_prefix(1);
  }
  const ArgumentTypes types(route.definition.input);
  Form form{&route, {}};
  while (!usage.empty()) {
    std::string_view word = next();
    const auto strip = [&word](char open, char close) {
      if (word.size() > 2 && word.front() == open && word.back() == close) {
        word = word.substr(1, word.size() - 2);
      }
    };
    strip('[', ']');
    strip('<', '>');
    const bool takes_rest = word.size() > 3 && word.substr(word.size() - 3) == "...";
    form.arguments.push_back({PropertyOf(types, takes_rest ? word.substr(0, word.size() - 3) : word), takes_rest});
  }
  if (by_usage_.emplace(std::string(name), std::move(form)).second) {
    names_.push_back("/" + std::string(name));
  }
}

Result<SlashCall> SlashCommands::Parse(std::string_view text) const {
  text = TrimBlanks(text);
  if (text.size() < 2 || text.front() != '/') {
    return Status::InvalidArgument("expected a slash command such as '/name words', found text without a leading '/'");
  }
  const auto blank = std::find_if(text.begin(), text.end(), IsBlank);
  const auto name_size = static_cast<std::size_t>(blank - text.begin());
  const std::string_view name = text.substr(1, name_size - 1);
  const std::string_view rest = SkipBlanks(text.substr(name_size));
  if (const auto form = by_usage_.find(name); form != by_usage_.end()) {
    return FromWords(form->second, rest);
  }
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    const std::string wanted = "/" + std::string(name);
    return Status::NotFound("there is no slash command '" + wanted + "'" + DidYouMean(wanted, names_));
  }
  return SlashCall{found->second, std::string(rest)};
}

Result<SlashCall> SlashCommands::FromWords(const Form& form, std::string_view rest) const {
  const CommandDefinition& definition = form.route->definition;
  const auto wrong = [&](const std::string& what) {
    return Status::InvalidArgument(what + "; expected " + definition.slash_usage);
  };
  const ArgumentTypes types(definition.input);
  PathCaptures words;
  for (const Argument& argument : form.arguments) {
    const ArgumentTypes::Property* property = types.Find(argument.property);
    const bool is_list = argument.takes_rest && property != nullptr && property->is_array;
    if (argument.takes_rest && !is_list && !rest.empty()) {
      words.emplace_back(argument.property, std::string(rest));
      rest = {};
    }
    for (bool more = true; more && !rest.empty(); more = is_list) {
      std::optional<std::string> word = TakeWord(rest);
      if (!word) {
        return wrong("a quote in the arguments is not closed");
      }
      words.emplace_back(argument.property, std::move(*word));
    }
  }
  if (!rest.empty()) {
    return wrong("found words beyond the last argument: '" + std::string(rest) + "'");
  }
  Result<std::string> args = WordArguments(types, words);
  if (!args.ok()) {
    return args.status();
  }
  return SlashCall{form.route, std::move(*args)};
}

}  // namespace tutti::host
