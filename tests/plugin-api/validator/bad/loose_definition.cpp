// Its definition says nothing about effects.
#include <string>
#include <string_view>

#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

  static std::string Commands() {
    return R"([{"name":"specimen.greet","summary":"Greets.","input":{"type":"object"}}])";
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) {
    return std::string("{}");
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
