#include "tutti/sdk/plugin.hpp"

#include <string>
#include <utility>

// A runtime: one call per run of an agent. It knows no tables: it fires what happens, and who keeps something adds to
// it. Shapes of request and result: tutti/abi/runtime.h; of the points: tutti/abi/hook.h.
class RuntimeCpp {
 public:
  explicit RuntimeCpp(tutti::Host host) : host_(host) {}

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    max_tokens_ = config["max_tokens"].AsInt();
    return {};
  }

  // `request` and `call` stay valid until the Task has ended. A wait holds no thread. What is awaited gets a name
  // first: gcc 12 destroys some temporaries of an await expression twice.
  tutti::Task<tutti::Result<std::string>> Start(std::string_view request, tutti::Call call) const {
    const tutti::Result<tutti::Json> run = tutti::Json::Parse(request);
    if (!run.ok()) {
      co_return run.status();
    }
    // Gates may deny the prompt, or change it.
    tutti::Pending submitted =
        host_.Fire(call.id(), List(Entry("UserPromptSubmit", Object("prompt", (*run)["prompt"].AsString()))));
    const tutti::Result<std::string> passed = co_await std::move(submitted);
    if (!passed.ok()) {
      co_return passed.status();
    }
    const tutti::Result<tutti::Json> payloads = tutti::Json::Parse(*passed);
    const std::string_view prompt =
        payloads.ok() ? (*payloads)["payloads"][0]["prompt"].AsString() : (*run)["prompt"].AsString();
    const std::string asked = List(Text(prompt));
    const std::int64_t number = (*run)["next_number"].AsInt();
    tutti::Pending stored = host_.Fire(call.id(), List(Entry("Message", Message("user", asked, number))));
    if (const tutti::Result<std::string> done = co_await std::move(stored); !done.ok()) {
      co_return done.status();
    }
    const std::string earlier = (*run)["messages"].size() == 0 ? "" : Members((*run)["messages"].Dump()) + ",";
    const std::string messages = "[" + earlier + Message("user", asked) + "]";
    tutti::Pending completed = host_.Complete(
        call.id(), tutti::JsonObject()("model", (*run)["model"].AsString())("system", (*run)["system"].AsString())
                       .Raw("messages", messages)("max_tokens", max_tokens_)
                       .Take());
    tutti::Pending listened = std::move(completed).Events([call](std::string_view event) { call.Emit(event); });
    const tutti::Result<std::string> answer = co_await std::move(listened);
    if (!answer.ok()) {
      tutti::Pending failed = host_.Fire(call.id(), List(Entry("Stop", End("reason", "error", "{}", "null"))));
      (void)co_await std::move(failed);  // the failure of the model is what counts
      co_return answer.status();
    }
    co_return co_await Finish(call, *answer, number + 1);
  }

 private:
  // Stores the answer and the end of the run.
  tutti::Task<tutti::Result<std::string>> Finish(tutti::Call call, std::string answer, std::int64_t number) const {
    const std::string_view content = tutti::JsonMember(answer, "content");
    std::string entries = Entry("Message", Message("assistant", content, number));
    std::string said;
    tutti::JsonElements(content, [&](std::string_view block) {
      if (tutti::JsonMember(block, "type") == "\"text\"") {
        const tutti::Result<tutti::Json> text = tutti::Json::Parse(block);
        said += text.ok() ? (*text)["text"].AsString() : std::string_view();
        entries += "," + Entry("TextBlock", tutti::JsonObject()
                                                .Raw("text", tutti::JsonMember(block, "text"))(
                                                    "id", std::to_string(number) + "-text")
                                                .Take());
      }
    });
    const std::string_view usage = tutti::JsonMember(answer, "usage");
    const std::string_view cost = tutti::JsonMember(answer, "cost_usd");
    entries += "," + Entry("Stop", End("reason", "end_turn", usage, cost));
    tutti::Pending stored = host_.Fire(call.id(), List(entries));
    const tutti::Result<std::string> done = co_await std::move(stored);
    if (!done.ok()) {
      co_return done.status();
    }
    co_return End("stop_reason", "end_turn", usage, cost, said);
  }

  static std::string List(std::string_view members) { return "[" + std::string(members) + "]"; }

  static std::string Members(const std::string& list) { return list.substr(1, list.size() - 2); }

  static std::string Object(std::string_view key, std::string_view value) {
    return tutti::JsonObject()(key, value).Take();
  }

  static std::string Text(std::string_view text) { return tutti::JsonObject()("type", "text")("text", text).Take(); }

  static std::string Entry(std::string_view point, std::string_view payload) {
    return tutti::JsonObject()("point", point).Raw("payload", payload).Take();
  }

  // Without a number: as the model is sent it.
  static std::string Message(std::string_view role, std::string_view content, std::int64_t number = -1) {
    tutti::JsonObject message;
    message("role", role).Raw("content", content);
    return number < 0 ? message.Take() : message("number", number).Take();
  }

  static std::string End(std::string_view key, std::string_view reason, std::string_view usage, std::string_view cost,
                         std::string_view text = {}) {
    tutti::JsonObject end;
    end(key, reason)("num_turns", 1)("duration_ms", 0).Raw("usage", usage).Raw("cost_usd", cost);
    return text.empty() ? end.Take() : end("text", text).Take();
  }

  tutti::Host host_;
  std::int64_t max_tokens_ = 0;
};

TUTTI_PLUGIN(RuntimeCpp, "org.example.runtime_cpp", "0.1.0")
