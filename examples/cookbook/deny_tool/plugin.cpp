// Denies tool calls by patterns. Teaches: a gate, rules from the configuration, a refusal that the model can act on.
#include "tutti/sdk/plugin.hpp"

#include <fnmatch.h>

#include <string>
#include <vector>

class DenyTool {
 public:
  explicit DenyTool(tutti::Host /*host*/) {}

  tutti::Status Init(const tutti::Config& config) {
    config["rules"].ForEach([this](tutti::JsonView rule) {
      rules_.push_back({std::string(rule["tool"].AsString()), std::string(rule["argument"].AsString()),
                        std::string(rule["pattern"].AsString())});
    });
    return {};
  }

  tutti::HookReply OnPoint(const tutti::Point& /*point*/, std::string_view payload, const tutti::Call& /*call*/) const {
    const tutti::Result<tutti::Json> json = tutti::Json::Parse(payload);
    if (!json.ok()) {
      return tutti::HookReply::Fail(json.status());  // a gate that cannot decide denies
    }
    const std::string tool((*json)["tool_name"].AsString());
    for (const Rule& rule : rules_) {
      const tutti::JsonView argument = (*json)["tool_input"][rule.argument];
      if (Matches(rule.tool, tool) && argument.is_string() && Matches(rule.pattern, std::string(argument.AsString()))) {
        return tutti::HookReply::Deny(tool + " with " + rule.argument + " like '" + rule.pattern +
                                      "' is not allowed here. Work without it, or ask the user.");
      }
    }
    return tutti::HookReply::Allow();
  }

 private:
  struct Rule {
    std::string tool, argument, pattern;
  };

  static bool Matches(const std::string& pattern, const std::string& text) {
    return fnmatch(pattern.c_str(), text.c_str(), FNM_EXTMATCH) == 0;
  }

  std::vector<Rule> rules_;  // read only after Init
};

TUTTI_PLUGIN(DenyTool, "org.example.deny_tool", "1.0.0")
