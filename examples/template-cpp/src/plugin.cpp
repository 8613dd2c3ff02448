#include "tutti/sdk/plugin.hpp"

#include <map>
#include <string>

#include "tutti/sdk/nearest.hpp"

// A source of templates: recipes that agents are created from. Shapes: tutti/abi/template.h.
class TemplateCpp {
 public:
  explicit TemplateCpp(tutti::Host /*host*/) {}

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    tutti::Status problem;
    config["templates"].ForEach([&](tutti::JsonView entry) {
      const std::string name(entry["name"].AsString());
      if (!templates_.emplace(name, Whole(entry)).second) {
        problem = tutti::Status::InvalidArgument("expected each name in `templates` once, found '" + name + "' twice");
      }
    });
    return problem;
  }

  // Asked anew each time somebody wants to know, so what changes shows without a restart.
  tutti::Result<std::string> List(const tutti::Call& /*call*/) const {
    tutti::JsonWriter list;
    list.BeginObject().Key("templates").BeginArray();
    for (const auto& [name, text] : templates_) {
      const tutti::Result<tutti::Json> whole = tutti::Json::Parse(text);
      list.BeginObject();
      whole->view().ForEachMember([&](std::string_view key, tutti::JsonView value) {
        if (key != "system_prompt") {
          list.Key(key).Raw(value.Dump());
        }
      });
      list.EndObject();
    }
    return list.EndArray().EndObject().Take();
  }

  tutti::Result<std::string> Get(std::string_view name, const tutti::Call& /*call*/) const {
    if (const auto found = templates_.find(std::string(name)); found != templates_.end()) {
      return found->second;
    }
    std::vector<std::string> names;
    for (const auto& [known, text] : templates_) {
      names.push_back(known);
    }
    return tutti::Status::NotFound("expected one of " + tutti::JoinNames(names) + ", found '" + std::string(name) +
                                   "'" + tutti::DidYouMean(name, names));
  }

 private:
  static std::string Whole(tutti::JsonView entry) {
    return tutti::JsonObject()("name", entry["name"].AsString())("description", entry["description"].AsString())(
               "system_prompt", entry["system_prompt"].AsString())
        .Raw("tools", entry["tools"].Dump())
        .OrNull("model", entry["model"].AsString())("color", nullptr)("source", "configuration")
        .Take();
  }

  std::map<std::string, std::string> templates_;  // by name, whole; read only after Init
};

TUTTI_PLUGIN(TemplateCpp, "org.example.template_cpp", "0.1.0")
