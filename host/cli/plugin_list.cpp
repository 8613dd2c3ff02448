// `tutti plugin list` and `tutti plugin info`: of the running server if there is one, else from the files.
#include <ostream>

#include "host/cli/chat_watch.h"
#include "host/cli/inspect.h"
#include "host/cli/plugin_commands.h"
#include "host/cli/running_host.h"
#include "host/cli/table.h"
#include "host/manifest/trust.h"
#include "host/trust/digest.h"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kAllNames = 64;

using Rows = std::vector<std::vector<std::string>>;

Rows Heading() {
  return {{"ID", "VERSION", "KINDS", "STATE", "RUNS IN", "PINNED", "SUMMARY"}};
}

std::string Where(Isolation isolation) {
  return isolation == Isolation::kProcess ? "process" : "host";
}

// What another process says is data: no control characters for the terminal.
std::string Text(JsonView value) {
  return TerminalText(value.AsString());
}

std::string Words(JsonView list) {
  std::string text;
  list.ForEach([&](JsonView word) { text += (text.empty() ? "" : ",") + Text(word); });
  return text;
}

std::string OrDash(std::string text) {
  return text.empty() ? "-" : text;
}

Rows RowsOf(JsonView plugins) {
  Rows rows = Heading();
  plugins.ForEach([&](JsonView plugin) {
    rows.push_back({Text(plugin["id"]), Text(plugin["version"]), Words(plugin["kinds"]), Text(plugin["state"]),
                    OrDash(Text(plugin["isolation"])), plugin["pinned"].AsBool() ? "yes" : "no",
                    Text(plugin["summary"])});
  });
  return rows;
}

Rows RowsOf(const PluginSite& site) {
  const Result<LockFile> lock = site.ReadLock();
  Rows rows = Heading();
  for (const InstalledPlugin& plugin : site.manifest().installed) {
    const PluginEntry* entry = site.FindEntry(plugin.id);
    const bool is_refused = entry != nullptr && !entry->trust.refusal.empty();
    std::string kinds;
    for (const std::string& kind : plugin.kinds) {
      kinds += (kinds.empty() ? "" : ",") + kind;
    }
    rows.push_back({plugin.id, plugin.version, kinds, is_refused ? "refused" : StateName(plugin.state),
                    entry == nullptr ? "-" : Where(entry->isolation),
                    lock.ok() && lock->Find(plugin.id) != nullptr ? "yes" : "no", plugin.summary});
  }
  return rows;
}

void PrintLine(std::ostream& out, std::string_view name, const std::string& value) {
  out << name << std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') << value << '\n';
}

std::string Paths(const std::vector<std::filesystem::path>& paths) {
  std::string text;
  for (const std::filesystem::path& path : paths) {
    text += " " + path.string();
  }
  return text;
}

std::string ToText(const PluginGrants& grants) {
  std::string text;
  for (const std::string& service : grants.services) {
    text += (text.empty() ? "" : " ") + service;
  }
  text += grants.net ? " net" : "";
  text += grants.exec ? " exec" : "";
  text += grants.read_paths.empty() ? "" : "; reads" + Paths(grants.read_paths);
  text += grants.write_paths.empty() ? "" : "; writes" + Paths(grants.write_paths);
  return text.empty() ? "nothing" : text;
}

// What the running server says of it; nothing without one.
Status PrintRunning(const PluginSite& site, const std::string& id, std::ostream& out) {
  const Result<std::optional<RunningHost>> host = RunningHost::Find(site.data_dir());
  if (!host.ok()) {
    return host.status();
  }
  if (!host->has_value()) {
    return {};
  }
  const Result<Json> answer = (*host)->Run("plugins.info", JsonObject()("id", id).Take());
  if (!answer.ok()) {
    return answer.status();
  }
  PrintLine(out, "running", Text((*answer)["state"]) + " in process " + std::to_string((*host)->pid()));
  for (const char* key : {"reason", "isolation", "confinement", "sha256"}) {
    if (!(*answer)[key].AsString().empty()) {
      PrintLine(out, std::string("  ") + key, Text((*answer)[key]));
    }
  }
  PrintLine(out, "  calls", std::to_string((*answer)["calls"].AsInt(0)));
  PrintLine(out, "  restarts", std::to_string((*answer)["restarts"].AsInt(0)));
  return {};
}

}  // namespace

int ListPlugins(const CommandLine&, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const Result<std::optional<RunningHost>> host = RunningHost::Find(site.data_dir());
  if (!host.ok()) {
    return console.Fail(host.status());
  }
  if (host->has_value()) {
    const Result<Json> answer = (*host)->Run("plugins.list", "{}");
    if (!answer.ok()) {
      return console.Fail(answer.status());
    }
    PrintTable(RowsOf((*answer)["plugins"]), console.out);
    return 0;
  }
  PrintTable(RowsOf(site), console.out);
  return site.problems().empty() ? 0 : console.Fail(site.problems());
}

int InfoPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const Result<InstalledPlugin> found = site.Find(line.operands.at(0));
  if (!found.ok()) {
    return console.Fail(found.status());
  }
  const PluginManifest& plugin = found->manifest;
  const Result<LockFile> lock = site.ReadLock();
  const PinnedPlugin* pinned = lock.ok() ? lock->Find(found->id) : nullptr;
  const Result<std::string> digest = Sha256OfFile(plugin.library);
  std::ostream& out = console.out;
  PrintLine(out, "id", found->id);
  PrintLine(out, "version", found->version);
  PrintLine(out, "kinds", JoinNames(found->kinds, kAllNames));
  PrintLine(out, "summary", found->summary);
  PrintLine(out, "folder", plugin.directory);
  PrintLine(out, "library", digest.ok() ? "sha256 " + *digest : std::string(digest.status().message()));
  PrintLine(out, "plugin.yaml", "sha256 " + plugin.sha256);
  PrintLine(out, "signature",
            digest.ok() ? ToString(CheckPluginSignature(plugin, *digest, site.manifest().host.trust.keys)) : "unknown");
  PrintLine(out, "pinned",
            pinned == nullptr ? "no" : pinned->version + ", by " + pinned->pinned_by + " at " + pinned->pinned_at);
  PrintLine(out, "asks for", plugin.permissions.empty() ? "nothing" : JoinNames(plugin.permissions, kAllNames));
  PrintLine(out, "in manifest", StateName(found->state));
  if (const PluginEntry* entry = site.FindEntry(found->id)) {
    PrintLine(out, "runs in", Where(entry->isolation));
    PrintLine(out, "is granted", ToText(entry->grants));
    if (!entry->trust.refusal.empty()) {
      PrintLine(out, "refused", entry->trust.refusal);
    }
  }
  for (const Problem& problem : found->problems) {
    PrintLine(out, "problem", ToString(problem));
  }
  const Status running = PrintRunning(site, found->id, out);
  return running.ok() ? 0 : console.Fail(running);
}

}  // namespace tutti::host
