#include "shell_reading.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "command_prefixes.h"
#include "plain_path.h"

namespace tutti::shell {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxTexts = 4096;
constexpr std::size_t kMaxBraceWords = 64;
constexpr std::size_t kMaxVariables = 256;
constexpr std::size_t kMaxValueBytes = 4096;
constexpr std::size_t kMaxWordBytes = 1 << 20;
constexpr std::size_t kMaxExpandedBytes = 1 << 20;

bool IsNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool IsName(char c) {
  return IsNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Position behind the ')' or '}' that closes what begins at `at`, quotes respected; text.size() when it stays open.
std::size_t FindClose(std::string_view text, std::size_t at, char open, char close) {
  int depth = 1;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++at;
    } else if (c == '\'') {
      at = std::min(text.find('\'', at + 1), text.size() - 1);
    } else if (c == open) {
      ++depth;
    } else if (c == close && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

// Quoted operators must not look like real ones in the text that rules see.
std::string Neutral(std::string_view word) {
  std::string out(word);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '|' || c == ';' || c == '&' || c == '\n' || c == '>'; }, ' ');
  return out;
}

struct HereDocument {
  std::string end;
  bool is_literal = false;
  bool strips_tabs = false;
};

class Reader {
 public:
  Reader(ShellReading* reading, std::string_view home) : reading_(*reading), home_(home) {}

  void Read(std::string_view text, int depth) {
    if (depth > kMaxDepth || reading_.commands.size() > kMaxTexts) {
      reading_.is_complete = false;
      return;
    }
    Script script{.text = text, .depth = depth};
    while (script.at < text.size()) {
      Step(script);
    }
    EndCommand(script, '\n');
    EndPipeline(script);
  }

 private:
  // One text being read.
  struct Script {
    std::string_view text;
    int depth = 0;
    std::size_t at = 0;
    std::string word = {};
    bool has_word = false;
    bool is_quoted = false;
    Words words = {};
    std::string pipeline = {};
    std::vector<HereDocument> documents = {};
    std::string function = {};             // named, its body not begun
    std::vector<std::string> braces = {};  // function whose body each open brace is, or ""
  };

  void Step(Script& s) {
    const char c = s.text[s.at];
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
        ++s.at;
        EndWord(s);
        return;
      case '\'':
        SingleQuoted(s);
        return;
      case '"':
        DoubleQuoted(s);
        return;
      case '\\':
        Escaped(s);
        return;
      case '$':
        Dollar(s, false);
        return;
      case '`':
        Backquoted(s);
        return;
      case '<':
      case '>':
        Redirection(s);
        return;
      case '#':
        if (!s.has_word) {
          s.at = std::min(s.text.find('\n', s.at), s.text.size());
          return;
        }
        break;
      case '&':
      case '|':
      case ';':
      case '\n':
      case '(':
      case ')':
        Operator(s);
        return;
      default:
        break;
    }
    Put(s, c);
    ++s.at;
  }

  static void Put(Script& s, char c) {
    s.word += c;
    s.has_word = true;
  }

  static void SingleQuoted(Script& s) {
    const std::size_t end = std::min(s.text.find('\'', s.at + 1), s.text.size());
    s.word += s.text.substr(s.at + 1, end - s.at - 1);
    s.has_word = s.is_quoted = true;
    s.at = end + 1;
  }

  void DoubleQuoted(Script& s) {
    s.has_word = s.is_quoted = true;
    for (++s.at; s.at < s.text.size() && s.text[s.at] != '"';) {
      QuotedStep(s);
    }
    ++s.at;
  }

  void QuotedStep(Script& s) {
    const char c = s.text[s.at];
    if (c == '\\' && s.at + 1 < s.text.size()) {
      const char next = s.text[s.at + 1];
      if (next != '\n') {
        if (next != '$' && next != '`' && next != '"' && next != '\\') {
          s.word += c;
        }
        s.word += next;
      }
      s.at += 2;
    } else if (c == '$') {
      Dollar(s, true);
    } else if (c == '`') {
      Backquoted(s);
    } else {
      s.word += c;
      ++s.at;
    }
  }

  static void Escaped(Script& s) {
    if (s.at + 1 < s.text.size() && s.text[s.at + 1] != '\n') {
      Put(s, s.text[s.at + 1]);
      s.is_quoted = true;
    }
    s.at += 2;
  }

  void Dollar(Script& s, bool in_quotes) {
    const char next = s.at + 1 < s.text.size() ? s.text[s.at + 1] : '\0';
    if (next == '(') {
      Substitution(s, "$(");
    } else if (next == '\'' && !in_quotes) {
      ++s.at;
      AnsiQuoted(s);
    } else if (next == '"' && !in_quotes) {
      ++s.at;
    } else if (next == '{') {
      const std::size_t end = FindClose(s.text, s.at + 2, '{', '}');
      Variable(s, s.text.substr(s.at + 2, end - s.at - 3), s.text.substr(s.at, end - s.at), in_quotes);
      s.at = end;
    } else if (IsNameStart(next)) {
      std::size_t end = s.at + 1;
      while (end < s.text.size() && IsName(s.text[end])) {
        ++end;
      }
      Variable(s, s.text.substr(s.at + 1, end - s.at - 1), s.text.substr(s.at, end - s.at), in_quotes);
      s.at = end;
    } else {
      Put(s, '$');
      ++s.at;
    }
  }

  void Variable(Script& s, std::string_view name, std::string_view written, bool in_quotes) {
    // "${name:-default}" is read as its default when the name is not known.
    const std::size_t end = static_cast<std::size_t>(
        std::find_if(name.begin(), name.end(), [](char c) { return !IsName(c); }) - name.begin());
    const std::string key(name.substr(0, end));
    const std::size_t fallback = name.find('-', end);
    if (key == "IFS" && !in_quotes) {
      EndWord(s);
      return;
    }
    s.has_word = true;
    if (const auto known = variables_.find(key); known != variables_.end()) {
      Fill(s, known->second, in_quotes);
    } else if (key == "HOME") {
      s.word += "~";
    } else if (fallback != std::string_view::npos && fallback <= end + 1) {
      Fill(s, name.substr(fallback + 1), in_quotes);
    } else {
      s.word += written;
    }
  }

  void Fill(Script& s, std::string_view value, bool in_quotes) {
    expanded_ += value.size();
    if (expanded_ > kMaxExpandedBytes) {
      reading_.is_complete = false;
      return;
    }
    for (const char c : value) {
      if (!in_quotes && (c == ' ' || c == '\t' || c == '\n')) {
        EndPlainWord(s);
      } else {
        Put(s, c);
      }
    }
  }

  void Substitution(Script& s, std::string_view opening) {
    const std::size_t end = FindClose(s.text, s.at + 2, '(', ')');
    const std::string_view inner = s.text.substr(s.at + 2, std::max(end, s.at + 3) - s.at - 3);
    Nested(s, inner, opening);
    s.at = end;
  }

  void Backquoted(Script& s) {
    std::string inner;
    std::size_t at = s.at + 1;
    for (; at < s.text.size() && s.text[at] != '`'; ++at) {
      if (s.text[at] == '\\' && at + 1 < s.text.size()) {
        ++at;
      }
      inner += s.text[at];
    }
    Nested(s, inner, "$(");
    s.at = at + 1;
  }

  // The word keeps the spelling, so that rules can see what a shell is fed with.
  void Nested(Script& s, std::string_view inner, std::string_view opening) {
    const std::size_t before = reading_.pipelines.size();
    Read(inner, s.depth + 1);
    s.word += opening;
    for (std::size_t i = before; i < reading_.pipelines.size() && s.word.size() < kMaxWordBytes; ++i) {
      s.word += (i > before ? " " : "") + reading_.pipelines[i];
    }
    s.word += ")";
    s.has_word = s.is_quoted = true;
    // What printf or echo would print is known.
    if (inner.substr(0, 5) == "echo " || inner.substr(0, 7) == "printf ") {
      Reveal(s, opening, before);
    }
  }

  void Reveal(Script& s, std::string_view opening, std::size_t before) {
    if (opening != "$(" || reading_.pipelines.size() != before + 1) {
      return;
    }
    const std::string& printed = reading_.pipelines[before];
    if (printed.find(" | ") != std::string::npos || printed.find(' ') == std::string::npos) {
      return;
    }
    s.word.erase(s.word.size() - printed.size() - 3);
    s.word += printed.substr(printed.find(' ') + 1);
  }

  static void AnsiQuoted(Script& s) {
    s.has_word = s.is_quoted = true;
    for (++s.at; s.at < s.text.size() && s.text[s.at] != '\''; ++s.at) {
      if (s.text[s.at] != '\\' || s.at + 1 >= s.text.size()) {
        s.word += s.text[s.at];
        continue;
      }
      const char kind = s.text[++s.at];
      const int base = kind == 'x' || kind == 'u' || kind == 'U' ? 16 : 8;
      if (base == 16 || (kind >= '0' && kind <= '7')) {
        s.word += static_cast<char>(Number(s, base, base == 16 ? (kind == 'x' ? 2 : kind == 'u' ? 4 : 8) : 3));
      } else {
        s.word += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
      }
    }
    ++s.at;
  }

  // Digits from the current position (octal) or behind it (after x, u or U); leaves the position on the last.
  static int Number(Script& s, int base, int max_digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::size_t at = base == 16 ? s.at + 1 : s.at;
    unsigned value = 0;
    for (int i = 0; i < max_digits && at < s.text.size(); ++i, ++at) {
      const std::size_t digit = kDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(s.text[at]))));
      if (digit >= static_cast<std::size_t>(base)) {
        break;
      }
      value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
    }
    s.at = at - 1;
    return static_cast<int>(value & 0xffU);
  }

  void Redirection(Script& s) {
    const char c = s.text[s.at];
    const auto follows = [&](std::string_view rest) { return s.text.substr(s.at + 1, rest.size()) == rest; };
    if (follows("(")) {
      Substitution(s, c == '<' ? "<(" : ">(");
      return;
    }
    if (!s.is_quoted && std::all_of(s.word.begin(), s.word.end(), [](unsigned char d) { return std::isdigit(d); })) {
      s.word.clear();
      s.has_word = false;
    }
    EndWord(s);
    if (c == '<' && follows("<<")) {
      s.at += 3;
      s.words.push_back({"<<<", false});
    } else if (c == '<' && follows("<")) {
      BeginDocument(s);
    } else if (follows("&") && s.at + 2 < s.text.size() &&
               (std::isdigit(static_cast<unsigned char>(s.text[s.at + 2])) != 0 || s.text[s.at + 2] == '-')) {
      s.at += 3;
    } else {
      const bool writes = c == '>' || follows(">");
      ++s.at;
      while (s.at < s.text.size() && (s.text[s.at] == '>' || s.text[s.at] == '|' || s.text[s.at] == '&')) {
        ++s.at;
      }
      s.words.push_back({writes ? ">" : "<", false});
    }
  }

  static void BeginDocument(Script& s) {
    s.at += 2;
    HereDocument document;
    if (s.at < s.text.size() && s.text[s.at] == '-') {
      document.strips_tabs = true;
      ++s.at;
    }
    while (s.at < s.text.size() && (s.text[s.at] == ' ' || s.text[s.at] == '\t')) {
      ++s.at;
    }
    for (; s.at < s.text.size() && std::string_view(" \t\n;|&<>()").find(s.text[s.at]) == std::string_view::npos;
         ++s.at) {
      const char c = s.text[s.at];
      if (c == '\'' || c == '"' || c == '\\') {
        document.is_literal = true;
      } else {
        document.end += c;
      }
    }
    s.documents.push_back(std::move(document));
  }

  // At the beginning of a line: the bodies of the documents begun on the line before.
  void ReadDocuments(Script& s, bool feeds_shell) {
    for (const HereDocument& document : std::exchange(s.documents, {})) {
      std::string body;
      while (s.at < s.text.size()) {
        const std::size_t end = std::min(s.text.find('\n', s.at), s.text.size());
        std::string_view line = s.text.substr(s.at, end - s.at);
        s.at = std::min(end + 1, s.text.size());
        if (document.strips_tabs) {
          line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
        }
        if (line == document.end) {
          break;
        }
        body.append(line).push_back('\n');
      }
      if (feeds_shell) {
        Read(body, s.depth + 1);
      } else if (!document.is_literal) {
        // The shell runs substitutions in it, and nothing else.
        Script quoted{.text = body, .depth = s.depth};
        while (quoted.at < body.size()) {
          QuotedStep(quoted);
        }
      }
    }
  }

  void Operator(Script& s) {
    const char c = s.text[s.at];
    const char next = s.at + 1 < s.text.size() ? s.text[s.at + 1] : '\0';
    if (c == '&' && next == '>') {
      ++s.at;
      Redirection(s);
      return;
    }
    if (c == '(' && next == ')' && s.has_word) {
      s.function = s.word;
      s.word.clear();
      s.has_word = false;
      s.at += 2;
      return;
    }
    const bool is_double = (c == '&' || c == '|' || c == ';') && next == c;
    s.at += is_double || (c == '|' && next == '&') ? 2 : 1;
    const bool feeds_shell = EndCommand(s, is_double ? ';' : c) && !s.documents.empty();
    if (c != '|' || is_double) {
      EndPipeline(s);
    }
    if (c == '\n') {
      ReadDocuments(s, shell_waits_ || feeds_shell);
      shell_waits_ = false;
    } else if (feeds_shell) {
      shell_waits_ = true;
    }
  }

  static void EndPlainWord(Script& s) {
    if (s.has_word) {
      s.words.push_back({std::move(s.word), s.is_quoted});
    }
    s.word.clear();
    s.has_word = s.is_quoted = false;
  }

  static void EndWord(Script& s) {
    const std::size_t comma = s.word.find(',');
    const std::size_t open = s.word.rfind('{', comma);
    const std::size_t close = s.word.find('}', comma == std::string::npos ? 0 : comma);
    if (!s.has_word || s.is_quoted || comma == std::string::npos || open == std::string::npos ||
        close == std::string::npos || (open > 0 && s.word[open - 1] == '$')) {
      EndPlainWord(s);
      return;
    }
    const std::string word = std::move(s.word);
    s.word.clear();
    s.has_word = false;
    std::size_t begin = open + 1;
    for (std::size_t count = 0; begin <= close && count < kMaxBraceWords; ++count) {
      const std::size_t end = std::min(word.find(',', begin), close);
      s.words.push_back({word.substr(0, open) + word.substr(begin, end - begin) + word.substr(close + 1), false});
      begin = end + 1;
    }
  }

  // Whether the command was a shell that reads its standard input.
  bool EndCommand(Script& s, char ended_by) {
    EndWord(s);
    Words words = std::move(s.words);
    s.words.clear();
    words = WithoutKeywords(s, std::move(words));
    words = WithoutAssignments(std::move(words));
    if (words.empty()) {
      return false;
    }
    const std::string name = BaseName(words.front().text);
    if ((ended_by == '|' || ended_by == '&') && std::find(s.braces.begin(), s.braces.end(), name) != s.braces.end()) {
      reading_.forks_itself = true;
    }
    const std::string text = Emit(words, s.depth);
    s.pipeline += (s.pipeline.empty() ? "" : " | ") + text;
    return IsShell(name);
  }

  void EndPipeline(Script& s) {
    if (!s.pipeline.empty()) {
      reading_.pipelines.push_back(std::move(s.pipeline));
    }
    s.pipeline.clear();
  }

  static Words WithoutKeywords(Script& s, Words words) {
    static const std::set<std::string, std::less<>> kKeywords = {"if", "then", "else", "elif", "while", "until",
                                                                 "do", "done", "fi",   "!",    "esac",  "coproc"};
    std::size_t first = 0;
    for (; first < words.size() && !words[first].is_quoted; ++first) {
      const std::string& word = words[first].text;
      if (word == "{") {
        s.braces.push_back(std::exchange(s.function, {}));
      } else if (word == "}") {
        if (!s.braces.empty()) {
          s.braces.pop_back();
        }
      } else if (word == "function" && first + 1 < words.size()) {
        s.function = words[++first].text;
      } else if (kKeywords.count(word) == 0) {
        break;
      }
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(first));
    return words;
  }

  Words WithoutAssignments(Words words) {
    std::size_t first = 0;
    for (; first < words.size() && IsAssignment(words[first].text); ++first) {
      const std::string& text = words[first].text;
      const std::size_t equals = text.find('=');
      if (variables_.size() < kMaxVariables && text.size() < kMaxValueBytes) {
        variables_[text.substr(0, equals)] = text.substr(equals + 1);
      }
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(first));
    return words;
  }

  // Records the command and what it runs in turn; returns its own text.
  std::string Emit(const Words& given, int depth) {
    if (depth > kMaxDepth || reading_.commands.size() > kMaxTexts) {
      reading_.is_complete = false;
      return "";
    }
    std::string own;
    for (const Words& words : Unwrap(given)) {
      std::string text = Render(words);
      reading_.commands.push_back(text);
      own = std::move(text);
      for (const std::string& script : InnerScripts(words)) {
        Read(script, depth + 1);
      }
    }
    return own;
  }

  [[nodiscard]] std::string Render(const Words& words) const {
    std::string text = Neutral(BaseName(words.front().text));
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      const bool is_operator = !words[i].is_quoted && (word == ">" || word == "<" || word == "<<<");
      text += " " + (is_operator ? word : Neutral(PlainPath(word, home_)));
    }
    return text;
  }

  ShellReading& reading_;
  const std::string_view home_;
  std::map<std::string, std::string> variables_;
  bool shell_waits_ = false;  // a here-document of a shell begins after this line
  std::size_t expanded_ = 0;  // bytes that variables stood for
};

}  // namespace

ShellReading ReadShell(std::string_view text, std::string_view home) {
  ShellReading reading;
  Reader(&reading, home).Read(text, 0);
  return reading;
}

}  // namespace tutti::shell
