// A command that writes one row, and waits before or behind it until a file is there.
#include <chrono>
#include <filesystem>
#include <string>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/text.hpp"

namespace {

using tutti::Batch;
using tutti::Call;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::Op;
using tutti::Result;
using tutti::Status;
using tutti::Task;

constexpr std::chrono::milliseconds kLook{5};

class Tally {
 public:
  explicit Tally(tutti::Host host) : host_(host) {
    commands_.Add(R"({"name":"tally.mark","summary":"Makes a mark.","effects":"write","timeout_ms":120000,
        "input":{"type":"object","required":["text"],"properties":{"text":{"type":"string"},
          "before":{"type":"string"},"behind":{"type":"string"},"fail":{"type":"string"}}},
        "rest":[{"method":"POST","path":"/v1/marks","status":201,"errors":"problem"}]})",
                  [this](Call call, JsonView args) { return Mark(std::move(call), args); });
    commands_.AddDirect(R"({"name":"tally.open","summary":"Lets clients in.","effects":"read","surfaces":[],
        "websocket":{"path":"/ws"}})",
                        [](const Call&, JsonView) -> Result<std::string> {
                          return std::string(R"({"first":{"type":"open"},"streams":[]})");
                        });
  }

  std::string Commands() { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) { commands_.Invoke(name, args, call); }

 private:
  Task<Result<std::string>> Mark(Call call, JsonView args) {
    const std::string before(args["before"].AsString());
    while (!before.empty() && !std::filesystem::exists(before)) {
      co_await host_.Delay(kLook);
    }
    const std::string id = tutti::NewUuid();
    if (args["fail"].AsString() == "before") {
      co_return Status::Unavailable("not now").WithRetryAfter(std::chrono::milliseconds(1));
    }
    Batch batch;
    batch.Add(Op::Insert("tally.marks", JsonObject()("id", id)("text", args["text"].AsString()).Take()));
    const Result<tutti::StoreReply> stored = co_await tutti::Execute(host_, call.id(), batch.Take());
    if (!stored.ok()) {
      co_return stored.status();
    }
    const std::string behind(args["behind"].AsString());
    while (!behind.empty() && !std::filesystem::exists(behind)) {
      co_await host_.Delay(kLook);
    }
    if (args["fail"].AsString() == "behind") {
      co_return Status::FailedPrecondition("as was wanted");
    }
    co_return JsonObject()("id", id).Take();
  }

  tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Tally, "org.example.tally", "1.0.0")
