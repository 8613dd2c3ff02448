#include "host/cli/command_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <variant>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

// A flag with a value goes into a text, one without into a bool.
struct Flag {
  std::string_view name;
  std::string_view value;  // empty: none
  std::string_view about;
  std::variant<std::string CommandLine::*, bool CommandLine::*> member;
  std::string_view alias = {};
};

constexpr Flag kConfig{"--config", "FILE", "manifest; default ./etc/tutti.yaml, else the installed one",
                       &CommandLine::config};
constexpr Flag kData{"--data", "DIR", "state directory; default $TUTTI_DATA, else ~/.local/state/tutti",
                     &CommandLine::data};
constexpr Flag kListen{"--listen", "ADDRESS:PORT", "where to listen; default 127.0.0.1:9403", &CommandLine::listen};
constexpr Flag kCwd{"--cwd", "DIR", "working directory of the agents; default the current one", &CommandLine::cwd};
constexpr Flag kRunSession{"--session", "ID|last|new",
                           "resume an earlier session, or begin a new one; default the one with unfinished work, "
                           "else a new one",
                           &CommandLine::session};
constexpr Flag kChatSession{"--session", "ID", "only talk to a server that runs this session", &CommandLine::session};
constexpr Flag kUrl{"--url", "URL", "server; default $TUTTI_URL, else http://127.0.0.1:9403", &CommandLine::url};
constexpr Flag kTimeout{"--timeout", "SECONDS", "stop watching after this long; default 600", &CommandLine::timeout};

constexpr Flag kOutput{"--output", "FILE", "where to; default ID-VERSION.tutti-plugin in the current directory",
                       &CommandLine::output, "-o"};
constexpr Flag kTo{"--to", "DIR",
                   "install below this directory, which must be in plugin_path; default the state directory",
                   &CommandLine::to};
constexpr Flag kKey{"--key", "FILE", "the key, as `tutti plugin keygen` wrote it", &CommandLine::key};
constexpr Flag kLanguage{"--language", "NAME", "cpp, c or rust; default cpp", &CommandLine::language};
constexpr Flag kDirectory{"--directory", "DIR", "folder to write; default the last part of the id",
                          &CommandLine::directory};
constexpr Flag kDrain{"--drain", "HOW", "calls that are running: finish (default) or cancel", &CommandLine::drain};
constexpr Flag kYes{"--yes", "", "accept without being asked", &CommandLine::yes, "-y"};
constexpr Flag kPin{"--pin", "", "accept it as `tutti plugin pin` does", &CommandLine::pin};

// What stands beside the flags.
struct Words {
  bool is_message = false;              // one text of all of them
  std::vector<std::string_view> named;  // that many, each needed
  bool takes_more = false;              // and any number after them
};

struct Definition {
  Subcommand subcommand;
  std::string_view name;
  std::string_view usage;
  std::string_view about;
  std::vector<Flag> flags;
  Words words;
  std::string_view more;
};

const std::vector<Definition>& Definitions() {
  static const std::vector<Definition> kDefinitions = {
      {Subcommand::kRun,
       "run",
       "[--config FILE] [--listen ADDRESS:PORT] [--data DIR] [--cwd DIR] [--session ID|last|new]",
       "Start the server and serve until SIGTERM or SIGINT.",
       {kConfig, kListen, kData, kCwd, kRunSession},
       {},
       "Exit code: 0 after an orderly stop, 1 when the start failed, 2 for problems in the manifest."},
      {Subcommand::kChat,
       "chat",
       "[--url URL] [--session ID] [--timeout SECONDS] TEXT...",
       "Send a message to the orchestrator and show what happens until it and its agents are done.",
       {kUrl, kChatSession, kTimeout},
       {.is_message = true},
       "A server that asks for a token gets the one in $TUTTI_TOKEN.\n"
       "Exit code: 0 when the turn and the agents' work ended well, else 1."},
      {Subcommand::kCheck,
       "check",
       "[--config FILE] [--data DIR] [--cwd DIR]",
       "Read the manifest and every plugin.yaml, and print every problem.",
       {kConfig, kData, kCwd},
       {},
       "Exit code: 0 without problems, else 2."},
      {Subcommand::kPlugins,
       "plugins",
       "[--config FILE] [--data DIR] [--cwd DIR]",
       "List the installed plugins and which of them are enabled.",
       {kConfig, kData, kCwd},
       {},
       "Exit code: 0, or 2 when the manifest has problems."},
      {Subcommand::kPluginNew,
       "plugin new",
       "KIND ID [--language cpp|c|rust] [--directory DIR]",
       "Write the folder of a new plugin that builds, tests and validates at once.",
       {kLanguage, kDirectory},
       {.named = {"KIND", "ID"}},
       "Exit code: 0, or 1 when nothing was written."},
      {Subcommand::kPluginValidate,
       "plugin validate",
       "DIR [-- ARGUMENTS...]",
       "Check that a built plugin keeps every promise of the boundary.",
       {},
       {.named = {"DIR"}, .takes_more = true},
       "Runs tutti-validate and has its exit code; arguments after -- are its own."},
      {Subcommand::kPluginPack,
       "plugin pack",
       "DIR [--output FILE]",
       "Put a built plugin into one archive: library, plugin.yaml, README, digests, signature.",
       {kOutput},
       {.named = {"DIR"}},
       "The same files give the same bytes. Exit code: 0, or 1."},
      {Subcommand::kPluginInstall,
       "plugin install",
       "FILE|DIR [--pin] [--to DIR] [--config FILE] [--data DIR]",
       "Install a plugin from an archive or a built folder.",
       {kPin, kTo, kConfig, kData},
       {.named = {"FILE"}},
       "It runs once it is enabled. Exit code: 0, or 1 when nothing was installed."},
      {Subcommand::kPluginList,
       "plugin list",
       "[--config FILE] [--data DIR] [--cwd DIR]",
       "List the plugins, of the running server if there is one.",
       {kConfig, kData, kCwd},
       {},
       "Exit code: 0, 1 when the server does not answer, 2 when the manifest has problems."},
      {Subcommand::kPluginInfo,
       "plugin info",
       "ID [--config FILE] [--data DIR] [--cwd DIR]",
       "Show everything known about a plugin.",
       {kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when there is no such plugin."},
      {Subcommand::kPluginVerify,
       "plugin verify",
       "ID|FILE|DIR [--config FILE] [--data DIR] [--cwd DIR]",
       "Check digests, signature and pin of an installed plugin, an archive or a folder.",
       {kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0 when everything holds, else 1."},
      {Subcommand::kPluginPin,
       "plugin pin",
       "ID [--yes] [--config FILE] [--data DIR]",
       "Accept a plugin as it is now: its bytes and the permissions it asks for.",
       {kYes, kConfig, kData},
       {.named = {"ID"}},
       "Shows both, asks, and writes the lock file. Exit code: 0, or 1 when nothing was pinned."},
      {Subcommand::kPluginUnpin,
       "plugin unpin",
       "ID [--config FILE] [--data DIR]",
       "Take the acceptance back.",
       {kConfig, kData},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when it was not pinned."},
      {Subcommand::kPluginEnable,
       "plugin enable",
       "ID [--config FILE] [--data DIR] [--cwd DIR]",
       "Switch a plugin on, now when a server runs, else from the next start on.",
       {kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when nothing was changed."},
      {Subcommand::kPluginDisable,
       "plugin disable",
       "ID [--drain finish|cancel] [--config FILE] [--data DIR] [--cwd DIR]",
       "Switch a plugin off, now when a server runs, else from the next start on.",
       {kDrain, kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when nothing was changed."},
      {Subcommand::kPluginReload,
       "plugin reload",
       "ID [--drain finish|cancel] [--config FILE] [--data DIR] [--cwd DIR]",
       "Have the running server take the plugin's library and configuration as they are now.",
       {kDrain, kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when nothing was changed."},
      {Subcommand::kPluginPurge,
       "plugin purge",
       "ID [--yes] [--config FILE] [--data DIR] [--cwd DIR]",
       "Remove an installed plugin that is not enabled: its files and its pin, not its tables.",
       {kYes, kConfig, kData, kCwd},
       {.named = {"ID"}},
       "Exit code: 0, or 1 when nothing was removed."},
      {Subcommand::kPluginKeygen,
       "plugin keygen",
       "FILE",
       "Make a key to sign plugins with, and print its public half for host.trust.keys.",
       {},
       {.named = {"FILE"}},
       "Exit code: 0, or 1 when no key was made."},
      {Subcommand::kPluginSign,
       "plugin sign",
       "DIR --key FILE",
       "Sign a built plugin: writes plugin.sig beside its plugin.yaml.",
       {kKey},
       {.named = {"DIR"}},
       "Exit code: 0, or 1 when nothing was signed."},
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

constexpr std::string_view kPlugin = "plugin";
constexpr std::string_view kPluginPrefix = "plugin ";
constexpr std::string_view kPluginAbout = "Write, check, install, accept and switch plugins.";

// Of the subcommands, with "plugin" for all its verbs.
std::vector<std::string> SubcommandNames() {
  std::vector<std::string> names;
  for (const Definition& definition : Definitions()) {
    if (!definition.name.starts_with(kPluginPrefix)) {
      names.emplace_back(definition.name);
    }
  }
  names.emplace_back(kPlugin);
  return names;
}

std::vector<std::string> VerbNames() {
  std::vector<std::string> names;
  for (const Definition& definition : Definitions()) {
    if (definition.name.starts_with(kPluginPrefix)) {
      names.emplace_back(definition.name.substr(kPluginPrefix.size()));
    }
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
    const Words& words = definition_.words;
    if (words.is_message) {
      line_.message += (line_.message.empty() ? "" : " ") + argument;
    } else if (words.takes_more || line_.operands.size() < words.named.size()) {
      line_.operands.push_back(argument);
    } else if (words.named.empty()) {
      Fail("tutti " + std::string(definition_.name) + " takes no text, found '" + argument + "'");
    } else {
      Fail("tutti " + std::string(definition_.name) + " takes no more than " + std::string(definition_.usage) +
           ", found '" + argument + "'");
    }
  }

  void TakeFlag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    std::vector<std::string> names = {"--help"};
    for (const Flag& flag : definition_.flags) {
      names.emplace_back(flag.name);
      if (flag.name == name || (!flag.alias.empty() && flag.alias == name)) {
        TakeValue(flag, equals == std::string::npos ? std::nullopt : std::optional(argument.substr(equals + 1)));
        return;
      }
    }
    error_ = WithNearest("unknown flag '" + name + "' of tutti " + std::string(definition_.name) +
                             "; expected one of " + JoinNames(names),
                         name, names);
  }

  void TakeValue(const Flag& flag, std::optional<std::string> value) {
    if (const auto* given = std::get_if<bool CommandLine::*>(&flag.member)) {
      line_.** given = true;
      if (value) {
        Fail("flag " + std::string(flag.name) + " takes no value, found '" + *value + "'");
      }
      return;
    }
    if (!value && next_ < arguments_.size() && !arguments_[next_].starts_with("--")) {
      value = arguments_[next_++];
    }
    std::string& member = line_.*std::get<std::string CommandLine::*>(flag.member);
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
    const std::vector<std::string_view>& named = definition_.words.named;
    if (line_.operands.size() < named.size()) {
      Fail("tutti " + std::string(definition_.name) + " needs " + std::string(named[line_.operands.size()]) +
           ": tutti " + std::string(definition_.name) + " " + std::string(definition_.usage));
      return;
    }
    if (!line_.drain.empty() && line_.drain != "finish" && line_.drain != "cancel") {
      Fail("flag --drain needs finish or cancel, found '" + line_.drain + "'");
      return;
    }
    if (definition_.words.is_message && line_.message.find_first_not_of(" \t\r\n") == std::string::npos) {
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
    if (!definition.name.starts_with(kPluginPrefix)) {
      text += "  " + Column(definition.name, 10) + std::string(definition.about) + "\n";
    }
  }
  text += "  " + Column(kPlugin, 10) + std::string(kPluginAbout) + " `tutti plugin --help` lists how.\n";
  return text + "\n  --version  Print the version.\n  --help     Print this, or with a subcommand its flags.\n";
}

std::string PluginOverview() {
  std::string text = "Usage: tutti plugin VERB ...\n\n" + std::string(kPluginAbout) + "\n\n";
  for (const Definition& definition : Definitions()) {
    if (definition.name.starts_with(kPluginPrefix)) {
      text += "  " + Column(definition.name.substr(kPluginPrefix.size()), 10) + std::string(definition.about) + "\n";
    }
  }
  return text + "\n`tutti plugin VERB --help` prints its flags.\n";
}

ParsedCommandLine HelpAbout(const std::vector<std::string>& words) {
  std::string about = words.empty() ? std::string() : words[0];
  if (about == kPlugin && words.size() > 1 && FindDefinition(about + " " + words[1]) != nullptr) {
    about += " " + words[1];
  } else if (about != kPlugin && FindDefinition(about) == nullptr) {
    about.clear();
  }
  return {{.subcommand = Subcommand::kHelp, .help_about = about}, {}};
}

// `arguments` begin with "plugin".
ParsedCommandLine ParsePluginVerb(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2 || arguments[1] == "--help" || arguments[1] == "-h") {
    return HelpAbout({std::string(kPlugin)});
  }
  if (arguments[1] == "help") {
    return HelpAbout({std::string(kPlugin), arguments.size() > 2 ? arguments[2] : std::string()});
  }
  if (const Definition* definition = FindDefinition(std::string(kPluginPrefix) + arguments[1])) {
    return Parser(*definition, arguments).Parse(2);
  }
  const std::vector<std::string> verbs = VerbNames();
  return {{},
          WithNearest("unknown verb '" + arguments[1] + "' of tutti plugin; expected one of " + JoinNames(verbs, 20),
                      arguments[1], verbs)};
}

}  // namespace

ParsedCommandLine ParseCommandLine(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return {};
  }
  const std::string& first = arguments[0];
  if (first == kPlugin) {
    return ParsePluginVerb(arguments);
  }
  if (const Definition* definition = FindDefinition(first)) {
    return Parser(*definition, arguments).Parse(1);
  }
  if (first == "--version" || first == "version") {
    return {{.subcommand = Subcommand::kVersion}, {}};
  }
  if (first == "--help" || first == "-h" || first == "help") {
    return HelpAbout({arguments.begin() + 1, arguments.end()});
  }
  std::vector<std::string> names = SubcommandNames();
  const std::string what = first.starts_with('-') ? "flag" : "subcommand";
  names.insert(names.end(), {"--version", "--help"});
  return {{}, WithNearest("unknown " + what + " '" + first + "'; expected one of " + JoinNames(names), first, names)};
}

std::string HelpText(std::string_view subcommand) {
  const Definition* definition = FindDefinition(subcommand);
  if (definition == nullptr) {
    return subcommand == kPlugin ? PluginOverview() : Overview();
  }
  std::string text = "Usage: tutti " + std::string(definition->name) + " " + std::string(definition->usage) + "\n\n" +
                     std::string(definition->about) + "\n\n";
  for (const Flag& flag : definition->flags) {
    const std::string alias = flag.alias.empty() ? "" : std::string(flag.alias) + ", ";
    const std::string value = flag.value.empty() ? "" : " " + std::string(flag.value);
    text += "  " + Column(alias + std::string(flag.name) + value, 24) + std::string(flag.about) + "\n";
  }
  text += "  " + Column("--help", 24) + "print this\n";
  return text + "\n" + std::string(definition->more) + "\n";
}

}  // namespace tutti::host
