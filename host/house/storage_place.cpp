#include "host/house/storage_place.h"

#include <algorithm>
#include <filesystem>

#include "host/cli/plugin_site.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

// The password, if there is one, is left out.
std::string Shown(const std::string& url) {
  const std::size_t host = url.rfind('@');
  const std::size_t begin = url.find("://");
  return host == std::string::npos || begin == std::string::npos ? url
                                                                 : url.substr(0, begin + 3) + url.substr(host + 1);
}

std::string With(const std::string& config, const std::string& key, const std::string& value) {
  JsonObject out;
  if (const Result<Json> json = Json::Parse(config); json.ok()) {
    json->view().ForEachMember([&](std::string_view name, JsonView member) {
      if (name != key) {
        out.Raw(name, member.Dump());
      }
    });
  }
  return out(key, value).Take();
}

}  // namespace

StoragePlace ReadStoragePlace(const std::string& text) {
  if (text.empty()) {
    return {};
  }
  for (const char* scheme : {"postgresql://", "postgres://", "secret://"}) {
    if (text.starts_with(scheme)) {
      return {"tutti.storage.postgresql", "url", text};
    }
  }
  return {"tutti.storage.sqlite", "file", std::filesystem::absolute(text).string()};
}

Result<StorageEntry> FindStorage(LoadOptions options, const StoragePlace& place) {
  options.storage = place.plugin;
  LoadedManifest loaded = LoadManifest(options);
  if (!loaded.ok()) {
    return Status::FailedPrecondition(JoinProblems(loaded.problems));
  }
  const std::string& id = loaded.manifest.roles.storage;
  const auto found = std::find_if(loaded.manifest.plugins.begin(), loaded.manifest.plugins.end(),
                                  [&](const PluginEntry& entry) { return entry.manifest.id == id; });
  if (id.empty() || found == loaded.manifest.plugins.end()) {
    return Status::FailedPrecondition("the manifest " + options.file +
                                      " has no storage plugin; enable one under `plugins`");
  }
  if (!found->trust.refusal.empty()) {
    return Status::FailedPrecondition("plugin " + id + " is refused: " + found->trust.refusal);
  }
  StorageEntry entry{loaded.manifest.host, *found, {}};
  if (!place.key.empty()) {
    entry.plugin.config_json = With(entry.plugin.config_json, place.key, place.value);
  }
  // It runs here, for one request, whatever the manifest says of a server.
  entry.plugin.isolation = Isolation::kHost;
  entry.shown = place.value.empty() ? "the storage of " + options.file : Shown(place.value);
  return entry;
}

}  // namespace tutti::host
