// Counts down. Teaches: progress events, waiting without a thread, and looking at whether anybody still wants the
// result.
#include <chrono>
#include <string>

#include "tutti/sdk/commands.hpp"

class Countdown {
 public:
  explicit Countdown(tutti::Host host) : host_(host) {
    commands_.Add(
        R"({"name": "countdown.run", "summary": "Counts down to zero.", "effects": "read",
            "input": {"type": "object", "required": ["from"], "additionalProperties": false, "properties":
              {"from": {"type": "integer", "minimum": 1, "maximum": 1000},
               "pause_ms": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 100}}}})",
        [this](const tutti::Call& call, tutti::JsonView args) { return Run(call, args); });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, const tutti::Call& call) const {
    commands_.Invoke(name, args, call);
  }

 private:
  tutti::Task<tutti::Result<std::string>> Run(tutti::Call call, tutti::JsonView args) const {
    int dropped = 0;
    for (std::int64_t left = args["from"].AsInt(); left > 0; --left) {
      if (call.cancelled()) {
        co_return tutti::Status::Cancelled("the countdown was stopped at " + std::to_string(left));
      }
      // false: the caller's bounded queue is full. A step that is lost is better than a countdown that waits for a
      // reader; what must not be lost belongs into the result.
      dropped += call.Emit(tutti::JsonObject()("left", left).Take()) ? 0 : 1;
      co_await host_.Delay(std::chrono::milliseconds(args["pause_ms"].AsInt(100)));
    }
    co_return tutti::JsonObject()("done", true)("dropped", dropped).Take();
  }

  tutti::Host host_;
  tutti::CommandSet commands_;
};

TUTTI_PLUGIN(Countdown, "org.example.countdown", "1.0.0")
