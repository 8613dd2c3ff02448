#include "host/cli/plugin_commands.h"

#include <unistd.h>

#include <iostream>

#include "host/cli/locations.h"
#include "host/cli/plugin_new.h"

namespace tutti::host {
namespace {

using Verb = int (*)(const CommandLine&, const LoadOptions&, const Console&);

// nullptr: the verb needs no manifest.
Verb FindVerb(Subcommand subcommand) {
  switch (subcommand) {
    case Subcommand::kPluginInstall:
      return &InstallPlugin;
    case Subcommand::kPluginList:
      return &ListPlugins;
    case Subcommand::kPluginInfo:
      return &InfoPlugin;
    case Subcommand::kPluginVerify:
      return &VerifyPlugin;
    case Subcommand::kPluginPin:
      return &PinPlugin;
    case Subcommand::kPluginUnpin:
      return &UnpinPlugin;
    case Subcommand::kPluginEnable:
    case Subcommand::kPluginDisable:
    case Subcommand::kPluginReload:
      return &SwitchPlugin;
    case Subcommand::kPluginPurge:
      return &PurgePlugin;
    default:
      return nullptr;
  }
}

int RunNew(const CommandLine& line) {
  PluginNewOptions options;
  options.kind = line.operands.at(0);
  options.id = line.operands.at(1);
  if (!line.language.empty()) {
    options.language = line.language;
  }
  options.directory = line.directory;
  return RunPluginNew(options);
}

}  // namespace

int RunPluginVerb(const CommandLine& line) {
  const Console console{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1};
  switch (line.subcommand) {
    case Subcommand::kPluginNew:
      return RunNew(line);
    case Subcommand::kPluginValidate:
      return ValidatePlugin(line, console);
    case Subcommand::kPluginPack:
      return PackPlugin(line, console);
    case Subcommand::kPluginKeygen:
      return KeygenPlugin(line, console);
    case Subcommand::kPluginSign:
      return SignPlugin(line, console);
    default:
      break;
  }
  const Verb verb = FindVerb(line.subcommand);
  const Result<LoadOptions> options = MakeLoadOptions(line);
  if (verb == nullptr || !options.ok()) {
    return console.Fail(options.ok() ? Status::Internal("this verb has no function") : options.status());
  }
  return verb(line, *options, console);
}

}  // namespace tutti::host
