// A command in two versions, whose configuration can be bad in each way a plugin can find out.
#include "tutti/sdk/plugin.hpp"

namespace {

class Echo {
 public:
  explicit Echo(tutti::Host) {}

  tutti::Status Init(const tutti::Config& config) {
    greeting_ = config["greeting"].AsString();
    return greeting_ == "bad" ? tutti::Status::InvalidArgument("nobody greets with 'bad'") : tutti::Status();
  }

  tutti::Status Activate() const {
    return greeting_ == "worse" ? tutti::Status::Unavailable("the greeting server is away") : tutti::Status();
  }

  std::string Commands() const {
    return greeting_ == "garbled" ? "this is no JSON" : R"([{"name": "echo.say", "summary": "Greets.",
      "effects": "read", "input": {"type": "object"}}])";
  }

  tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) const {
    return tutti::JsonObject()("version", SPECIMEN_VERSION)("greeting", greeting_).Take();
  }

 private:
  std::string greeting_;
};

}  // namespace

TUTTI_PLUGIN(Echo, "org.example.echo", SPECIMEN_VERSION)
