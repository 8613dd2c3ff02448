// Keeps each denial in a table. Teaches: a table of one's own, and a gate that waits for the storage without a thread.
#include "tutti/sdk/plugin.hpp"

#include <set>
#include <string>

#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

class KeepDenials {
 public:
  explicit KeepDenials(tutti::Host host) : host_(host) {}

  tutti::Status Init(const tutti::Config& config) {
    config["tools"].ForEach([this](tutti::JsonView tool) { denied_.emplace(tool.AsString()); });
    return {};
  }

  // `payload` and `call` stay valid until the Task has ended.
  tutti::Task<tutti::HookReply> OnPoint(const tutti::Point& /*point*/, std::string_view payload,
                                        tutti::Call call) const {
    const tutti::Result<tutti::Json> json = tutti::Json::Parse(payload);
    if (!json.ok()) {
      co_return tutti::HookReply::Fail(json.status());
    }
    const std::string tool((*json)["tool_name"].AsString());
    if (denied_.count(tool) == 0) {
      co_return tutti::HookReply::Allow();
    }
    tutti::JsonObject row;
    row("id", tutti::NewUuid())("agent", call.agent())("tool", tool).Raw("input", (*json)["tool_input"].Dump());
    tutti::Batch batch;
    batch.Add(tutti::Op::Insert("keep_denials.denials", row.Take()));
    // A denied step commits nothing, so the row cannot be an operation of the step: it is a batch of its own.
    tutti::Task<tutti::Result<tutti::StoreReply>> storing = tutti::Execute(host_, call.id(), batch.Take());
    const tutti::Result<tutti::StoreReply> stored = co_await std::move(storing);
    if (!stored.ok()) {
      host_.Log(TUTTI_LOG_WARNING, "denial not kept",
                tutti::JsonObject()("tool", tool)("why", stored.status().ToString()).Take());
    }
    co_return tutti::HookReply::Deny(tool + " is not allowed here; this was noted.");
  }

 private:
  tutti::Host host_;
  std::set<std::string> denied_;  // read only after Init
};

TUTTI_PLUGIN(KeepDenials, "org.example.keep_denials", "1.0.0")
