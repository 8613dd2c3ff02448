// Takes a hook point that does not exist: see unknown_point.yaml.
#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

  static tutti::HookReply OnPoint(const tutti::Point&, std::string_view, const tutti::Call&) {
    return tutti::HookReply::Allow();
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
