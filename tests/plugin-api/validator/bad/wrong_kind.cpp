// Declares commands, serves a model.
#include <string>
#include <string_view>

#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

  static std::string Models() { return R"({"default":"m","models":[]})"; }

  static tutti::Result<std::string> Complete(std::string_view, const tutti::Call&) { return std::string("{}"); }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
