#include "host/cli/plugin_commands.h"

#include "host/cli/plugin_new.h"
#include "host/cli/verb.h"

namespace tutti::host {
namespace {

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
  const Console console = ProcessConsole();
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
  return RunVerb(FindVerb(line.subcommand), line, console);
}

}  // namespace tutti::host
