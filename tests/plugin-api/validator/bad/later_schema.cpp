// Its arguments are described in a later draft than 7.
#include <string>
#include <string_view>

#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

  static std::string Commands() {
    return R"([{"name":"specimen.greet","summary":"Greets.","effects":"read","input":{"type":"object",)"
           R"("properties":{"a":{"type":"string"}},"dependentRequired":{"a":["b"]}}}])";
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) {
    return std::string("{}");
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
