// Storage that keeps nothing but the journal's numbers: what the host does with a batch is what is tried here. An
// operation {"op":"fail"} fails the batch.
#include <atomic>
#include <map>
#include <mutex>

#include "tutti/sdk/plugin.hpp"

namespace {

using tutti::Call;
using tutti::Json;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::JsonWriter;
using tutti::Result;
using tutti::Status;

class Ledger {
 public:
  explicit Ledger(tutti::Host) {}

  Result<std::string> EnsureSchema(std::string_view, const Call&) { return std::string("{}"); }

  Result<std::string> Execute(std::string_view batch, const Call&) {
    const Result<Json> json = Json::Parse(batch);
    if (!json.ok()) {
      return json.status();
    }
    const std::lock_guard lock(mutex_);
    JsonWriter writer;
    writer.BeginObject().Key("results").BeginArray();
    bool failed = false;
    (*json)["parts"].ForEach([&](JsonView part) {
      writer.BeginArray();
      part["ops"].ForEach([&](JsonView op) {
        failed = failed || op["op"].AsString() == "fail";
        if (op["op"].AsString() == "append") {
          const std::string stream(op["stream"].AsString());
          writer.Raw(JsonObject()
                         .Raw("event", JsonObject()("stream", stream)("seq", ++heads_[stream])(
                                           "time", "2026-01-01T00:00:00.000000+00:00")("type", op["type"].AsString())(
                                           "run", op["run"].AsString())("agent", op["agent"].AsString())
                                           .Raw("data", op["data"].Dump())
                                           .Take())
                         .Take());
        } else {
          writer.Raw(JsonObject()("affected", 1)("by", part["by"].AsString()).Take());
        }
      });
      writer.EndArray();
    });
    if (failed) {
      return Status::Unavailable("the ledger is closed").WithRetryAfter(std::chrono::milliseconds(70));
    }
    return writer.EndArray().EndObject().Take();
  }

  std::string Stats() { return R"({"healthy":true,"engine":"ledger"})"; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> heads_;
};

}  // namespace

TUTTI_PLUGIN(Ledger, "test.ledger", "1.0.0")
