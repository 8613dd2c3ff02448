// expect: no matching function for call to
#include <string_view>

#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

#ifdef WRONG
  bool OnPoint(const tutti::Point&, std::string_view, const tutti::Call&) {
    return true;
  }
#else
  tutti::HookReply OnPoint(const tutti::Point&, std::string_view, const tutti::Call&) {
    return tutti::HookReply::Allow();
  }
#endif
};

TUTTI_PLUGIN(Plugin, "org.example.plugin", "1.0.0")
