#include "typed_command.h"

#include <algorithm>

namespace tutti::orchestrator {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool IsOfName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
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

}  // namespace

std::optional<TypedCommand> TypedCommand::Parse(std::string_view text) {
  text = Trimmed(text);
  if (text.size() < 2 || text.front() != '/') {
    return std::nullopt;
  }
  const std::string_view name = text.substr(1, std::find_if(text.begin(), text.end(), IsBlank) - text.begin() - 1);
  if (name.empty() || !std::all_of(name.begin(), name.end(), IsOfName)) {
    return std::nullopt;
  }
  return TypedCommand{std::string(name), std::string(Trimmed(text.substr(1 + name.size())))};
}

}  // namespace tutti::orchestrator
