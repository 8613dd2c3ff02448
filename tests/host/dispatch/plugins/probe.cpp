// A plugin that does what its arguments say: commands, hooks, a model and a runtime.
#include <span>
#include <thread>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/store.hpp"

namespace {

using tutti::Call;
using tutti::HookReply;
using tutti::Json;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::Result;
using tutti::Status;
using tutti::Task;

class Probe {
 public:
  explicit Probe(tutti::Host host) : host_(host) {
    commands_.AddDirect(R"({"name":"probe.echo","effects":"read","nonblocking":true,"input":{"type":"object",
        "properties":{"text":{"type":"string"},"count":{"type":"integer","minimum":0}},"required":["text"]},
        "rest":[{"method":"GET","path":"/echo"},{"method":"GET","path":"/echo/{text}"}]})",
                        [](const Call& call, JsonView args) -> Result<std::string> {
                          return JsonObject()("text", args["text"].AsString())("principal", call.principal())(
                                     "depth", call.depth())("surface", call.surface())("run", call.run())
                              .Take();
                        });
    commands_.Add(R"({"name":"probe.wait","summary":"Ends when it is cancelled."})",
                  [](const Call& call, JsonView) -> Task<Result<std::string>> {
                    const Cancelled until{call};
                    co_await until;
                    co_return Status::Cancelled("stopped as asked");
                  });
    commands_.AddDirect(R"({"name":"probe.block","summary":"Holds its worker until it is cancelled."})",
                        [](const Call& call, JsonView) -> Result<std::string> {
                          while (!call.cancelled()) {
                            std::this_thread::yield();
                          }
                          return Status::Cancelled("stopped as asked");
                        });
    commands_.Add(R"({"name":"probe.events","effects":"read"})",
                  [this](const Call& call, JsonView args) -> Task<Result<std::string>> { return Events(call, args); });
    commands_.Add(R"({"name":"probe.nest","effects":"read"})",
                  [this](const Call& call, JsonView args) -> Task<Result<std::string>> { return Nest(call, args); });
    commands_.AddDirect(R"({"name":"probe.throw"})", [](const Call&, JsonView) -> Result<std::string> {
      throw std::runtime_error("this plugin is unwell");
    });
    commands_.AddDirect(R"({"name":"probe.forget"})",
                        [](const Call&, JsonView) -> Result<std::string> { return Status::NotFound("nothing here"); });
    commands_.AddDirect(R"({"name":"probe.admin","scopes":["admin"],"effects":"read"})",
                        [](const Call&, JsonView) -> Result<std::string> { return std::string("{}"); });
    commands_.AddDirect(R"({"name":"probe.approved","confirm":true})",
                        [](const Call&, JsonView) -> Result<std::string> { return std::string("{}"); });
  }

  std::string Commands() { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) { commands_.Invoke(name, args, call); }

  // The payload's "probe" member is a script: "deny", "fail", "patch", "slow".
  Task<HookReply> OnPoint(const tutti::Point& point, std::string_view payload, Call call) {
    const Result<Json> json = Json::Parse(payload);
    const JsonView input = (*json)["args"] ? (*json)["args"] : (*json)["tool_input"];
    const std::string script((input ? input["text"] : (*json)["text"]).AsString());
    if (point.is_record) {
      if (script == "fail record") {
        co_return HookReply::Fail(Status::Internal("cannot record"));
      }
      tutti::Batch batch;
      batch.Add(
          tutti::Op::Append("s", std::string(point.name), JsonObject()("index", point.index)("text", script).Take()));
      co_return HookReply::Record(batch.Ops());
    }
    if (script == "deny") {
      co_return HookReply::Deny("the probe says no");
    }
    if (script == "ask") {
      co_return HookReply::Ask("may I?");
    }
    if (script == "fail") {
      co_return HookReply::Fail(Status::Internal("cannot decide"));
    }
    if (script == "slow") {
      const Cancelled until{call};
      co_await until;
      co_return HookReply::Fail(Status::Cancelled("too late"));
    }
    if (script == "patch") {
      co_return HookReply::Patch(R"({"args":{"text":"patched"},"tool_input":{"text":"patched"}})");
    }
    co_return HookReply::Allow();
  }

 private:
  // Resumes when the call is cancelled.
  struct Cancelled {
    Call call;

    bool await_ready() const noexcept { return false; }

    bool await_suspend(std::coroutine_handle<> waiter) const {
      return call.OnCancel([waiter] { waiter.resume(); });
    }

    void await_resume() const noexcept {}
  };

  Task<Result<std::string>> Events(Call call, JsonView args) {
    int accepted = 0;
    for (std::int64_t i = 0; i < args["count"].AsInt(); ++i) {
      accepted += call.Emit(std::to_string(i)) ? 1 : 0;
    }
    co_return JsonObject()("accepted", accepted).Take();
  }

  // Calls another command and wraps its answer.
  Task<Result<std::string>> Nest(Call call, JsonView args) {
    Result<std::string> inner =
        co_await host_.InvokeCommand(call.id(), std::string(args["command"].AsString()), args["args"].Dump());
    if (!inner.ok()) {
      co_return inner.status();
    }
    co_return JsonObject().Raw("inner", *inner).Take();
  }

  tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Probe, "test.probe", "1.0.0")
