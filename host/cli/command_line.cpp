#include "host/cli/command_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

struct Flag {
  std::string_view name;
  std::string_view value;
  std::string_view about;
  std::string CommandLine::*member;
};

constexpr Flag kConfig{"--config", "FILE", "manifest; default ./etc/tutti.yaml, else the installed one",
                       &CommandLine::config};
constexpr Flag kData{"--data", "DIR", "state directory; default $TUTTI_DATA, else ~/.local/state/tutti",
                     &CommandLine::data};
constexpr Flag kListen{"--listen", "ADDRESS:PORT", "where to listen; default 127.0.0.1:9403", &CommandLine::listen};
constexpr Flag kCwd{"--cwd", "DIR", "working directory of the agents; default the current one", &CommandLine::cwd};
constexpr Flag kRunSession{"--session", "ID|last", "resume an earlier session; default a new one",
                           &CommandLine::session};
constexpr Flag kChatSession{"--session", "ID", "only talk to a server that runs this session", &CommandLine::session};
constexpr Flag kUrl{"--url", "URL", "server; default $TUTTI_URL, else http://127.0.0.1:9403", &CommandLine::url};
constexpr Flag kTimeout{"--timeout", "SECONDS", "stop watching after this long; default 600", &CommandLine::timeout};

struct Definition {
  Subcommand subcommand;
  std::string_view name;
  std::string_view usage;
  std::string_view about;
  std::vector<Flag> flags;
  bool takes_text;
  std::string_view more;
};

const std::vector<Definition>& Definitions() {
  static const std::vector<Definition> kDefinitions = {
      {Subcommand::kRun,
       "run",
       "[--config FILE] [--listen ADDRESS:PORT] [--data DIR] [--cwd DIR] [--session ID|last]",
       "Start the server and serve until SIGTERM or SIGINT.",
       {kConfig, kListen, kData, kCwd, kRunSession},
       false,
       "Exit code: 0 after an orderly stop, 1 when the start failed, 2 for problems in the manifest."},
      {Subcommand::kChat,
       "chat",
       "[--url URL] [--session ID] [--timeout SECONDS] TEXT...",
       "Send a message to the orchestrator and show what happens until it and its agents are done.",
       {kUrl, kChatSession, kTimeout},
       true,
       "A server that asks for a token gets the one in $TUTTI_TOKEN.\n"
       "Exit code: 0 when the turn and the agents' work ended well, else 1."},
      {Subcommand::kCheck,
       "check",
       "[--config FILE] [--data DIR] [--cwd DIR]",
       "Read the manifest and every plugin.yaml, and print every problem.",
       {kConfig, kData, kCwd},
       false,
       "Exit code: 0 without problems, else 2."},
      {Subcommand::kPlugins,
       "plugins",
       "[--config FILE] [--data DIR] [--cwd DIR]",
       "List the installed plugins and which of them are enabled.",
       {kConfig, kData, kCwd},
       false,
       "Exit code: 0, or 2 when the manifest has problems."},
  };
  return kDefinitions;
}

const Definition* FindDefinition(std::string_view name) {
  for (const Definition& definition : Definitions()) {
    if (definition.name == name) {
      return &definition;
    }
  }
  return nullptr;
}

std::vector<std::string> SubcommandNames() {
  std::vector<std::string> names;
  for (const Definition& definition : Definitions()) {
    names.emplace_back(definition.name);
  }
  return names;
}

std::string WithNearest(std::string sentence, std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? sentence : sentence + ". Did you mean '" + nearest + "'?";
}

class Parser {
 public:
  Parser(const Definition& definition, const std::vector<std::string>& arguments)
      : definition_(definition), arguments_(arguments) {
    line_.subcommand = definition.subcommand;
  }

  // `from` is the first argument after the subcommand.
  ParsedCommandLine Parse(std::size_t from) {
    next_ = from;
    while (next_ < arguments_.size() && error_.empty()) {
      const std::string& argument = arguments_[next_++];
      if (only_text_ || !argument.starts_with('-') || argument == "-") {
        TakeText(argument);
      } else if (argument == "--") {
        only_text_ = true;
      } else if (argument == "--help" || argument == "-h") {
        return {{.subcommand = Subcommand::kHelp, .help_about = std::string(definition_.name)}, {}};
      } else {
        TakeFlag(argument);
      }
    }
    CheckComplete();
    return {std::move(line_), std::move(error_)};
  }

 private:
  void Fail(const std::string& sentence) {
    error_ = sentence + "; `tutti " + std::string(definition_.name) + " --help` lists what is possible";
  }

  void TakeText(const std::string& argument) {
    if (!definition_.takes_text) {
      Fail("tutti " + std::string(definition_.name) + " takes no text, found '" + argument + "'");
      return;
    }
    line_.message += (line_.message.empty() ? "" : " ") + argument;
  }

  void TakeFlag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    std::vector<std::string> names = {"--help"};
    for (const Flag& flag : definition_.flags) {
      names.emplace_back(flag.name);
      if (flag.name == name) {
        TakeValue(flag, equals == std::string::npos ? std::nullopt : std::optional(argument.substr(equals + 1)));
        return;
      }
    }
    error_ = WithNearest("unknown flag '" + name + "' of tutti " + std::string(definition_.name) +
                             "; expected one of " + JoinNames(names),
                         name, names);
  }

  void TakeValue(const Flag& flag, std::optional<std::string> value) {
    if (!value && next_ < arguments_.size() && !arguments_[next_].starts_with("--")) {
      value = arguments_[next_++];
    }
    std::string& member = line_.*flag.member;
    if (!value || value->empty()) {
      Fail("flag " + std::string(flag.name) + " needs a value: " + std::string(flag.name) + " " +
           std::string(flag.value));
    } else if (!member.empty()) {
      Fail("flag " + std::string(flag.name) + " is given twice; keep one");
    } else {
      member = std::move(*value);
    }
  }

  void CheckComplete() {
    if (!error_.empty()) {
      return;
    }
    if (definition_.takes_text && line_.message.find_first_not_of(" \t\r\n") == std::string::npos) {
      Fail("tutti " + std::string(definition_.name) + " needs a message");
    }
    int seconds = 0;
    const char* end = line_.timeout.data() + line_.timeout.size();
    const auto [last, failure] = std::from_chars(line_.timeout.data(), end, seconds);
    if (!line_.timeout.empty() && (failure != std::errc() || last != end || seconds < 1 || seconds > 86400)) {
      Fail("flag --timeout needs seconds from 1 to 86400, found '" + line_.timeout + "'");
    }
  }

  const Definition& definition_;
  const std::vector<std::string>& arguments_;
  CommandLine line_;
  std::string error_;
  std::size_t next_ = 0;
  bool only_text_ = false;
};

std::string Column(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

std::string Overview() {
  std::string text =
      "Usage: tutti SUBCOMMAND [flags]\n\n"
      "A server that runs and orchestrates LLM agents.\n\n";
  for (const Definition& definition : Definitions()) {
    text += "  " + Column(definition.name, 10) + std::string(definition.about) + "\n";
  }
  return text + "\n  --version  Print the version.\n  --help     Print this, or with a subcommand its flags.\n";
}

}  // namespace

ParsedCommandLine ParseCommandLine(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return {};
  }
  const std::string& first = arguments[0];
  if (const Definition* definition = FindDefinition(first)) {
    return Parser(*definition, arguments).Parse(1);
  }
  if (first == "--version" || first == "version") {
    return {{.subcommand = Subcommand::kVersion}, {}};
  }
  if (first == "--help" || first == "-h" || first == "help") {
    CommandLine line;
    if (arguments.size() > 1 && FindDefinition(arguments[1]) != nullptr) {
      line.help_about = arguments[1];
    }
    return {line, {}};
  }
  std::vector<std::string> names = SubcommandNames();
  const std::string what = first.starts_with('-') ? "flag" : "subcommand";
  names.insert(names.end(), {"--version", "--help"});
  return {{}, WithNearest("unknown " + what + " '" + first + "'; expected one of " + JoinNames(names), first, names)};
}

std::string HelpText(std::string_view subcommand) {
  const Definition* definition = FindDefinition(subcommand);
  if (definition == nullptr) {
    return Overview();
  }
  std::string text = "Usage: tutti " + std::string(definition->name) + " " + std::string(definition->usage) + "\n\n" +
                     std::string(definition->about) + "\n\n";
  for (const Flag& flag : definition->flags) {
    text += "  " + Column(std::string(flag.name) + " " + std::string(flag.value), 24) + std::string(flag.about) + "\n";
  }
  text += "  " + Column("--help", 24) + "print this\n";
  return text + "\n" + std::string(definition->more) + "\n";
}

}  // namespace tutti::host
