#include "plain_commands.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace tutti::shell {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxCommands = 1024;

bool IsNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool IsName(char c) {
  return IsNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Signs that mean nothing to a shell within a word.
bool IsHarmless(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80U ||
         std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
}

std::string Quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>* commands) : text_(text), commands_(*commands) {}

  // Commands up to the end, or up to the ')' that closes a substitution. false: not plain.
  bool List(bool is_nested, int depth) {
    if (depth > kMaxDepth) {
      return false;
    }
    Command command;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t') {
        EndWord(command);
        ++at_;
      } else if (c == '#' && !command.has_word) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ')') {
        ++at_;
        return is_nested && EndCommand(command);
      } else if (c == '&' || c == '|' || c == ';' || c == '\n') {
        if (!Operator(command)) {
          return false;
        }
      } else if (c == '>' || c == '<') {
        if (!Redirection(command)) {
          return false;
        }
      } else if (!WordPart(command, depth)) {
        return false;
      }
    }
    return !is_nested && EndCommand(command);
  }

 private:
  struct Command {
    std::string text;
    std::string word;
    bool has_word = false;
    bool is_bare = true;       // nothing of the word is quoted
    bool is_variable = false;  // a "$NAME" or "$(...)" is in the word
    bool has_words = false;
  };

  char Next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  // An operator inside a word that looks like one, such as ">|" or ";;", is not plain.
  bool Operator(Command& command) {
    const char c = text_[at_];
    if (c == '&' && Next() == '>') {
      EndWord(command);
      ++at_;
      return Redirection(command);
    }
    at_ += (c == '&' || c == '|') && Next() == c ? 2 : c == '|' && Next() == '&' ? 2 : 1;
    return !(c == ';' && at_ < text_.size() && text_[at_] == ';') && EndCommand(command);
  }

  // Those that write nothing.
  bool Redirection(Command& command) {
    const bool is_number =
        command.has_word && command.is_bare &&
        std::all_of(command.word.begin(), command.word.end(), [](unsigned char d) { return std::isdigit(d) != 0; });
    if (is_number) {
      command.word.clear();
      command.has_word = false;
    }
    EndWord(command);
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view plain :
         {">&1", ">&2", ">/dev/null", "> /dev/null", ">>/dev/null", "</dev/null", "< /dev/null"}) {
      if (rest.substr(0, plain.size()) == plain &&
          (rest.size() == plain.size() ||
           std::string_view(" \t\n;&|)").find(rest[plain.size()]) != std::string_view::npos)) {
        at_ += plain.size();
        return true;
      }
    }
    return false;
  }

  bool WordPart(Command& command, int depth) {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f || c == '(' || c == '`') {
      return false;
    }
    command.has_word = true;
    if (c == '\'') {
      const std::size_t end = text_.find('\'', at_ + 1);
      if (end == std::string_view::npos) {
        return false;
      }
      command.word += text_.substr(at_ + 1, end - at_ - 1);
      command.is_bare = false;
      at_ = end + 1;
      return true;
    }
    if (c == '"') {
      return DoubleQuoted(command, depth);
    }
    if (c == '\\') {
      if (at_ + 1 >= text_.size() || static_cast<unsigned char>(Next()) < 0x20U) {
        return false;
      }
      command.word += Next();
      command.is_bare = false;
      at_ += 2;
      return true;
    }
    if (c == '$') {
      return Dollar(command, depth);
    }
    command.word += c;
    ++at_;
    return true;
  }

  bool DoubleQuoted(Command& command, int depth) {
    command.is_bare = false;
    for (++at_; at_ < text_.size() && text_[at_] != '"';) {
      const char c = text_[at_];
      if (c == '`' || c == '\0') {
        return false;
      }
      if (c == '$') {
        if (!Dollar(command, depth)) {
          return false;
        }
      } else if (c == '\\') {
        if (at_ + 1 >= text_.size() || Next() == '\n') {
          return false;
        }
        if (std::string_view("$`\"\\").find(Next()) == std::string_view::npos) {
          command.word += c;
        }
        command.word += Next();
        at_ += 2;
      } else {
        command.word += c;
        ++at_;
      }
    }
    return at_++ < text_.size();
  }

  bool Dollar(Command& command, int depth) {
    const char next = Next();
    if (next == '(') {
      if (at_ + 2 < text_.size() && text_[at_ + 2] == '(') {
        return false;
      }
      at_ += 2;
      command.is_variable = true;
      command.word += "$(...)";
      return List(true, depth + 1);
    }
    if (IsNameStart(next)) {
      const std::size_t begin = at_++;
      while (at_ < text_.size() && IsName(text_[at_])) {
        ++at_;
      }
      command.is_variable = true;
      command.word += text_.substr(begin, at_ - begin);
      return true;
    }
    const bool is_literal = next == ' ' || next == '\0' || next == '.' || next == '/' || next == ',' || next == ':';
    if (is_literal) {
      command.word += '$';
      ++at_;
    }
    return is_literal;
  }

  void EndWord(Command& command) {
    if (!command.has_word) {
      return;
    }
    // What runs is known, or it is not plain.
    is_known_ = is_known_ && (command.has_words || !command.is_variable);
    const bool is_harmless = std::all_of(command.word.begin(), command.word.end(), &IsHarmless);
    const bool as_written = !command.word.empty() && (is_harmless || command.is_bare);
    command.text += (command.has_words ? " " : "") + (as_written ? command.word : Quoted(command.word));
    command.has_words = true;
    command.word.clear();
    command.has_word = command.is_variable = false;
    command.is_bare = true;
  }

  bool EndCommand(Command& command) {
    EndWord(command);
    if (command.has_words) {
      commands_.push_back(std::move(command.text));
    }
    command = Command();
    return is_known_ && commands_.size() <= kMaxCommands;
  }

  const std::string_view text_;
  std::vector<std::string>& commands_;
  std::size_t at_ = 0;
  bool is_known_ = true;
};

}  // namespace

std::optional<std::vector<std::string>> PlainCommands(std::string_view line) {
  std::vector<std::string> commands;
  if (!Parser(line, &commands).List(false, 0) || commands.empty()) {
    return std::nullopt;
  }
  return commands;
}

}  // namespace tutti::shell
