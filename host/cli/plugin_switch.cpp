// `tutti plugin enable`, `disable` and `reload`: by the running server, or else for the next start.
#include <filesystem>
#include <ostream>

#include "host/cli/chat_watch.h"
#include "host/cli/plugin_commands.h"
#include "host/cli/running_host.h"
#include "host/manifest/overlay.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

std::string VerbOf(Subcommand subcommand) {
  switch (subcommand) {
    case Subcommand::kPluginEnable:
      return "enable";
    case Subcommand::kPluginDisable:
      return "disable";
    default:
      return "reload";
  }
}

// The REPORT of tutti/abi/admin.h. 1 when it has problems.
int PrintReport(JsonView report, const Console& console) {
  report["changed"].ForEach([&](JsonView change) {
    std::string text = TerminalText(change["id"].AsString()) + ": " + TerminalText(change["what"].AsString());
    if (!change["from"].AsString().empty() && !change["to"].AsString().empty()) {
      text += " from " + TerminalText(change["from"].AsString()) + " to " + TerminalText(change["to"].AsString());
    }
    if (!change["reason"].AsString().empty()) {
      text += ": " + TerminalText(change["reason"].AsString());
    }
    console.out << text << '\n';
  });
  if (report["changed"].size() == 0) {
    console.out << "nothing changed\n";
  }
  bool has_problems = false;
  report["problems"].ForEach([&](JsonView problem) {
    has_problems = true;
    console.err << "tutti: " << TerminalText(problem.AsString()) << '\n';
  });
  return has_problems ? 1 : 0;
}

int SwitchRunning(const RunningHost& host, const CommandLine& line, const Console& console) {
  JsonObject arguments;
  arguments("id", line.operands.at(0));
  if (!line.drain.empty()) {
    arguments("drain", line.drain);
  }
  const Result<Json> report = host.Run("plugins." + VerbOf(line.subcommand), arguments.Take());
  return report.ok() ? PrintReport(report->view(), console) : console.Fail(report.status());
}

// Problems that were not there before.
Problems NewProblems(const Problems& before, const Problems& after) {
  Problems added;
  for (const Problem& problem : after) {
    bool is_old = false;
    for (const Problem& known : before) {
      is_old = is_old || ToString(known) == ToString(problem);
    }
    if (!is_old) {
      added.push_back(problem);
    }
  }
  return added;
}

// Writes the overlay, and takes it back when the next start would not be able to use it.
int SwitchStopped(const PluginSite& site, const LoadOptions& options, const std::string& id, bool is_enabled,
                  const Console& console) {
  std::error_code error;
  if (fs::create_directories(site.data_dir(), error)) {
    fs::permissions(site.data_dir(), fs::perms::owner_all, error);
  }
  const fs::path file = site.manifest().overlay;
  const Result<Overlay> before = Overlay::Read(file);
  if (!before.ok()) {
    return console.Fail(before.status());
  }
  Overlay overlay = *before;
  overlay.SetEnabled(id, is_enabled);
  if (Status status = overlay.Write(file); !status.ok()) {
    return console.Fail(status);
  }
  const PluginSite after(options);
  if (const Problems problems = NewProblems(site.problems(), after.problems()); !problems.empty()) {
    const Status status = before->Write(file);
    console.err << "tutti: nothing was changed, for the next start would refuse it:\n";
    return status.ok() ? (static_cast<void>(console.Fail(problems)), 1) : console.Fail(status);
  }
  console.out << id << (is_enabled ? " is enabled" : " is disabled") << " from the next start on; no server runs on "
              << site.data_dir() << '\n';
  const PluginEntry* entry = after.FindEntry(id);
  if (entry != nullptr && !entry->trust.refusal.empty()) {
    console.err << "tutti: it will not be loaded yet: " << entry->trust.refusal << '\n';
  } else if (is_enabled && entry == nullptr) {
    console.err << "tutti: another plugin has its role, so it will not be loaded; see `roles` in the manifest\n";
  }
  return 0;
}

}  // namespace

int SwitchPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const std::string& id = line.operands.at(0);
  const Result<std::optional<RunningHost>> host = RunningHost::Find(site.data_dir());
  if (!host.ok()) {
    return console.Fail(host.status());
  }
  if (host->has_value()) {
    return SwitchRunning(**host, line, console);
  }
  const Result<InstalledPlugin> plugin = site.Find(id);
  if (!plugin.ok()) {
    return console.Fail(plugin.status());
  }
  if (line.subcommand == Subcommand::kPluginReload) {
    console.out << "no server runs on " << site.data_dir() << "; the next start takes what is there\n";
    return 0;
  }
  if (site.manifest().overlay.empty()) {
    return console.Fail(Status::FailedPrecondition("there is no data directory to write to; name one with --data"));
  }
  return SwitchStopped(site, options, id, line.subcommand == Subcommand::kPluginEnable, console);
}

}  // namespace tutti::host
