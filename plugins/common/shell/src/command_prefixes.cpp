#include "command_prefixes.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace tutti::shell {
namespace {

constexpr int kMaxPrefixes = 16;

struct Prefix {
  std::string_view options_with_value;  // single letters
  int arguments = 0;                    // before the command, such as timeout's duration
  bool is_kept = false;                 // a command worth a rule of its own
};

const Prefix* FindPrefix(std::string_view name) {
  static const std::map<std::string, Prefix, std::less<>> kPrefixes = {
      {"env", {"uCS"}},         {"nice", {"n"}},
      {"ionice", {"cnpt"}},     {"nohup", {}},
      {"timeout", {"ks", 1}},   {"time", {"fo"}},
      {"command", {}},          {"builtin", {}},
      {"exec", {"a"}},          {"setsid", {}},
      {"stdbuf", {"ioe"}},      {"xargs", {"IaEdLnPs"}},
      {"busybox", {}},          {"chrt", {"TPD", 1}},
      {"taskset", {"", 1}},     {"watch", {"n"}},
      {"strace", {"eopsuE"}},   {"unshare", {"SGRw"}},
      {"parallel", {"j"}},      {"flock", {"wE", 1}},
      {"script", {"c"}},        {"sudo", {"ughpCDRTr", 0, true}},
      {"doas", {"uC", 0, true}}};
  const auto found = kPrefixes.find(name);
  return found == kPrefixes.end() ? nullptr : &found->second;
}

std::size_t SkipPrefix(const Words& words, std::size_t at, const Prefix& prefix) {
  for (++at; at < words.size(); ++at) {
    const std::string& word = words[at].text;
    if (word == "--") {
      ++at;
      break;
    }
    if (word.size() > 1 && word.front() == '-') {
      const bool takes_next = word.size() == 2 && prefix.options_with_value.find(word[1]) != std::string_view::npos;
      at += takes_next ? 1 : 0;
    } else if (!IsAssignment(word)) {
      break;
    }
  }
  return at + static_cast<std::size_t>(prefix.arguments);
}

std::string Join(const Words& words, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < words.size(); ++i) {
    text += (i > first ? " " : "") + words[i].text;
  }
  return text;
}

Words From(const Words& words, std::size_t first) {
  return first >= words.size() ? Words() : Words(words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
}

}  // namespace

std::string BaseName(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  return std::string(slash == std::string_view::npos || slash + 1 == program.size() ? program
                                                                                    : program.substr(slash + 1));
}

bool IsShell(std::string_view name) {
  constexpr std::string_view kShells[] = {"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "rbash"};
  return std::find(std::begin(kShells), std::end(kShells), name) != std::end(kShells);
}

bool IsAssignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || std::isdigit(static_cast<unsigned char>(word[0])) != 0) {
    return false;
  }
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::vector<Words> Unwrap(const Words& given) {
  std::vector<Words> commands;
  Words words = given;
  for (int i = 0; i < kMaxPrefixes; ++i) {
    const Prefix* prefix = FindPrefix(BaseName(words.front().text));
    if (prefix == nullptr) {
      break;
    }
    Words inner = From(words, SkipPrefix(words, 0, *prefix));
    if (inner.empty()) {
      break;
    }
    if (prefix->is_kept) {
      commands.push_back(words);
    }
    words = std::move(inner);
  }
  commands.push_back(words);
  if (BaseName(words.front().text) == "find") {
    for (std::size_t at = 1; at + 1 < words.size(); ++at) {
      const std::string& word = words[at].text;
      if (word != "-exec" && word != "-execdir" && word != "-ok" && word != "-okdir") {
        continue;
      }
      Words inner;
      for (++at; at < words.size() && words[at].text != ";" && words[at].text != "+"; ++at) {
        inner.push_back(words[at]);
      }
      if (!inner.empty()) {
        // Before the search itself, whose text stands for the whole in a pipeline.
        commands.insert(commands.end() - 1, std::move(inner));
      }
    }
  }
  return commands;
}

std::vector<std::string> InnerScripts(const Words& words) {
  const std::string name = BaseName(words.front().text);
  std::vector<std::string> scripts;
  if (name == "eval") {
    scripts.push_back(Join(words, 1));
  } else if (name == "trap" && words.size() > 2) {
    scripts.push_back(words[1].text);
  } else if (name == "su" || name == "script" || IsShell(name)) {
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string& word = words[at].text;
      if (word == "<<<" && at + 1 < words.size()) {
        scripts.push_back(words[at + 1].text);
      } else if (word.size() > 1 && word[0] == '-' && word[1] != '-' && word.find('c') != std::string::npos) {
        // Options may stand between -c and its text.
        std::size_t text = at + 1;
        while (text + 1 < words.size() && !words[text].text.empty() && words[text].text[0] == '-') {
          ++text;
        }
        if (text < words.size()) {
          scripts.push_back(words[text].text);
        }
        break;
      }
    }
  } else if (name == "env" || name == "xargs") {
    for (std::size_t at = 1; at + 1 < words.size(); ++at) {
      if (words[at].text == "-S") {
        scripts.push_back(words[at + 1].text);
      }
    }
  }
  return scripts;
}

}  // namespace tutti::shell
