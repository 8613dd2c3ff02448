// `tutti plugin install`: from an archive or a built folder into the directory every start searches.
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "host/cli/plugin_accept.h"
#include "host/cli/plugin_commands.h"
#include "host/cli/plugin_folder.h"
#include "host/manifest/permissions.h"
#include "host/manifest/trust.h"
#include "host/trust/archive.h"
#include "host/trust/digest.h"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAllNames = 64;

// A directory that is removed unless it was moved to its place. Searches skip its name.
class Staging {
 public:
  explicit Staging(const fs::path& root) {
    std::string pattern = (root / ".installing-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) {
      base_ = pattern;
    }
  }

  ~Staging() {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  [[nodiscard]] bool ok() const { return !base_.empty(); }

  [[nodiscard]] fs::path folder() const { return base_ / "plugin"; }

 private:
  fs::path base_;
};

Result<Package> ReadPackage(const std::string& from) {
  std::error_code error;
  if (fs::is_directory(from, error)) {
    Result<PluginFolder> folder = ReadPluginFolder(from);
    const Status status = folder.ok() ? CheckNamesLibrary(*folder) : folder.status();
    return status.ok() ? Result<Package>(std::move(folder->package)) : Result<Package>(status);
  }
  const Result<std::string> bytes = ReadFile(from, kMaxArchiveBytes);
  if (!bytes.ok()) {
    return bytes.status();
  }
  Result<Package> package = UnpackArchive(*bytes);
  return package.ok()
             ? std::move(package)
             : Result<Package>(Status(package.status().code(), from + ": " + std::string(package.status().message())));
}

// The name of the library is in plugin.yaml, which is written with it; any file may be it until then.
std::string LibraryOf(const Package& package) {
  for (const auto& [name, bytes] : package.files) {
    if (name.ends_with(".so")) {
      return name;
    }
  }
  return {};
}

Status CheckElsewhere(const PluginSite& site, const PluginManifest& plugin, const fs::path& root) {
  for (const InstalledPlugin& other : site.manifest().installed) {
    const fs::path directory(other.manifest.directory);
    std::error_code ignored;
    if (other.id == plugin.id && !fs::equivalent(directory.parent_path(), root / plugin.id, ignored)) {
      return Status::AlreadyExists("plugin " + plugin.id + " " + other.version + " is there already, in " +
                                   directory.string() + "; remove it there first");
    }
  }
  return {};
}

Status CheckSignature(const PluginFolder& folder, const TrustSettings& trust) {
  const SignatureCheck check = folder.Check(trust.keys);
  if (check.state == SignatureCheck::State::kWrong) {
    return Status::FailedPrecondition("it has a wrong " + std::string(kSignatureFile) + ": " + check.reason +
                                      "; get it again");
  }
  if (trust.require != TrustSettings::Require::kNone && check.state != SignatureCheck::State::kTrusted) {
    return Status::FailedPrecondition("host.trust.require asks for a signature by a key in host.trust.keys, found it " +
                                      ToString(check));
  }
  return {};
}

// Moves it to its place. true: the same was there already.
Result<bool> Settle(const PluginFolder& folder, const fs::path& staged, const fs::path& target) {
  std::error_code error;
  if (fs::exists(target, error)) {
    const Result<PluginFolder> there = ReadPluginFolder(target.string());
    const bool is_same = there.ok() && there->library_sha256 == folder.library_sha256 &&
                         there->manifest.sha256 == folder.manifest.sha256;
    return is_same
               ? Result<bool>(true)
               : Result<bool>(Status::AlreadyExists(
                     target.string() +
                     " is there already and holds something else; give the plugin a new version, or purge it first"));
  }
  fs::create_directories(target.parent_path(), error);
  if (!error) {
    fs::rename(staged, target, error);
  }
  if (error) {
    return Status::Internal(target.string() + " cannot be written: " + error.message());
  }
  return false;
}

void Advise(const PluginSite& site, const PluginManifest& plugin, std::ostream& out) {
  const Result<LockFile> lock = site.ReadLock();
  const PinnedPlugin* pinned = lock.ok() ? lock->Find(plugin.id) : nullptr;
  if (pinned != nullptr) {
    out << "version " << pinned->version << " is pinned; `tutti plugin pin " << plugin.id << "` accepts this one\n";
  } else if (!plugin.permissions.empty()) {
    out << "it asks for " << JoinNames(plugin.permissions, kAllNames) << ": write `grants: {"
        << GrantsText(plugin.permissions) << "}` into its entry in the manifest, or accept it with `tutti plugin pin "
        << plugin.id << "`\n";
  }
  const PluginEntry* entry = site.FindEntry(plugin.id);
  out << (entry == nullptr ? "switch it on with: tutti plugin enable "
                           : "have a running server take it: tutti plugin reload ")
      << plugin.id << '\n';
}

int Install(const CommandLine& line, const PluginSite& site, const Console& console) {
  Result<Package> package = ReadPackage(line.operands.at(0));
  if (!package.ok()) {
    return console.Fail(package.status());
  }
  const fs::path root = line.to.empty() ? fs::path(InstalledDirectory(site.data_dir())) : fs::absolute(line.to);
  std::error_code error;
  fs::create_directories(root, error);
  const Staging staging(root);
  if (root.empty() || !staging.ok()) {
    return console.Fail(Status::Internal("the directory '" + root.string() + "' cannot be written: " +
                                         std::strerror(errno) + "; choose another with --to or --data"));
  }
  if (Status status = WritePackageFolder(*package, LibraryOf(*package), staging.folder()); !status.ok()) {
    return console.Fail(status);
  }
  const Result<PluginFolder> folder = ReadWrittenPackage(staging.folder().string(), std::move(*package));
  if (!folder.ok()) {
    return console.Fail(folder.status());
  }
  const PluginManifest& plugin = folder->manifest;
  for (const Status& status :
       {CheckElsewhere(site, plugin, root), CheckSignature(*folder, site.manifest().host.trust)}) {
    if (!status.ok()) {
      return console.Fail(status);
    }
  }
  const fs::path target = root / plugin.id / plugin.version.ToString();
  const Result<bool> was_there = Settle(*folder, staging.folder(), target);
  if (!was_there.ok()) {
    return console.Fail(was_there.status());
  }
  console.out << (*was_there ? "was installed already: " : "installed ") << plugin.id << ' '
              << plugin.version.ToString() << " in " << target.string() << "\nlibrary sha256 " << folder->library_sha256
              << "\nsignature: " << ToString(folder->Check(site.manifest().host.trust.keys)) << '\n';
  if (!line.pin) {
    Advise(site, plugin, console.out);
    return 0;
  }
  Problems problems;
  const auto settled = ReadPluginManifest((target / kManifestFile).string(), problems);
  return settled && problems.empty() ? AcceptPlugin(site, *settled, true, console) : console.Fail(problems);
}

}  // namespace

int InstallPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  return Install(line, PluginSite(options), console);
}

}  // namespace tutti::host
