#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/chat.h"
#include "host/cli/command_line.h"
#include "host/cli/inspect.h"
#include "host/cli/locations.h"
#include "host/cli/plugin_commands.h"
#include "host/house/storage_commands.h"
#include "host/isolation/worker.h"
#include "host/server/run_server.h"

namespace {

int Run(const tutti::host::CommandLine& line) {
  tutti::Result<tutti::host::LoadOptions> options = tutti::host::MakeLoadOptions(line);
  if (!options.ok()) {
    std::cerr << "tutti: " << options.status().message() << std::endl;
    return 2;
  }
  return tutti::host::RunServer({std::move(*options), line.listen});
}

}  // namespace

int main(int argc, char** argv) {
  using tutti::host::Subcommand;
  // Not for people: how a server starts the process of a plugin.
  if (argc == 2 && std::string_view(argv[1]) == "plugin-worker") {
    return tutti::host::RunPluginWorker();
  }
  const auto parsed = tutti::host::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed.ok()) {
    std::cerr << "tutti: " << parsed.error << std::endl;
    return 2;
  }
  const tutti::host::CommandLine& line = parsed.command_line;
  switch (line.subcommand) {
    case Subcommand::kHelp:
      std::cout << tutti::host::HelpText(line.help_about);
      return 0;
    case Subcommand::kVersion:
      std::cout << "tutti " TUTTI_VERSION << std::endl;
      return 0;
    case Subcommand::kRun:
      return Run(line);
    case Subcommand::kChat:
      return tutti::host::RunChat(line);
    case Subcommand::kCheck:
      return tutti::host::RunCheck(line);
    case Subcommand::kPlugins:
      return tutti::host::RunPlugins(line);
    case Subcommand::kStorageBackup:
    case Subcommand::kStorageRestore:
    case Subcommand::kStorageCheck:
    case Subcommand::kStorageCopy:
    case Subcommand::kStorageExportAgent:
    case Subcommand::kStorageEraseAgent:
      return tutti::host::RunStorageVerb(line);
    default:
      return tutti::host::RunPluginVerb(line);
  }
  return 2;
}
