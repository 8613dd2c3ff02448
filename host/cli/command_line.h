// What the operator typed: tutti SUBCOMMAND [flags], or tutti GROUP VERB [operands] [flags], where GROUP is
// plugin or storage.
//
// Plain values; no threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

enum class Subcommand {
  kHelp,
  kVersion,
  kRun,
  kChat,
  kCheck,
  kPlugins,
  kPluginNew,
  kPluginValidate,
  kPluginPack,
  kPluginInstall,
  kPluginList,
  kPluginInfo,
  kPluginVerify,
  kPluginPin,
  kPluginUnpin,
  kPluginEnable,
  kPluginDisable,
  kPluginReload,
  kPluginPurge,
  kPluginKeygen,
  kPluginSign,
  kStorageBackup,
  kStorageRestore,
  kStorageCheck,
  kStorageCopy,
  kStorageExportAgent,
  kStorageEraseAgent,
};

// Empty text: the flag was not given.
struct CommandLine {
  Subcommand subcommand = Subcommand::kHelp;
  std::string help_about;  // subcommand, GROUP or "GROUP VERB" whose help is wanted; empty: the overview
  std::string config;
  std::string listen;
  std::string data;
  std::string cwd;
  std::string session;
  std::string url;
  std::string timeout;                // seconds, checked
  std::string message;                // chat: the words after the flags
  std::vector<std::string> operands;  // verbs: as many as the verb's usage names, at least
  std::string output;
  std::string from;
  std::string to;
  std::string against;
  std::string key;
  std::string language;
  std::string directory;
  std::string drain;  // finish or cancel, checked
  bool yes = false;
  bool pin = false;
};

struct ParsedCommandLine {
  CommandLine command_line;
  std::string error;  // a sentence with the nearest name; empty when all is well

  [[nodiscard]] bool ok() const { return error.empty(); }
};

// `arguments` without the program's name. Flags are --name VALUE, --name=VALUE or, without a value, --name; everything
// after -- is text.
ParsedCommandLine ParseCommandLine(const std::vector<std::string>& arguments);

// The help of a subcommand, of a group or a verb of it, or the overview; ends with a newline.
std::string HelpText(std::string_view subcommand);

}  // namespace tutti::host
