// A model that always says the same.
#include "tutti/sdk/plugin.hpp"

namespace {

class Model {
 public:
  explicit Model(tutti::Host) {}

  std::string Models() const { return R"({"models":[{"id":"same"}]})"; }

  tutti::Result<std::string> Complete(std::string_view, const tutti::Call&) const {
    return std::string(R"({"model":"same","content":[],"stop_reason":"end_turn","usage":{},"cost_usd":0})");
  }
};

}  // namespace

TUTTI_PLUGIN(Model, "org.example.model", "1.0.0")
