#include "tutti/sdk/plugin.hpp"

#include <string>

// A language model: one completion per call. Shapes of request, events and result: tutti/abi/model.h.
class ModelCpp {
 public:
  explicit ModelCpp(tutti::Host /*host*/) {}

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    prefix_ = config["prefix"].AsString();
    return {};
  }

  // `prices` of null: the cost of a completion is not known.
  std::string Models() const {
    return R"({"default":"echo","models":[{"id":"echo","aliases":[],"context_tokens":100000,)"
           R"("max_output_tokens":4096,"prices":null}]})";
  }

  // May block its worker thread for a moment; what waits for a network should be a Task or answer later.
  tutti::Result<std::string> Complete(std::string_view request, const tutti::Call& call) const {
    const tutti::Result<tutti::Json> json = tutti::Json::Parse(request);
    if (!json.ok()) {
      return json.status();
    }
    const std::string_view model = (*json)["model"].AsString();
    if (!model.empty() && model != "echo") {
      return tutti::Status::NotFound("expected the model echo, found " + std::string(model));
    }
    const std::string text = prefix_ + LastText((*json)["messages"]);
    // A caller that reads too slowly loses the delta, not the answer.
    call.Emit(tutti::JsonObject()("type", "text_delta")("index", 0)("text", text).Take());
    const std::string block = tutti::JsonObject()("type", "text")("text", text).Take();
    return tutti::JsonObject()("model", "echo")("stop_reason", "end_turn")
        .Raw("content", "[" + block + "]")
        .Raw("usage",
             R"({"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"cache_creation_input_tokens":0})")
        .Raw("cost_usd", "null")("request_id", "")
        .Take();
  }

 private:
  static std::string LastText(tutti::JsonView messages) {
    std::string text;
    messages[messages.size() - 1]["content"].ForEach([&](tutti::JsonView block) { text += block["text"].AsString(); });
    return text;
  }

  std::string prefix_;
};

TUTTI_PLUGIN(ModelCpp, "org.example.model_cpp", "0.1.0")
