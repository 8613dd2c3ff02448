#include "host/cli/plugin_site.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kMostNames = 40;

}  // namespace

int Console::Fail(const Status& status) const {
  err << "tutti: " << status.message() << '\n';
  return 1;
}

int Console::Fail(const Problems& problems) const {
  err << JoinProblems(problems) << '\n';
  return 2;
}

bool Console::Confirm(const std::string& question) const {
  if (!can_ask) {
    return false;
  }
  out << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<InstalledPlugin> PluginSite::Find(const std::string& id) const {
  std::vector<std::string> ids;
  for (const InstalledPlugin& plugin : manifest().installed) {
    if (plugin.id == id) {
      return plugin;
    }
    ids.push_back(plugin.id);
  }
  const std::string nearest = Nearest(id, ids);
  return Status::NotFound("no plugin " + id + " is installed; installed are " + JoinNames(ids, kMostNames) +
                          (nearest.empty() ? "" : ". Did you mean '" + nearest + "'?"));
}

Result<PluginManifest> PluginSite::FindNewest(const std::string& id) const {
  Problems ignored;
  auto versions = FindInstalledVersions(InstalledDirectory(data_dir()), ignored);
  FoundPlugin newest;
  if (const auto found = versions.find(id); found != versions.end()) {
    newest = std::move(found->second.back());
  } else {
    Result<InstalledPlugin> installed = Find(id);
    if (!installed.ok()) {
      return installed.status();
    }
    newest = {std::move(installed->manifest), std::move(installed->problems), {}};
  }
  if (!newest.problems.empty()) {
    return Status::FailedPrecondition(JoinProblems(newest.problems));
  }
  return std::move(newest.manifest);
}

const PluginEntry* PluginSite::FindEntry(const std::string& id) const {
  const auto found = std::find_if(manifest().plugins.begin(), manifest().plugins.end(),
                                  [&](const PluginEntry& entry) { return entry.manifest.id == id; });
  return found == manifest().plugins.end() ? nullptr : &*found;
}

Result<LockFile> PluginSite::ReadLock() const {
  Problems found;
  LockFile lock = LockFile::Read(manifest().lock, found);
  if (!found.empty()) {
    return Status::FailedPrecondition(JoinProblems(found));
  }
  return lock;
}

Status PluginSite::WriteLock(const LockFile& lock) const {
  return lock.Write(manifest().lock);
}

std::string JoinProblems(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "\n") + ToString(problem);
  }
  return text;
}

}  // namespace tutti::host
