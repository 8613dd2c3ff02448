#include "host/manifest/plugin_manifest.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "host/manifest/permissions.h"
#include "host/manifest/storage_section.h"
#include "host/manifest/yaml_reader.h"
#include "host/trust/digest.h"
#include "tutti/abi/core.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

const Schema& FileSchema() {
  static const Schema kSchema = Schema::BuiltIn(std::string(R"(
type: object
required: [id, version, abi, kinds, summary]
properties:
  id: {type: string, pattern: "^[a-z0-9_-]+([.][a-z0-9_-]+)+$", description: "reverse domain, such as org.example.redact"}
  version: {type: string, description: "semantic version, such as 1.2.0"}
  abi: {type: string, description: "boundary revision, such as 1.0"}
  library: {type: string, pattern: "^[^/]+$"}
  kinds:
    type: array
    minItems: 1
    uniqueItems: true
    items: {enum: [transport, storage, hook, command, model, runtime, template]}
  summary: {type: string, minLength: 1, description: "one sentence for the operator"}
  requires: {type: array, items: {type: string}}
  permissions: {type: array, uniqueItems: true, items: {enum: )") +
                                                PermissionNamesYaml() + R"(}}
  isolation: {type: array, minItems: 1, items: {enum: [host, process]}}
  exclusive: {type: boolean, default: false}
  points:
    type: object
    additionalProperties:
      anyOf:
      - {type: string}
      - {type: array, minItems: 1, items: {type: string}}
  order: {type: object, additionalProperties: {type: integer, minimum: -1000000, maximum: 1000000}}
  storage: {type: object}
  config: {type: object}
)");
  return kSchema;
}

std::vector<std::string> Texts(JsonView list) {
  std::vector<std::string> texts;
  list.ForEach([&](JsonView item) { texts.emplace_back(item.AsString()); });
  return texts;
}

class FileReader {
 public:
  FileReader(const Node& root, Problems& problems) : root_(root), problems_(problems) {}

  void Read(PluginManifest& plugin) {
    ReadVersions(plugin);
    ReadRequirements(plugin);
    ReadPoints(plugin);
    ReadOrder(plugin);
    ReadIsolation(plugin);
    ReadLibrary(plugin);
    if (const Node* storage = root_.Find("storage"); storage != nullptr && storage->is_map()) {
      plugin.storage_json = ReadStorageSection(*storage, plugin.id, problems_);
    }
    if (const Node* config = root_.Find("config"); config != nullptr && config->is_map()) {
      plugin.config = Schema::FromNode(*config, problems_).value_or(Schema::Empty());
    }
  }

 private:
  void ReadVersions(PluginManifest& plugin) {
    if (const Node* version = root_.Find("version"); version != nullptr && version->is_scalar()) {
      const std::optional<Version> parsed = Version::Parse(version->text);
      if (!parsed) {
        problems_.push_back(
            ProblemAt(*version, "expected a semantic version such as 1.2.0, found " + Describe(*version)));
      }
      plugin.version = parsed.value_or(Version());
    }
    const Node* abi = root_.Find("abi");
    if (abi == nullptr || !abi->is_scalar()) {
      return;
    }
    const std::optional<AbiVersion> parsed = AbiVersion::Parse(abi->text);
    const std::string ours = std::to_string(TUTTI_ABI_MAJOR) + "." + std::to_string(TUTTI_ABI_MINOR);
    if (!parsed) {
      problems_.push_back(
          ProblemAt(*abi, "expected a boundary revision such as " + ours + ", found " + Describe(*abi)));
      return;
    }
    plugin.abi = *parsed;
    if (parsed->major != TUTTI_ABI_MAJOR || parsed->minor > TUTTI_ABI_MINOR) {
      problems_.push_back(ProblemAt(*abi, "expected boundary revision " + ours + " or older of the same major, found " +
                                              abi->text + "; use a plugin and a host that were built for each other"));
    }
  }

  void ReadRequirements(PluginManifest& plugin) {
    const Node* list = root_.Find("requires");
    if (list == nullptr) {
      return;
    }
    for (const Node& item : list->items) {
      if (item.is_scalar()) {
        ReadRequirement(item, plugin);
      }
    }
  }

  void ReadRequirement(const Node& item, PluginManifest& plugin) {
    Requirement requirement{item.text, std::nullopt, item.place};
    if (const std::size_t sign = item.text.find(">="); sign != std::string::npos) {
      const std::size_t begin = item.text.find_first_not_of(' ', sign + 2);
      requirement.name = item.text.substr(0, item.text.find_last_not_of(' ', sign == 0 ? 0 : sign - 1) + 1);
      requirement.minimum = begin == std::string::npos ? std::nullopt : Version::Parse(item.text.substr(begin));
      if (!requirement.minimum || requirement.is_kind()) {
        problems_.push_back(ProblemAt(
            item, "expected a plugin with a version, such as org.example.redact >= 1.2.0, found " + Describe(item)));
        return;
      }
    }
    const std::vector<std::string>& kinds = KindNames();
    if (requirement.is_kind() && std::find(kinds.begin(), kinds.end(), requirement.name) == kinds.end()) {
      problems_.push_back(
          ProblemAt(item, "expected a kind (" + JoinNames(kinds) + ") or a plugin id, found " + Describe(item),
                    Nearest(requirement.name, kinds)));
      return;
    }
    plugin.requirements.push_back(std::move(requirement));
  }

  void ReadPoints(PluginManifest& plugin) {
    const Node* points = root_.Find("points");
    if (points == nullptr) {
      return;
    }
    if (!points->members.empty() && !plugin.Serves("hook")) {
      problems_.push_back(ProblemAt(*points, "points are for plugins of kind hook; add hook to kinds"));
    }
    for (const Member& member : points->members) {
      const PointRule* rule = FindPoint(member.key);
      if (rule == nullptr) {
        problems_.push_back(
            ProblemAt(member, "expected a hook point (" + JoinNames(PointNames(), 20) + "), found '" + member.key + "'",
                      Nearest(member.key, PointNames())));
        continue;
      }
      std::vector<PointMode>& modes = plugin.points[member.key];
      if (member.value.is_scalar()) {
        ReadMode(member.value, *rule, modes);
      }
      for (const Node& item : member.value.items) {
        ReadMode(item, *rule, modes);
      }
    }
  }

  void ReadMode(const Node& node, const PointRule& rule, std::vector<PointMode>& modes) {
    const std::vector<std::string> allowed = AllowedModes(rule);
    const std::optional<PointMode> mode = FindPointMode(node.text);
    if (!mode || !rule.Allows(*mode)) {
      problems_.push_back(ProblemAt(node,
                                    "expected a mode that point " + std::string(rule.name) + " allows (" +
                                        JoinNames(allowed) + "), found " + Describe(node),
                                    Nearest(node.text, allowed)));
      return;
    }
    if (std::find(modes.begin(), modes.end(), *mode) == modes.end()) {
      modes.push_back(*mode);
    }
  }

  void ReadOrder(PluginManifest& plugin) {
    const Node* order = root_.Find("order");
    if (order == nullptr) {
      return;
    }
    std::vector<std::string> points;
    for (const auto& [point, modes] : plugin.points) {
      points.push_back(point);
    }
    for (const Member& member : order->members) {
      if (!plugin.points.contains(member.key)) {
        problems_.push_back(ProblemAt(
            member,
            "expected a point that stands under `points` (" + JoinNames(points, 20) + "), found '" + member.key + "'",
            Nearest(member.key, points)));
        continue;
      }
      // What is no number has been reported by the schema.
      plugin.order[member.key] = static_cast<int>(std::strtol(member.value.text.c_str(), nullptr, 10));
    }
  }

  void ReadIsolation(PluginManifest& plugin) {
    const bool is_transport = plugin.Serves("transport");
    if (plugin.isolation.empty()) {
      plugin.isolation = is_transport ? std::vector<std::string>{"host"} : std::vector<std::string>{"host", "process"};
    } else if (is_transport && plugin.RunsIn("process")) {
      problems_.push_back(ProblemAt(*root_.Find("isolation"),
                                    "expected [host] for a transport, found process; transports run inside the host"));
    }
  }

  void ReadLibrary(PluginManifest& plugin) {
    const std::filesystem::path directory(plugin.directory);
    const Node* library = root_.Find("library");
    const std::string name = library != nullptr && library->is_scalar() && !library->text.empty()
                                 ? library->text
                                 : directory.filename().string() + ".so";
    plugin.library = (directory / name).string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(plugin.library, error)) {
      problems_.push_back(ProblemAt(library == nullptr ? root_ : *library,
                                    "expected the library " + plugin.library +
                                        ", found no such file; build or install it, or correct `library`"));
    }
  }

  const Node& root_;
  Problems& problems_;
};

}  // namespace

bool PluginManifest::Serves(std::string_view kind) const {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool PluginManifest::RunsIn(std::string_view where) const {
  return std::find(isolation.begin(), isolation.end(), where) != isolation.end();
}

const std::vector<std::string>& KindNames() {
  static const std::vector<std::string> kNames = {"transport", "storage", "hook",    "command",
                                                  "model",     "runtime", "template"};
  return kNames;
}

std::optional<PluginManifest> ReadPluginManifest(const std::string& file, Problems& problems) {
  const std::optional<std::string> text = ReadTextFile(file, problems);
  const std::optional<Node> root = text ? ParseYaml(*text, file, nullptr, problems) : std::nullopt;
  if (!root) {
    return std::nullopt;
  }
  const Result<Json> json = Json::Parse(FileSchema().Apply(*root, nullptr, problems));
  PluginManifest plugin;
  plugin.id = root->TextAt("id");
  if (!json.ok() || plugin.id.empty()) {
    return std::nullopt;
  }
  plugin.directory = std::filesystem::absolute(file).lexically_normal().parent_path().string();
  plugin.sha256 = Sha256(*text);
  plugin.kinds = Texts((*json)["kinds"]);
  plugin.summary = (*json)["summary"].AsString();
  plugin.permissions = Texts((*json)["permissions"]);
  plugin.isolation = Texts((*json)["isolation"]);
  plugin.exclusive = (*json)["exclusive"].AsBool();
  plugin.place = root->place;
  FileReader(*root, problems).Read(plugin);
  return plugin;
}

}  // namespace tutti::host
