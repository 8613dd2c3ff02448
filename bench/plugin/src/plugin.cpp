// What the benchmarks ask a server for: a small answer, and events for everybody who listens.
#include "tutti/sdk/plugin.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include "tutti/sdk/commands.hpp"

namespace {

constexpr std::string_view kStream = "bench";

// Built anew each time, as an answer of a real command is; 1 KiB with what is around it. The same in bench/http/app.py.
std::string SmallAnswer() {
  tutti::JsonWriter writer;
  writer.BeginObject().Key("status").Value("success").Key("count").Value(6).Key("agents").BeginArray();
  for (int i = 0; i < 6; ++i) {
    writer.BeginObject().Key("id").Value("7e57ab1e-0000-4000-8000-00000000000").Key("number").Value(i);
    writer.Key("name").Value("scout").Key("status").Value("idle").Key("archived").Value(false);
    writer.Key("cost").Value(0.125).Key("task").Value("lists the files of the project").EndObject();
  }
  return writer.EndArray().EndObject().Take();
}

class Bench {
 public:
  explicit Bench(const tutti::Host& host) : host_(host), event_(Event()) {
    commands_.AddDirect(
        R"({"name":"bench.small","summary":"Answers about 1 KiB.","effects":"read","nonblocking":true,)"
        R"("surfaces":["rest"],"input":{"type":"object","additionalProperties":false,"properties":{}},)"
        R"("rest":[{"method":"GET","path":"/bench/small","errors":"detail"}]})",
        [](const tutti::Call&, tutti::JsonView) -> tutti::Result<std::string> { return SmallAnswer(); });
    commands_.Add(R"({"name":"bench.slow","summary":"Answers after five milliseconds.","effects":"read",)"
                  R"("surfaces":["rest"],"input":{"type":"object","additionalProperties":false,"properties":{}},)"
                  R"("rest":[{"method":"GET","path":"/bench/slow","errors":"detail"}]})",
                  [this](const tutti::Call&, tutti::JsonView) { return Slow(host_); });
    commands_.AddDirect(
        R"({"name":"bench.publish","summary":"Sends one event of 1 KiB to everybody at /bench/ws.","effects":"write",)"
        R"("nonblocking":true,"surfaces":["rest"],)"
        R"("input":{"type":"object","additionalProperties":false,"properties":{}},)"
        R"("rest":[{"method":"POST","path":"/bench/publish","errors":"detail"}]})",
        [this](const tutti::Call&, tutti::JsonView) -> tutti::Result<std::string> {
          host_.Publish(kStream, "bench", event_);
          return std::string("{}");
        });
    commands_.AddDirect(R"({"name":"bench.connect","summary":"Follows the events of bench.publish.","effects":"read",)"
                        R"("surfaces":["websocket"],"input":{"type":"object"},"websocket":{"path":"/bench/ws"}})",
                        [](const tutti::Call&, tutti::JsonView) -> tutti::Result<std::string> {
                          return std::string(R"({"first":{"type":"connected"},"streams":["bench"]})");
                        });
  }

  std::string Commands() { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, const tutti::Call& call) {
    commands_.Invoke(name, args, call);
  }

 private:
  static tutti::Task<tutti::Result<std::string>> Slow(tutti::Host host) {
    co_await host.Delay(std::chrono::milliseconds(5));
    co_return SmallAnswer();
  }

  static std::string Event() { return tutti::JsonObject()("type", "bench")("data", std::string(1000, 'x')).Take(); }

  tutti::Host host_;
  const std::string event_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Bench, "tutti.bench", "0.1.0")
