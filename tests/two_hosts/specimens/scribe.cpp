// Appends events to whichever stream it is told, and lets clients follow one.
#include <string>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/plugin.hpp"

namespace {

class Scribe {
 public:
  explicit Scribe(tutti::Host host) : host_(host) {
    commands_.Add(R"({"name": "scribe.append", "summary": "Appends.", "effects": "write", "input": {"type": "object",
      "properties": {"stream": {"type": "string"}, "text": {"type": "string"}}}})",
                  [this](const tutti::Call& call, tutti::JsonView args) {
                    return Append(call.id(), std::string(args["stream"].AsString()),
                                  std::string(args["text"].AsString()));
                  });
    commands_.Add(R"({"name": "scribe.follow", "summary": "Follows.", "effects": "read", "surfaces": ["websocket"],
      "input": {"type": "object", "properties": {"connection": {"type": "string"}, "connections": {"type": "integer"},
        "stream": {"type": "string", "default": "s"}, "since": {"type": "integer"}}}, "websocket": {"path": "/ws"}})",
                  [](const tutti::Call&, tutti::JsonView args) {
                    return Follow(std::string(args["stream"].AsString("s")),
                                  args["since"] ? args["since"].Dump() : "null");
                  });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, tutti::Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  tutti::Task<tutti::Result<std::string>> Append(tutti_call call, std::string stream, std::string text) {
    tutti::Batch batch;
    batch.Add(tutti::Op::Append(stream, "note", tutti::JsonObject()("text", text).Take()));
    const tutti::Result<tutti::StoreReply> reply = co_await tutti::Execute(host_, call, batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return std::string((*reply)[0]);
  }

  static tutti::Task<tutti::Result<std::string>> Follow(std::string stream, std::string since) {
    tutti::JsonObject answer;
    answer.Raw("first", R"({"type":"connected"})").Raw("streams", "[" + tutti::JsonQuote(stream) + "]");
    co_return since == "null" ? answer.Take() : answer.Raw("since", since).Take();
  }

  const tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Scribe, "org.example.scribe", "1.0.0")
