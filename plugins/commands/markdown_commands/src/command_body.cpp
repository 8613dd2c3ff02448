#include "command_body.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "front_matter.h"

namespace tutti::markdown_commands {
namespace {

constexpr std::string_view kEverything = "$ARGUMENTS";
constexpr std::string_view kSession = "${CLAUDE_SESSION_ID}";
constexpr std::string_view kDirectory = "${CLAUDE_SKILL_DIR}";
constexpr std::string_view kFence = "```";
constexpr std::string_view kShellFence = "```!";
constexpr std::string_view kShellQuote = "!`";

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool EndsAt(std::string_view text, std::size_t at) {
  return at >= text.size() || !IsWord(text[at]);
}

// Digits from `at` on; how many there are.
std::size_t ReadIndex(std::string_view text, std::size_t at, std::size_t& index) {
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), index);
  return error == std::errc() ? static_cast<std::size_t>(end - begin) : 0;
}

// A shell command in the text.
struct Shell {
  std::size_t begin = std::string_view::npos;  // of all of it
  std::size_t end = 0;
  std::string_view command;
};

bool StartsLine(std::string_view text, std::size_t at) {
  return at == 0 || text[at - 1] == '\n';
}

bool MayStartShell(std::string_view text, std::size_t at) {
  return at == 0 || std::isspace(static_cast<unsigned char>(text[at - 1])) != 0;
}

// The block whose opening line begins at `at`; not found when it is no such line or does not end.
Shell BlockAt(std::string_view text, std::size_t at) {
  std::size_t next = at;
  if (documents::Trimmed(documents::NextLine(text, next)) != kShellFence) {
    return {};
  }
  const std::size_t begin = next;
  while (next < text.size()) {
    const std::size_t line = next;
    const std::string_view content = documents::NextLine(text, next);
    if (documents::Trimmed(content) == kFence) {
      return {at, line + content.size(), text.substr(begin, line - begin)};
    }
  }
  return {};
}

Shell QuoteAt(std::string_view text, std::size_t at) {
  const std::size_t begin = at + kShellQuote.size();
  const std::size_t end = text.find_first_of("`\n", begin);
  if (end == std::string_view::npos || text[end] != '`' || end == begin) {
    return {};
  }
  return {at, end + 1, text.substr(begin, end - begin)};
}

Shell NextShell(std::string_view text, std::size_t from) {
  // When one block does not end, none behind it does.
  bool may_be_block = true;
  for (std::size_t i = from; i < text.size(); ++i) {
    Shell found;
    if (may_be_block && StartsLine(text, i) &&
        documents::Trimmed(text.substr(i, text.find('\n', i) - i)) == kShellFence) {
      found = BlockAt(text, i);
      may_be_block = found.begin != std::string_view::npos;
    } else if (text.substr(i, kShellQuote.size()) == kShellQuote && MayStartShell(text, i)) {
      found = QuoteAt(text, i);
    }
    if (found.begin != std::string_view::npos) {
      return found;
    }
  }
  return {};
}

}  // namespace

CommandBody::CommandBody(std::string_view text, const std::vector<std::string>& names) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Shell shell = NextShell(text, at);
    const std::size_t end = std::min(shell.begin, text.size());
    if (end > at) {
      parts_.push_back({false, Pieces(text.substr(at, end - at), names)});
    }
    if (shell.begin == std::string_view::npos) {
      break;
    }
    parts_.push_back({true, Pieces(shell.command, names)});
    at = shell.end;
  }
}

std::vector<CommandBody::Piece> CommandBody::Pieces(std::string_view text, const std::vector<std::string>& names) {
  std::vector<Piece> pieces;
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_escaped = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '$';
    Piece place = text[i] == '$' || is_escaped ? PlaceAt(text.substr(is_escaped ? i + 1 : i), names) : Piece{};
    if (place.text.empty()) {
      plain += text[i++];
      continue;
    }
    i += place.text.size() + (is_escaped ? 1 : 0);
    if (is_escaped) {
      plain += place.text;
      continue;
    }
    if (!plain.empty()) {
      pieces.push_back({Kind::kText, std::exchange(plain, {}), 0});
    }
    pieces.push_back(std::move(place));
  }
  if (!plain.empty()) {
    pieces.push_back({Kind::kText, std::move(plain), 0});
  }
  return pieces;
}

// The place at the front of `text`, which begins with '$'; without text when there is none.
CommandBody::Piece CommandBody::PlaceAt(std::string_view text, const std::vector<std::string>& names) {
  if (text.starts_with(kSession)) {
    return {Kind::kSession, std::string(kSession), 0};
  }
  if (text.starts_with(kDirectory)) {
    return {Kind::kDirectory, std::string(kDirectory), 0};
  }
  std::size_t index = 0;
  if (text.starts_with(kEverything)) {
    const std::size_t after = kEverything.size();
    const std::size_t digits = text.substr(after).starts_with('[') ? ReadIndex(text, after + 1, index) : 0;
    if (digits > 0 && text.substr(after + 1 + digits).starts_with(']')) {
      return {Kind::kArgument, std::string(text.substr(0, after + digits + 2)), index};
    }
    if (EndsAt(text, after)) {
      return {Kind::kEverything, std::string(kEverything), 0};
    }
  }
  if (const std::size_t digits = ReadIndex(text, 1, index); digits > 0 && EndsAt(text, 1 + digits)) {
    return {Kind::kArgument, std::string(text.substr(0, 1 + digits)), index};
  }
  const std::string* longest = nullptr;
  for (const std::string& name : names) {
    if (text.substr(1).starts_with(name) && EndsAt(text, 1 + name.size()) &&
        (longest == nullptr || longest->size() < name.size())) {
      longest = &name;
    }
  }
  if (longest == nullptr || longest->empty()) {
    return {};
  }
  return {Kind::kArgument, "$" + *longest,
          static_cast<std::size_t>(std::find(names.begin(), names.end(), *longest) - names.begin())};
}

// nullptr: it stays as it is written.
const std::string* CommandBody::ValueOf(const Piece& piece, const Invocation& invocation, std::string& buffer) {
  switch (piece.kind) {
    case Kind::kText:
      return nullptr;
    case Kind::kEverything:
      buffer = invocation.typed;
      return &buffer;
    case Kind::kArgument:
      return piece.index < invocation.arguments.size() ? &invocation.arguments[piece.index] : nullptr;
    case Kind::kSession:
      buffer = invocation.session;
      return buffer.empty() ? nullptr : &buffer;
    case Kind::kDirectory:
      buffer = invocation.directory;
      return &buffer;
  }
  return nullptr;
}

Result<ExpandedBody> CommandBody::Expand(const Invocation& invocation, std::size_t most) const {
  ExpandedBody body;
  std::size_t size = 0;
  std::string buffer;
  for (const Part& part : parts_) {
    ExpandedPart expanded{part.is_shell, {}};
    for (const Piece& piece : part.pieces) {
      const std::string* value = ValueOf(piece, invocation, buffer);
      const std::string& text = value == nullptr ? piece.text : *value;
      size += text.size();
      if (size > most) {
        return Status::InvalidArgument("expected a text of at most " + std::to_string(most) +
                                       " bytes (max_text_bytes) once the arguments are filled in, found more");
      }
      expanded.text += text;
      body.used_arguments = body.used_arguments ||
                            (value != nullptr && (piece.kind == Kind::kEverything || piece.kind == Kind::kArgument));
    }
    body.parts.push_back(std::move(expanded));
  }
  return body;
}

}  // namespace tutti::markdown_commands
