// `tutti plugin pin` and `tutti plugin unpin`: the operator's word in the lock file.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <ostream>

#include "host/cli/plugin_accept.h"
#include "host/cli/plugin_commands.h"
#include "host/manifest/trust.h"
#include "host/trust/digest.h"

namespace tutti::host {
namespace {

std::string UserName() {
  const passwd* user = getpwuid(getuid());  // NOLINT(concurrency-mt-unsafe): before any thread
  return user == nullptr ? "uid " + std::to_string(getuid()) : user->pw_name;
}

std::string Now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void Show(const PinnedPlugin& plugin, const PinnedPlugin* before, const std::string& directory,
          const SignatureCheck& signature, std::ostream& out) {
  const auto changed = [&](const std::string PinnedPlugin::*member) {
    return before != nullptr && before->*member != plugin.*member ? "   was " + before->*member : std::string();
  };
  out << plugin.id << ' ' << plugin.version << changed(&PinnedPlugin::version) << "\n  folder       " << directory
      << "\n  library      sha256 " << plugin.library_sha256 << changed(&PinnedPlugin::library_sha256)
      << "\n  plugin.yaml  sha256 " << plugin.manifest_sha256 << changed(&PinnedPlugin::manifest_sha256)
      << "\n  signature    " << ToString(signature) << "\n  permissions ";
  for (const std::string& permission : plugin.permissions) {
    out << ' ' << permission << (before != nullptr && !Contains(before->permissions, permission) ? " (new)" : "");
  }
  out << (plugin.permissions.empty() ? " none" : "") << '\n';
}

bool IsSame(const PinnedPlugin& left, const PinnedPlugin& right) {
  return left.version == right.version && left.library_sha256 == right.library_sha256 &&
         left.manifest_sha256 == right.manifest_sha256 && left.permissions == right.permissions;
}

}  // namespace

int AcceptPlugin(const PluginSite& site, const PluginManifest& plugin, bool is_accepted, const Console& console) {
  Result<LockFile> lock = site.ReadLock();
  if (!lock.ok()) {
    return console.Fail(lock.status());
  }
  const Result<std::string> digest = Sha256OfFile(plugin.library);
  if (!digest.ok()) {
    return console.Fail(digest.status());
  }
  const SignatureCheck signature = CheckPluginSignature(plugin, *digest, site.manifest().host.trust.keys);
  const PinnedPlugin pin{plugin.id, plugin.version.ToString(), *digest, plugin.sha256, plugin.permissions, UserName(),
                         Now()};
  const PinnedPlugin* before = lock->Find(plugin.id);
  Show(pin, before, plugin.directory, signature, console.out);
  if (signature.state == SignatureCheck::State::kWrong) {
    return console.Fail(
        Status::FailedPrecondition("nothing was pinned: " + signature.reason + "; get the plugin again"));
  }
  if (before != nullptr && IsSame(*before, pin)) {
    console.out << "it is pinned already, by " << before->pinned_by << " at " << before->pinned_at << '\n';
    return 0;
  }
  const std::string what = "It will run inside the host, with these permissions. Accept it?";
  if (!is_accepted && !console.Confirm(what)) {
    return console.Fail(Status::Cancelled("nothing was pinned; --yes accepts without being asked"));
  }
  lock->Pin(pin);
  if (Status status = site.WriteLock(*lock); !status.ok()) {
    return console.Fail(status);
  }
  console.out << "pinned in " << site.manifest().lock << '\n';
  return 0;
}

int PinPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const Result<PluginManifest> plugin = site.FindNewest(line.operands.at(0));
  if (!plugin.ok()) {
    return console.Fail(plugin.status());
  }
  return AcceptPlugin(site, *plugin, line.yes, console);
}

int UnpinPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  Result<LockFile> lock = site.ReadLock();
  if (!lock.ok()) {
    return console.Fail(lock.status());
  }
  const std::string& id = line.operands.at(0);
  if (!lock->Unpin(id)) {
    return console.Fail(Status::NotFound("plugin " + id + " is not pinned in " + site.manifest().lock));
  }
  if (Status status = site.WriteLock(*lock); !status.ok()) {
    return console.Fail(status);
  }
  console.out << "unpinned " << id << " in " << site.manifest().lock
              << "; from the next load on it runs in a process of its own, with what the manifest grants\n";
  return 0;
}

}  // namespace tutti::host
