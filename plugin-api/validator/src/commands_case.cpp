#include <set>
#include <string>

#include "cases.h"
#include "library.h"
#include "served.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {
namespace {

std::string ProblemOf(JsonView definition) {
  const std::string_view name = definition["name"].AsString();
  if (name.empty()) {
    return "a definition has no name";
  }
  const std::string prefix = "the definition of " + std::string(name) + " ";
  if (definition["summary"].AsString().empty()) {
    return prefix + "has no summary";
  }
  if (!definition["input"].is_object() || definition["input"]["type"].AsString() != "object") {
    return prefix + "has no input schema of type object";
  }
  const std::string_view effects = definition["effects"].AsString();
  if (effects != "read" && effects != "write" && effects != "destructive") {
    return prefix + "has effects `" + std::string(effects) + "`; expected read, write or destructive";
  }
  return {};
}

}  // namespace

Outcome CheckCommandsCase(const PluginFolder& folder) {
  if (!folder.Serves("command")) {
    return Outcome::Skip("the plugin serves no commands");
  }
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  testing::FakeHost host;
  ProgramServices(host, Services::kAnswer);
  testing::LoadedPlugin plugin(host, (*entry)->create);
  const Status status = plugin.Init(folder.config);
  if (!status.ok()) {
    return Outcome::Skip("init with the schema's defaults was refused: " + std::string(status.message()));
  }
  const std::string text = plugin.Commands();
  if (text != plugin.Commands()) {
    return Outcome::Fail("describe wrote something else the second time");
  }
  const Result<Json> definitions = Json::Parse(text);
  if (!definitions.ok() || !definitions->view().is_array()) {
    return Outcome::Fail("expected a JSON array of definitions from describe, found " +
                         (definitions.ok() ? "something else" : std::string(definitions.status().message())));
  }
  std::set<std::string> names;
  std::string problem;
  definitions->view().ForEach([&](JsonView definition) {
    if (problem.empty()) {
      problem = ProblemOf(definition);
    }
    const std::string name(definition["name"].AsString());
    if (problem.empty() && !names.insert(name).second) {
      problem = "the name " + name + " is defined twice";
    }
  });
  return problem.empty() ? Outcome::Pass(std::to_string(names.size()) + " definitions are complete and unique")
                         : Outcome::Fail(problem);
}

}  // namespace tutti::validator
