// What every `tutti plugin` verb works on: the manifest, what is installed, the lock file, and the terminal.
//
// Threads: one; reads files when it is made and when asked to.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "host/manifest/lock_file.h"
#include "host/manifest/manifest.h"
#include "host/manifest/plugin_search.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Where a verb speaks.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool can_ask = false;  // somebody is there to answer

  // Prints the sentence as an error; 1.
  [[nodiscard]] int Fail(const Status& status) const;

  // Prints every problem; 2.
  [[nodiscard]] int Fail(const Problems& problems) const;

  // Prints the question and reads y or n. false when nobody can answer.
  [[nodiscard]] bool Confirm(const std::string& question) const;
};

class PluginSite {
 public:
  explicit PluginSite(const LoadOptions& options) : loaded_(LoadManifest(options)) {}

  [[nodiscard]] const Manifest& manifest() const { return loaded_.manifest; }

  [[nodiscard]] const Problems& problems() const { return loaded_.problems; }

  [[nodiscard]] const std::string& data_dir() const { return loaded_.manifest.host.data_dir; }

  // The plugin that a start would take. NOT_FOUND names the nearest id.
  [[nodiscard]] Result<InstalledPlugin> Find(const std::string& id) const;

  // The newest version that is installed, which need not be the one that is in use.
  [[nodiscard]] Result<PluginManifest> FindNewest(const std::string& id) const;

  // nullptr: a start would not load it.
  [[nodiscard]] const PluginEntry* FindEntry(const std::string& id) const;

  // FAILED_PRECONDITION: the file is broken.
  [[nodiscard]] Result<LockFile> ReadLock() const;

  [[nodiscard]] Status WriteLock(const LockFile& lock) const;

 private:
  LoadedManifest loaded_;
};

// Every problem in one sentence after the other, a line each.
std::string JoinProblems(const Problems& problems);

}  // namespace tutti::host
