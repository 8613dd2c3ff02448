#include <chrono>
#include <string>

#include "tutti/sdk/commands.hpp"

// A command: defined once, reachable as HTTP route, WebSocket request, slash command and tool.
class CommandCpp {
 public:
  explicit CommandCpp(tutti::Host host) : host_(host) {
    // The lambda is no coroutine itself: one that were would lose `this` when the lambda object is gone.
    commands_.Add(kGreet, [this](const tutti::Call& call, tutti::JsonView args) { return Greet(call, args); });
  }

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    word_ = config["word"].AsString();
    pause_ = std::chrono::milliseconds(config["pause_ms"].AsInt());
    return {};
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, const tutti::Call& call) const {
    commands_.Invoke(name, args, call);
  }

 private:
  static constexpr const char* kGreet = R"({
    "name": "command_cpp.greet",
    "summary": "Greets somebody after a moment.",
    "effects": "read",
    "input": {"type": "object", "required": ["name"], "additionalProperties": false,
              "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200}}},
    "slash": {"usage": "/greet NAME..."},
    "rest": [{"method": "GET", "path": "/v1/command_cpp/greetings/{name}"}]})";

  // `args` was accepted by the definition's schema; it and `call` stay valid until the Task has ended.
  tutti::Task<tutti::Result<std::string>> Greet(tutti::Call call, tutti::JsonView args) const {
    call.Emit(R"({"step":"thinking"})");
    co_await host_.Delay(pause_);  // holds no thread
    if (call.cancelled()) {
      co_return tutti::Status::Cancelled("nobody waits for the greeting any more");
    }
    co_return tutti::JsonObject()("greeting", word_ + ", " + std::string(args["name"].AsString()) + "!").Take();
  }

  tutti::Host host_;
  tutti::CommandSet commands_;
  std::string word_;
  std::chrono::milliseconds pause_{0};
};

TUTTI_PLUGIN(CommandCpp, "org.example.command_cpp", "0.1.0")
