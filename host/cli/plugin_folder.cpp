#include "host/cli/plugin_folder.h"

#include <filesystem>

#include "host/cli/plugin_site.h"
#include "host/manifest/yaml_reader.h"
#include "host/trust/digest.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

Result<PluginFolder> ReadManifest(const std::string& directory) {
  Problems problems;
  std::optional<PluginManifest> manifest = ReadPluginManifest((fs::path(directory) / kManifestFile).string(), problems);
  if (!manifest || !problems.empty()) {
    return Status::InvalidArgument(JoinProblems(problems));
  }
  PluginFolder folder;
  folder.library = fs::path(manifest->library).filename().string();
  folder.manifest = std::move(*manifest);
  return folder;
}

}  // namespace

SignedFacts PluginFolder::facts() const {
  return {manifest.id, manifest.version.ToString(), library_sha256, Sha256(package.Find(kManifestFile))};
}

SignatureCheck PluginFolder::Check(const std::vector<std::string>& keys) const {
  return package.files.contains(std::string(kSignatureFile))
             ? CheckSignature(package.Find(kSignatureFile), facts(), keys)
             : SignatureCheck();
}

Result<PluginFolder> ReadPluginFolder(const std::string& directory) {
  Result<PluginFolder> folder = ReadManifest(directory);
  if (!folder.ok()) {
    return folder;
  }
  Result<Package> package = ReadPackageFolder(directory, folder->library);
  if (!package.ok()) {
    return package.status();
  }
  folder->package = std::move(*package);
  folder->library_sha256 = Sha256(folder->package.Find(folder->library));
  return folder;
}

Status CheckNamesLibrary(const PluginFolder& folder) {
  Problems ignored;
  const auto root = ParseYaml(folder.package.Find(kManifestFile), std::string(kManifestFile), nullptr, ignored);
  if (!root || root->TextAt("library").empty()) {
    return Status::InvalidArgument(folder.manifest.directory + "/plugin.yaml: expected `library: " + folder.library +
                                   "`, found none; the default follows the folder's name, and an installed plugin is "
                                   "in another folder");
  }
  return {};
}

Result<PluginFolder> ReadWrittenPackage(const std::string& directory, Package package) {
  Result<PluginFolder> folder = ReadManifest(directory);
  if (folder.ok()) {
    folder->package = std::move(package);
    folder->library_sha256 = Sha256(folder->package.Find(folder->library));
  }
  return folder;
}

}  // namespace tutti::host
