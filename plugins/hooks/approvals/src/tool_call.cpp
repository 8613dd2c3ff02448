#include "tool_call.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "plain_commands.h"
#include "shell_reading.h"

namespace tutti::approvals {
namespace {

namespace fs = std::filesystem;

template <std::size_t N>
bool IsOneOf(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// Two readers of an address may disagree about an odd one, so it has no host here.
std::optional<std::string> HostOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme == 0) {
    return std::nullopt;
  }
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.size() > 1 && rest.front() != '[' && rest.find(':') != std::string_view::npos) {
    const std::string_view port = rest.substr(rest.find(':') + 1);
    if (!std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
      return std::nullopt;
    }
    rest = rest.substr(0, rest.find(':'));
  }
  if (!rest.empty() && rest.back() == '.') {
    rest.remove_suffix(1);
  }
  std::string host;
  for (const char c : rest) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0 && c != '.' && c != '-' && c != '_') {
      return std::nullopt;
    }
    host += static_cast<char>(std::tolower(byte));
  }
  return host.empty() ? std::nullopt : std::optional<std::string>(host);
}

}  // namespace

bool IsReadTool(std::string_view tool) {
  static constexpr std::string_view kTools[] = {"Read", "Grep", "Glob", "LS", "NotebookRead"};
  return IsOneOf(kTools, tool);
}

bool IsEditTool(std::string_view tool) {
  static constexpr std::string_view kTools[] = {"Edit", "Write", "MultiEdit", "NotebookEdit"};
  return IsOneOf(kTools, tool);
}

ToolCall::ToolCall(std::string_view tool, JsonView input, const Surroundings& around) : tool_(tool), input_(input) {
  if (tool_ == "Bash") {
    ReadLine(around);
  } else if (IsReadTool(tool_) || IsEditTool(tool_)) {
    ReadPath(around);
  } else if (tool_ == "WebFetch") {
    host_ = HostOf(input["url"].AsString());
  }
}

void ToolCall::ReadLine(const Surroundings& around) {
  is_shell_ = true;
  line_ = Trimmed(input_["command"].AsString());
  spellings_.push_back(line_);
  if (line_.size() > around.max_command_bytes) {
    is_unreadable_ = true;
    return;
  }
  shell::ShellReading reading = shell::ReadShell(line_, around.home);
  is_unreadable_ = !reading.is_complete || reading.forks_itself;
  commands_ = is_unreadable_ ? std::nullopt : shell::PlainCommands(line_);
  for (std::vector<std::string>* texts : {&reading.commands, &reading.pipelines}) {
    std::move(texts->begin(), texts->end(), std::back_inserter(spellings_));
  }
  if (commands_) {
    spellings_.insert(spellings_.end(), commands_->begin(), commands_->end());
  }
}

void ToolCall::ReadPath(const Surroundings& around) {
  std::string_view given = input_["file_path"].AsString();
  for (const char* name : {"notebook_path", "path"}) {
    given = given.empty() ? input_[name].AsString() : given;
  }
  fs::path path(given.empty() ? "." : std::string(given));
  if (given.substr(0, 2) == "~/" || given == "~") {
    path = fs::path(around.home) / std::string(given.substr(std::min<std::size_t>(2, given.size())));
  }
  path = path.is_absolute() ? path : fs::path(around.directory) / path;
  const auto plain = [](const fs::path& of) {
    std::string text = of.lexically_normal().string();
    if (text.size() > 1 && text.back() == '/') {
      text.pop_back();
    }
    return text;
  };
  written_path_ = plain(path);
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  real_path_ = error ? written_path_ : plain(real);
}

}  // namespace tutti::approvals
