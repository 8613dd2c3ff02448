#include "accepted_run.h"

#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

// The members of runs.start that are kept for the runtime.
std::string RequestOf(JsonView args) {
  JsonObject request;
  request("system", args["system"].AsString())("max_turns", args["max_turns"].AsInt(1));
  request.Raw("tools", args["tools"].is_array() ? args["tools"].Dump() : "[]");
  for (const char* member : {"thinking", "compact"}) {
    if (args[member].is_object()) {
      request.Raw(member, args[member].Dump());
    }
  }
  if (args["max_tokens"].is_int()) {
    request("max_tokens", args["max_tokens"].AsInt());
  }
  if (args["keep_prompt"].AsBool()) {
    request("keep_prompt", true);
  }
  if (!args["replaceable"].AsBool(true)) {
    request("replaceable", false);
  }
  return request.Take();
}

}  // namespace

Holder Holder::Read(JsonView self) {
  return {std::string(self["owner"].AsString()), self["lease_ms"].AsInt()};
}

AcceptedRun AcceptedRun::Read(JsonView args) {
  AcceptedRun read;
  read.run = args["run"].AsString();
  read.conversation = args["conversation"].AsString();
  read.agent = args["agent"].AsString();
  read.stream = args["stream"].AsString();
  read.model = args["model"].AsString();
  read.prompt = args["prompt"].AsString();
  read.key = args["key"].AsString(read.agent);
  read.tree = args["tree"].AsString();
  read.labels = args["labels"].is_object() ? args["labels"].Dump() : "{}";
  read.request = RequestOf(args);
  return read;
}

bool KeepsPrompt(const AcceptedRun& run) {
  const Result<Json> request = Json::Parse(run.request);
  return request.ok() && (*request)["keep_prompt"].AsBool();
}

bool IsReplaceable(const AcceptedRun& run) {
  const Result<Json> request = Json::Parse(run.request);
  return !request.ok() || (*request)["replaceable"].AsBool(true);
}

void AddAcceptance(Batch& batch, const AcceptedRun& run, const Holder& holder) {
  JsonObject row;
  row("id", run.run)("conversation", run.conversation)("agent", run.agent)("stream", run.stream);
  row.Raw("labels", run.labels)("status", "queued").OrNull("model", run.model)("prompt", run.prompt);
  row.Raw("request", run.request)("key", run.key).OrNull("tree", run.tree)("created_at", NowIso());
  row("owner", holder.owner)("lease_until", LeaseEnd(holder.lease_ms));
  batch.Add(Op::Insert("runs.runs", row.Take()));
  batch.Add(StateEvent({run.run, run.agent, run.stream, run.tree, {}, "queued", {}}));
}

Op StateEvent(const StateChange& change) {
  JsonObject data;
  data("type", "run.state")("run", change.run)("agent", change.agent).OrNull("from", change.from)("to", change.to);
  data.OrNull("reason", change.reason)("timestamp", NowIso());
  Op op = Op::Append(change.stream, "run.state", data.Take());
  op("run", change.run)("agent", change.agent);
  if (!change.tree.empty()) {
    op("tree", change.tree);
  }
  return op;
}

std::string LeaseEnd(std::int64_t lease_ms) {
  return FormatMicros(NowMicros() + lease_ms * 1000);
}

}  // namespace tutti::runs
