#include "folder.h"

#include <yaml-cpp/yaml.h>

#include "yaml_json.h"

namespace tutti::validator {
namespace {

const std::set<std::string> kKinds{"transport", "storage", "hook", "command", "model", "runtime", "template"};
const std::set<std::string> kModes{"gate", "record", "observe"};

// Thrown inside this file only.
struct Problem {
  std::string sentence;
};

std::string Text(const YAML::Node& root, const char* key) {
  const YAML::Node node = root[key];
  if (!node || !node.IsScalar() || node.Scalar().empty()) {
    throw Problem{std::string("expected a text at `") + key + "`, found " + (node ? "something else" : "nothing")};
  }
  return node.Scalar();
}

std::set<std::string> TextsIn(const YAML::Node& node, const std::string& key, const std::set<std::string>& allowed) {
  std::set<std::string> texts;
  const auto add = [&](const YAML::Node& item) {
    if (!item.IsScalar() || allowed.count(item.Scalar()) == 0) {
      std::string choices;
      for (const std::string& choice : allowed) {
        choices += (choices.empty() ? "" : ", ") + choice;
      }
      throw Problem{"expected one of " + choices + " at `" + key + "`, found " +
                    (item.IsScalar() ? item.Scalar() : std::string("something that is no text"))};
    }
    texts.insert(item.Scalar());
  };
  if (node && node.IsSequence()) {
    for (const auto& item : node) {
      add(item);
    }
  } else if (node && node.IsScalar()) {
    add(node);
  }
  if (texts.empty()) {
    throw Problem{"expected a list of at least one name at `" + key + "`, found nothing"};
  }
  return texts;
}

PluginFolder Read(const std::filesystem::path& directory, const YAML::Node& root) {
  if (!root.IsMap()) {
    throw Problem{"expected a map, found something else"};
  }
  PluginFolder folder;
  folder.directory = directory;
  folder.id = Text(root, "id");
  folder.version = Text(root, "version");
  folder.library = directory / Text(root, "library");
  folder.abi = root["abi"].as<unsigned>();
  folder.kinds = TextsIn(root["kinds"], "kinds", kKinds);
  if (const YAML::Node points = root["points"]) {
    for (const auto& point : points) {
      const std::string name = point.first.as<std::string>();
      folder.points.push_back({name, TextsIn(point.second, "points/" + name, kModes)});
    }
  }
  folder.config = root["config"] ? DefaultsOf(root["config"]) : "{}";
  folder.schema = root["storage"] ? YamlToJson(root["storage"]) : "";
  return folder;
}

}  // namespace

Result<PluginFolder> ReadFolder(const std::filesystem::path& directory) {
  const std::filesystem::path absolute = std::filesystem::absolute(directory);
  const std::filesystem::path file = absolute / "plugin.yaml";
  try {
    PluginFolder folder = Read(absolute, YAML::LoadFile(file.string()));
    if (!std::filesystem::is_regular_file(folder.library)) {
      throw Problem{"expected the file that `library` names beside plugin.yaml, found no " + folder.library.string()};
    }
    return folder;
  } catch (const Problem& problem) {
    return Status::InvalidArgument(file.string() + ": " + problem.sentence);
  } catch (const YAML::BadFile&) {
    return Status::NotFound(file.string() + ": expected the plugin's manifest, found no readable file");
  } catch (const YAML::Exception& error) {
    return Status::InvalidArgument(file.string() + ": " + error.what());
  }
}

}  // namespace tutti::validator
