// What the suite must not let pass.
#include <fstream>

#include "tutti/sdk/plugin.hpp"

class Agreeable {
 public:
  explicit Agreeable(tutti::Host) {}

  // Leaves a trace of its configuration, for the test to read.
  tutti::Status Init(const tutti::Config& config) {
    std::ofstream(std::string(config["trace"].AsString("/dev/null"))) << config.view().Dump();
    return {};
  }

  tutti::Result<std::string> EnsureSchema(std::string_view, const tutti::Call&) {
    return std::string(R"({"namespace":"lab","version":3,"created":[],"changed":[]})");
  }

  tutti::Result<std::string> Execute(std::string_view, const tutti::Call&) {
    return std::string(R"({"results":[[{"affected":1,"count":0,"rows":[]}]]})");
  }

  std::string Stats() { return R"({"healthy":true})"; }
};
TUTTI_PLUGIN(Agreeable, "test.agreeable", "1.0.0")
