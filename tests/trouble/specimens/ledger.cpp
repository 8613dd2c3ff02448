// Stores entries, each in one batch with its event, and says what is stored.
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/store.hpp"

namespace {

using tutti::Batch;
using tutti::Call;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::Op;
using tutti::Result;
using tutti::Task;

class Ledger {
 public:
  explicit Ledger(tutti::Host host) : host_(host) {
    commands_.Add(R"({"name":"ledger.put","summary":"Stores an entry and its event.","effects":"write",
      "surfaces":["rest","websocket","slash"],"input":{"type":"object","properties":{"id":{"type":"string"},
      "text":{"type":"string"}},"required":["id"]}})",
                  [this](const Call& call, JsonView args) { return Put(call.id(), args); });
    commands_.Add(R"({"name":"ledger.read","summary":"All entries and events after one.","effects":"read",
      "surfaces":["rest"],"input":{"type":"object","properties":{"since":{"type":"integer"}}}})",
                  [this](const Call& call, JsonView args) { return Read(call.id(), args["since"].AsInt()); });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  Task<Result<std::string>> Put(tutti_call call, JsonView args) {
    Batch batch;
    batch.Add(Op::Insert("ledger.entries",
                         JsonObject()("id", args["id"].AsString())("text", args["text"].AsString()).Take()));
    batch.Add(Op::Append("ledger", "stored", JsonObject()("id", args["id"].AsString()).Take()));
    tutti::Pending pending = host_.Execute(call, batch.Take());
    Result<std::string> result = co_await std::move(pending);
    co_return result;
  }

  Task<Result<std::string>> Read(tutti_call call, std::int64_t since) {
    Batch batch;
    batch.Add(Op::Query("ledger.entries").Raw("select", R"(["id"])"));
    batch.AddJson(JsonObject()("op", "journal")("stream", "ledger")("since", since)("limit", 10000).Take());
    tutti::Pending pending = host_.Execute(call, batch.Take());
    Result<std::string> result = co_await std::move(pending);
    co_return result;
  }

  const tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Ledger, "org.example.ledger", "1.0.0")
