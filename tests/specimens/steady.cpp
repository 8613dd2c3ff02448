// The commands clients call while other plugins come and go: one that answers itself, one that asks the model, one that
// takes a while.
#include <chrono>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/plugin.hpp"

namespace {

class Steady {
 public:
  explicit Steady(tutti::Host host) : host_(host) {
    commands_.Add(R"({"name": "steady.echo", "summary": "Answers.", "effects": "read", "input": {"type": "object",
      "properties": {"n": {"type": "integer"}}}})",
                  [](const tutti::Call&, tutti::JsonView args) { return Answer(args["n"].AsInt()); });
    commands_.Add(R"({"name": "steady.ask", "summary": "Asks the model.", "effects": "write", "input": {"type":
      "object"}})",
                  [this](const tutti::Call& call, tutti::JsonView) { return Ask(call.id()); });
    commands_.Add(R"({"name": "steady.wait", "summary": "Takes a while.", "effects": "read", "input": {"type": "object",
      "properties": {"ms": {"type": "integer"}}}})",
                  [this](const tutti::Call&, tutti::JsonView args) { return Wait(args["ms"].AsInt()); });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, tutti::Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  static tutti::Task<tutti::Result<std::string>> Answer(std::int64_t n) {
    co_return tutti::JsonObject()("n", n).Take();
  }

  tutti::Task<tutti::Result<std::string>> Ask(tutti_call call) {
    tutti::Pending pending = host_.Complete(call, R"({"messages":[]})");
    tutti::Result<std::string> result = co_await std::move(pending);
    co_return result;
  }

  tutti::Task<tutti::Result<std::string>> Wait(std::int64_t ms) {
    auto delay = host_.Delay(std::chrono::milliseconds(ms));
    co_await delay;
    co_return tutti::JsonObject()("waited", ms).Take();
  }

  const tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Steady, "org.example.steady", "1.0.0")
