#include "host/cli/env_file.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace tutti::host {
namespace {

constexpr std::uintmax_t kMostBytes = 1U << 20U;

struct UnusedSetting {
  std::string_view name;
  std::string_view instead;
};

constexpr UnusedSetting kUnused[] = {
    {"AGENT_SYSTEM_PROMPT_TEMPLATE_PATH", "write a template into .claude/agents"},
    {"DATABASE_MAX_OVERFLOW", "set DATABASE_POOL_SIZE, which is the whole pool"},
    {"DEFAULT_WORKING_DIR", "set ORCHESTRATOR_WORKING_DIR"},
    {"WEBSOCKET_URL", "it follows from BACKEND_HOST and BACKEND_PORT"},
};

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool IsName(std::string_view name) {
  bool is_name = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
  for (const char c : name) {
    is_name = is_name && (c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
  }
  return is_name;
}

char Unescaped(char c) {
  return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

// `text` begins with its quote. nullopt: it is not closed, or something other than a comment follows.
std::optional<std::string> Quoted(std::string_view text) {
  const char quote = text.front();
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    const bool is_escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                           std::string_view("nt\"\\$").find(text[i + 1]) != std::string_view::npos;
    value += is_escape ? Unescaped(text[++i]) : text[i];
  }
  const std::string_view rest = i < text.size() ? Trimmed(text.substr(i + 1)) : std::string_view("?");
  if (!rest.empty() && rest.front() != '#') {
    return std::nullopt;
  }
  return value;
}

std::string Plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || IsBlank(text[i - 1]))) {
      text = text.substr(0, i);
    }
  }
  return std::string(Trimmed(text));
}

// No part of the line is repeated in the error: it may be a key.
std::string_view AddLine(std::string_view line, Variables& variables) {
  constexpr std::string_view kExport = "export ";
  if (line.starts_with(kExport)) {
    line = Trimmed(line.substr(kExport.size()));
  }
  const std::size_t equals = line.find('=');
  const std::string_view name = Trimmed(line.substr(0, equals));
  if (equals == std::string_view::npos || !IsName(name)) {
    return "expected NAME=value, where a name has letters, digits and '_'";
  }
  const std::string_view value = Trimmed(line.substr(equals + 1));
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) {
    variables[std::string(name)] = Plain(value);
    return {};
  }
  std::optional<std::string> quoted = Quoted(value);
  if (!quoted) {
    return "expected a value that ends with the quote it begins with";
  }
  variables[std::string(name)] = std::move(*quoted);
  return {};
}

}  // namespace

Result<Variables> ParseEnvFile(std::string_view text, const std::string& file) {
  Variables variables;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = Trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (const std::string_view problem = AddLine(line, variables); !problem.empty()) {
      return Status::InvalidArgument(file + ":" + std::to_string(number) + ": " + std::string(problem));
    }
  }
  return variables;
}

Result<Variables> ReadEnvFile(const std::string& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error == std::errc::no_such_file_or_directory) {
    return Variables();
  }
  if (error || size > kMostBytes) {
    return Status::InvalidArgument(error ? "cannot read " + file + ": " + error.message()
                                         : file + " has " + std::to_string(size) + " bytes; it may have 1 MiB");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return Status::InvalidArgument("cannot read " + file + "; give the server's user the right to, or remove it");
  }
  return ParseEnvFile(text.str(), file);
}

Status RefuseUnusedSettings(const Variables& variables) {
  std::string problems;
  for (const UnusedSetting& setting : kUnused) {
    if (const auto found = variables.find(setting.name); found != variables.end() && !found->second.empty()) {
      problems += (problems.empty() ? "" : "\n") + std::string(setting.name) +
                  " is set and has no effect: " + std::string(setting.instead) + ", and unset it";
    }
  }
  return problems.empty() ? Status() : Status::FailedPrecondition(problems);
}

}  // namespace tutti::host
