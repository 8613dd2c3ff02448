// Schemas and hook points: what an operator and a caller are told before any code runs.
#include <map>

#include "cases.h"
#include "draft7.h"
#include "library.h"
#include "served.h"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {
namespace {

// Modes at each point, from tutti/abi/hook.h.
const std::map<std::string, std::set<std::string>>& Points() {
  static const std::map<std::string, std::set<std::string>> points{
      {"UserPromptSubmit", {"gate", "record", "observe"}},
      {"Message", {"record", "observe"}},
      {"TextBlock", {"record", "observe"}},
      {"ThinkingBlock", {"record", "observe"}},
      {"ToolUseBlock", {"record", "observe"}},
      {"PreToolUse", {"gate", "record", "observe"}},
      {"PostToolUse", {"gate", "record", "observe"}},
      {"Stop", {"record", "observe"}},
      {"RunState", {"record", "observe"}},
      {"SubagentStop", {"record", "observe"}},
      {"PreCompact", {"gate", "record", "observe"}},
      {"command.before", {"gate", "observe"}},
      {"command.after", {"observe"}},
      {"model.before", {"gate", "observe"}},
      {"model.after", {"gate", "record", "observe"}},
      {"model.failed", {"record", "observe"}},
  };
  return points;
}

std::string ProblemWithDefinitions(const std::string& text, std::size_t& checked) {
  const Result<Json> definitions = Json::Parse(text);
  std::string problem;
  if (!definitions.ok()) {
    return problem;
  }
  definitions->view().ForEach([&](JsonView definition) {
    for (const char* key : {"input", "output"}) {
      if (problem.empty() && definition[key]) {
        ++checked;
        const std::string found = ProblemWithSchema(definition[key]);
        problem = found.empty() ? ""
                                : "the " + std::string(key) + " schema of " +
                                      std::string(definition["name"].AsString()) + " is not of draft 7: " + found;
      }
    }
  });
  return problem;
}

}  // namespace

Outcome CheckSchemasCase(const PluginFolder& folder) {
  std::size_t checked = 0;
  if (!folder.config_schema.empty()) {
    const Result<Json> schema = Json::Parse(folder.config_schema);
    ++checked;
    const std::string problem = schema.ok() ? ProblemWithSchema(schema->view()) : "it is no JSON";
    if (!problem.empty()) {
      return Outcome::Fail("the config schema of plugin.yaml is not of draft 7: " + problem);
    }
  }
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (entry.ok() && folder.Serves("command")) {
    testing::FakeHost host;
    ProgramServices(host, Services::kAnswer);
    testing::LoadedPlugin plugin(host, (*entry)->create);
    if (plugin.Init(folder.config).ok()) {
      const std::string problem = ProblemWithDefinitions(plugin.Commands(), checked);
      if (!problem.empty()) {
        return Outcome::Fail(problem);
      }
    }
  }
  return checked == 0 ? Outcome::Skip("the plugin has no schema")
                      : Outcome::Pass(std::to_string(checked) + " schemas are of draft 7");
}

Outcome CheckPointsCase(const PluginFolder& folder) {
  if (folder.points.empty()) {
    return Outcome::Skip("plugin.yaml lists no hook points");
  }
  std::vector<std::string> names;
  for (const auto& [name, modes] : Points()) {
    names.push_back(name);
  }
  for (const DeclaredPoint& point : folder.points) {
    const auto known = Points().find(point.name);
    if (known == Points().end()) {
      return Outcome::Fail("plugin.yaml lists the hook point " + point.name + ", which does not exist" +
                           DidYouMean(point.name, names));
    }
    for (const std::string& mode : point.modes) {
      if (known->second.count(mode) == 0) {
        return Outcome::Fail("plugin.yaml takes the hook point " + point.name + " as " + mode +
                             ", which is not possible there; see docs/hook-points.md");
      }
    }
  }
  return Outcome::Pass(std::to_string(folder.points.size()) +
                       (folder.points.size() == 1 ? " point exists" : " points exist") + " with its modes");
}

}  // namespace tutti::validator
