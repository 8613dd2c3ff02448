#include "steps.h"

#include "run_rows.h"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::string_view kActive = R"({"in":["running","waiting"]})";

std::string Expect(int affected, std::string_view message) {
  return JsonObject()("affected", affected)("code", "ABORTED")("message", message).Take();
}

std::string ByCall(std::string_view run, JsonView payload) {
  return JsonObject()("run", run)("tool_use_id", payload["tool_use_id"].AsString()).Take();
}

// How many entries of the step follow this one at most.
std::int64_t EntriesBehind(const StepPoint& point, JsonView payload) {
  return point.name == "Message" ? static_cast<std::int64_t>(payload["content"].size()) : 0;
}

// What a message of the model adds to the totals of the run so far.
void AddSpending(JsonView payload, Op& op) {
  if (!payload["usage"].is_object()) {
    return;
  }
  const JsonView usage = payload["usage"];
  JsonObject add;
  add("num_turns", payload["role"].AsString() == "assistant" ? 1 : 0);
  add("input_tokens", usage["input_tokens"].AsInt())("output_tokens", usage["output_tokens"].AsInt());
  add("cache_read_tokens", usage["cache_read_input_tokens"].AsInt());
  add("cache_write_tokens", usage["cache_creation_input_tokens"].AsInt());
  if (payload["cost_usd"].is_number()) {
    add("cost_usd", payload["cost_usd"].AsDouble());
  } else {
    add("unpriced_calls", 1);
  }
  op.Raw("add", add.Take());
}

Op Fence(LiveRun& live, const StepPoint& point, JsonView payload) {
  JsonObject set;
  // A step has been completed, so the run gets on.
  set("resumes", 0);
  if (const auto next = live.Reserve(point.index + 1 + EntriesBehind(point, payload))) {
    set("next_index", *next);
  }
  if (point.name == "Message" && payload["usage"].is_object()) {
    set.OrNull("stop_reason", payload["stop_reason"].AsString());
    if (payload["context_tokens"].is_int()) {
      set("context_tokens", payload["context_tokens"].AsInt());
    }
  } else if (point.name == "Stop") {
    set.Raw("result", payload.Dump());
  }
  Op op = Op::Update("runs.runs", JsonObject()("id", live.id())("fence", live.fence()).Raw("status", kActive).Take());
  op.Raw("set", set.Take());
  if (point.name == "Message") {
    AddSpending(payload, op);
  }
  op.Raw("expect", Expect(1, "the run " + live.id() + " is not this host's any more"));
  return op;
}

void AddMessage(const LiveRun& live, const StepPoint& point, JsonView payload, Batch& batch) {
  const std::string& conversation = live.run().conversation;
  const bool is_summary = payload["is_summary"].AsBool();
  if (is_summary) {
    batch.Add(ForgetSummary(conversation));
  }
  const std::string content = payload["content"].Dump();
  batch.Add(InsertMessage({.run = live.id(),
                           .conversation = conversation,
                           .number = payload["number"].AsInt(),
                           .role = payload["role"].AsString(),
                           .content = content,
                           .time_us = point.time_us,
                           .is_summary = is_summary}));
  JsonWriter calls;
  calls.BeginArray();
  bool has_calls = false;
  if (payload["role"].AsString() == "assistant") {
    payload["content"].ForEach([&](JsonView block) {
      if (block["type"].AsString() == "tool_use") {
        calls.Value(block["id"].AsString());
        has_calls = true;
      }
    });
  }
  if (has_calls) {
    // Some models use an id again; what became of the former call says nothing of this one.
    batch.Add(
        Op::Delete("runs.tool_calls", JsonObject()("run", live.id())
                                          .Raw("tool_use_id", JsonObject().Raw("in", calls.EndArray().Take()).Take())
                                          .Take()));
  }
}

void AddCallBegin(const LiveRun& live, const StepPoint& point, JsonView payload, Batch& batch) {
  JsonObject row;
  row("id", NewUuid())("run", live.id())("tool_use_id", payload["tool_use_id"].AsString());
  row("tool_name", payload["tool_name"].AsString()).Raw("input", payload["tool_input"].Dump())("status", "started");
  row("started_at", FormatMicros(point.time_us));
  Op op("upsert", "runs.tool_calls");
  op.Raw("row", row.Take()).Raw("key", R"(["run","tool_use_id"])");
  op.Raw("set", R"(["tool_name","input","status","started_at"])");
  batch.Add(op);
}

void AddCallEnd(const LiveRun& live, const StepPoint& point, JsonView payload, Batch& batch) {
  const bool is_error = payload["is_error"].AsBool();
  JsonObject set;
  set("status", is_error ? "failed" : "done").Raw("result", payload["tool_response"].Dump())("is_error", is_error);
  set("ended_at", FormatMicros(point.time_us));
  Op op = Op::Update("runs.tool_calls", ByCall(live.id(), payload));
  op.Raw("set", set.Take());
  batch.Add(op);
}

}  // namespace

std::string StepOps(LiveRun& live, const StepPoint& point, JsonView payload) {
  Batch batch;
  batch.Add(Fence(live, point, payload));
  if (point.name == "Message") {
    AddMessage(live, point, payload, batch);
  } else if (point.name == "PreToolUse") {
    AddCallBegin(live, point, payload, batch);
  } else if (point.name == "PostToolUse") {
    AddCallEnd(live, point, payload, batch);
  }
  return batch.Ops();
}

std::string RefusalOps(const LiveRun& live) {
  Op op = Op::Update("runs.runs", JsonObject()("id", live.id())("fence", -1).Take());
  op.Raw("set", R"({"resumes":0})").Raw("expect", Expect(1, "the run " + live.id() + " is suspended"));
  Batch batch;
  batch.Add(op);
  return batch.Ops();
}

std::string StrangerOps(std::string_view run) {
  Op op = Op::Update("runs.runs", JsonObject()("id", run).Raw("status", kActive).Take());
  op.Raw("set", R"({"resumes":0})")
      .Raw("expect", Expect(0, "the run " + std::string(run) + " is not held by this host"));
  Batch batch;
  batch.Add(op);
  return batch.Ops();
}

}  // namespace tutti::runs
