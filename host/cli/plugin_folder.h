// A built plugin in a folder or an archive, as the verbs take it from the command line.
#pragma once

#include <string>

#include "host/manifest/plugin_manifest.h"
#include "host/trust/package.h"
#include "host/trust/signature.h"

namespace tutti::host {

struct PluginFolder {
  PluginManifest manifest;
  std::string library;         // name of the file
  std::string library_sha256;  // lower-case hex
  Package package;

  [[nodiscard]] SignedFacts facts() const;

  // plugin.sig of the package against these keys.
  [[nodiscard]] SignatureCheck Check(const std::vector<std::string>& keys) const;
};

// What can be packed, signed and installed: everything in plugin.yaml is right and every file is there.
Result<PluginFolder> ReadPluginFolder(const std::string& directory);

// INVALID_ARGUMENT when plugin.yaml does not name its library: the default follows the folder's name, and an
// installation has another.
Status CheckNamesLibrary(const PluginFolder& folder);

// The same after a package was written to a directory.
Result<PluginFolder> ReadWrittenPackage(const std::string& directory, Package package);

}  // namespace tutti::host
