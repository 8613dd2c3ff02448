#include "host/manifest/lock_file.h"

#include <algorithm>

#include "host/manifest/permissions.h"
#include "host/manifest/private_file.h"
#include "host/manifest/schema.h"
#include "host/manifest/yaml_reader.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

const Schema& FileSchema() {
  static const Schema kSchema = Schema::BuiltIn(std::string(R"(
type: object
required: [version]
properties:
  version: {const: 1}
  plugins:
    type: array
    items:
      type: object
      required: [id, version, library_sha256, manifest_sha256, permissions]
      properties:
        id: {type: string, minLength: 1}
        version: {type: string, minLength: 1}
        library_sha256: {type: string, pattern: "^[0-9a-f]{64}$", description: "64 hexadecimal digits"}
        manifest_sha256: {type: string, pattern: "^[0-9a-f]{64}$", description: "64 hexadecimal digits"}
        permissions: {type: array, items: {enum: )") +
                                                PermissionNamesYaml() + R"(}}
        pinned_by: {type: string}
        pinned_at: {type: string}
)");
  return kSchema;
}

PinnedPlugin ReadPlugin(JsonView json) {
  PinnedPlugin plugin;
  plugin.id = json["id"].AsString();
  plugin.version = json["version"].AsString();
  plugin.library_sha256 = json["library_sha256"].AsString();
  plugin.manifest_sha256 = json["manifest_sha256"].AsString();
  json["permissions"].ForEach([&](JsonView permission) { plugin.permissions.emplace_back(permission.AsString()); });
  plugin.pinned_by = json["pinned_by"].AsString();
  plugin.pinned_at = json["pinned_at"].AsString();
  return plugin;
}

std::string ToYaml(const PinnedPlugin& plugin) {
  std::string permissions;
  for (const std::string& permission : plugin.permissions) {
    permissions += (permissions.empty() ? "" : ", ") + JsonQuote(permission);
  }
  return "  - id: " + JsonQuote(plugin.id) + "\n    version: " + JsonQuote(plugin.version) +
         "\n    library_sha256: " + JsonQuote(plugin.library_sha256) +
         "\n    manifest_sha256: " + JsonQuote(plugin.manifest_sha256) + "\n    permissions: [" + permissions +
         "]\n    pinned_by: " + JsonQuote(plugin.pinned_by) + "\n    pinned_at: " + JsonQuote(plugin.pinned_at) + "\n";
}

}  // namespace

LockFile LockFile::Read(const std::filesystem::path& path, Problems& problems) {
  LockFile lock;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return lock;
  }
  Problems found;
  const std::optional<Node> root = ReadYamlFile(path.string(), nullptr, found);
  const Result<Json> json = Json::Parse(root ? FileSchema().Apply(*root, nullptr, found) : "{}");
  if (found.empty() && json.ok()) {
    (*json)["plugins"].ForEach([&](JsonView plugin) {
      if (const std::string_view id = plugin["id"].AsString(); lock.Find(id) != nullptr) {
        found.push_back({{path.string(), 0, 0},
                         "plugins",
                         "plugin " + std::string(id) + " is pinned twice; keep one entry, or pin it again",
                         {}});
      }
      lock.Pin(ReadPlugin(plugin));
    });
  }
  for (Problem& problem : found) {
    problem.message += "; this file is written by `tutti plugin pin`: restore it, or remove it and pin again";
    problems.push_back(std::move(problem));
    lock.plugins_.clear();
  }
  return lock;
}

const PinnedPlugin* LockFile::Find(std::string_view id) const {
  const auto found =
      std::find_if(plugins_.begin(), plugins_.end(), [id](const PinnedPlugin& plugin) { return plugin.id == id; });
  return found == plugins_.end() ? nullptr : &*found;
}

void LockFile::Pin(PinnedPlugin plugin) {
  Unpin(plugin.id);
  const auto after =
      std::find_if(plugins_.begin(), plugins_.end(), [&](const PinnedPlugin& other) { return other.id > plugin.id; });
  plugins_.insert(after, std::move(plugin));
}

bool LockFile::Unpin(std::string_view id) {
  return std::erase_if(plugins_, [id](const PinnedPlugin& plugin) { return plugin.id == id; }) > 0;
}

Status LockFile::Write(const std::filesystem::path& path) const {
  std::string text =
      "# Written by `tutti plugin pin`: plugins that were accepted, down to their bytes. Keep it with the manifest.\n"
      "version: 1\nplugins:\n";
  for (const PinnedPlugin& plugin : plugins_) {
    text += ToYaml(plugin);
  }
  if (plugins_.empty()) {
    text += "  []\n";
  }
  if (Status status = WritePrivateFile(path, text); !status.ok()) {
    return status;
  }
  using std::filesystem::perms;
  std::error_code error;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read,
                               error);
  return error ? Status::Internal(path.string() + " cannot be made readable: " + error.message()) : Status();
}

}  // namespace tutti::host
