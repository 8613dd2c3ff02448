#include "resumption.h"

#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::string_view kOldVersion =
    "the server stopped while this run was unfinished, and a version of Tutti had begun it that could not resume runs";

// Whether a call of it may be made twice.
bool MayBeRepeated(JsonView tools, std::string_view name) {
  bool may = false;
  tools.ForEach([&](JsonView tool) {
    may = may ||
          (tool["name"].AsString() == name && (tool["effects"].AsString() == "read" || tool["idempotent"].AsBool()));
  });
  return may;
}

// The tool calls of the last message, which nothing answers yet.
std::vector<std::string> OpenCalls(JsonView last_message) {
  std::vector<std::string> open;
  if (last_message["role"].AsString() == "assistant") {
    last_message["content"].ForEach([&](JsonView block) {
      if (block["type"].AsString() == "tool_use") {
        open.emplace_back(block["id"].AsString());
      }
    });
  }
  return open;
}

JsonView CallRow(JsonView calls, std::string_view tool_use_id) {
  JsonView found;
  calls.ForEach([&](JsonView call) { found = call["tool_use_id"].AsString() == tool_use_id ? call : found; });
  return found;
}

void WriteUsage(JsonView row, JsonObject& object) {
  object.Raw("usage",
             JsonObject()("input_tokens", row["input_tokens"].AsInt())("output_tokens", row["output_tokens"].AsInt())(
                 "cache_read_input_tokens", row["cache_read_tokens"].AsInt())("cache_creation_input_tokens",
                                                                              row["cache_write_tokens"].AsInt())
                 .Take());
  object.Raw("cost_usd", row["cost_usd"].Dump())("unpriced_calls", row["unpriced_calls"].AsInt());
}

void Interrupt(JsonView row, std::string_view error, Resumption& resumption) {
  resumption.kind = Resumption::Kind::kEnd;
  resumption.end = RunEvent::kInterrupt;
  resumption.error = error;
  resumption.totals = TotalsOfRow(row);
}

// The runtime had ended: its last step says how.
void EndWith(JsonView result, Resumption& resumption) {
  const std::string_view reason = result["reason"].AsString();
  JsonObject totals;
  totals("stop_reason", reason);
  result.ForEachMember([&](std::string_view key, JsonView value) {
    if (key != "reason" && key != "error" && key != "stop_reason") {
      totals.Raw(key, value.Dump());
    }
  });
  resumption.kind = Resumption::Kind::kEnd;
  resumption.end = reason == "interrupted" ? RunEvent::kInterrupt
                   : reason == "error"     ? RunEvent::kFail
                                           : RunEvent::kFinish;
  resumption.error = result["error"].AsString();
  if (resumption.end == RunEvent::kInterrupt && resumption.error.empty()) {
    resumption.error = "the run was interrupted";
  }
  resumption.totals = totals.Take();
}

}  // namespace

std::string TotalsOfRow(JsonView row) {
  JsonObject totals;
  totals("stop_reason", row["stop_reason"].AsString())("num_turns", row["num_turns"].AsInt());
  WriteUsage(row, totals);
  return totals("context_tokens", row["context_tokens"].AsInt())("text", "").Take();
}

Resumption ResumptionOf(const CutOffRun& cut, std::int64_t max_resumes) {
  const JsonView row = cut.row;
  Resumption resumption;
  if (row["stop_asked"].AsBool()) {
    Interrupt(row, "the run was interrupted", resumption);
    return resumption;
  }
  if (!row["request"].is_object()) {
    Interrupt(row, kOldVersion, resumption);
    return resumption;
  }
  if (row["result"].is_object()) {
    EndWith(row["result"], resumption);
    return resumption;
  }
  if (row["resumes"].AsInt() > max_resumes) {
    resumption.kind = Resumption::Kind::kEnd;
    resumption.end = RunEvent::kFail;
    resumption.error = "the run was taken up " + std::to_string(max_resumes) +
                       " times without completing a step, so it is given up: what it does next may be what stops the "
                       "server";
    resumption.totals = TotalsOfRow(row);
    return resumption;
  }
  bool has_prompt = false;
  bool has_messages = false;
  cut.counts.ForEach([&](JsonView count) {
    has_messages = true;
    has_prompt = has_prompt || !count["is_summary"].AsBool();
  });
  const bool only_compacts = row["request"]["compact"].is_object();
  if (!(only_compacts ? has_messages : has_prompt)) {
    return resumption;
  }
  resumption.kind = Resumption::Kind::kGoOn;
  JsonObject results;
  for (const std::string& id : OpenCalls(cut.last_message)) {
    const JsonView call = CallRow(cut.calls, id);
    const std::string_view status = call["status"].AsString();
    if (status == "done" || status == "failed") {
      results.Raw(id, JsonObject()("state", "done")
                          .Raw("result", call["result"].Dump())("is_error", call["is_error"].AsBool())
                          .Take());
    } else if (status == "unknown") {
      results.Raw(id, R"({"state":"unknown"})");
    } else if (status == "started" && !MayBeRepeated(cut.tools, call["tool_name"].AsString())) {
      results.Raw(id, R"({"state":"unknown"})");
      resumption.unknown.push_back({id, std::string(call["tool_name"].AsString())});
    }
  }
  JsonObject resume;
  resume("num_turns", row["num_turns"].AsInt()).OrNull("stop_reason", row["stop_reason"].AsString());
  WriteUsage(row, resume);
  resumption.resume = resume.Raw("results", results.Take()).Take();
  return resumption;
}

void AddUnknownCalls(const AcceptedRun& run, const std::vector<UnknownCall>& calls, Batch& batch) {
  for (const UnknownCall& call : calls) {
    Op mark = Op::Update("runs.tool_calls",
                         JsonObject()("run", run.run)("tool_use_id", call.tool_use_id)("status", "started").Take());
    mark.Raw("set", JsonObject()("status", "unknown")("ended_at", NowIso()).Take());
    batch.Add(mark);
    Op event = Op::Append(run.stream, "tool.unknown",
                          JsonObject()("type", "tool.unknown")("run", run.run)("agent", run.agent)(
                              "tool_use_id", call.tool_use_id)("tool_name", call.tool_name)("timestamp", NowIso())
                              .Take());
    event("run", run.run)("agent", run.agent);
    if (!run.tree.empty()) {
      event("tree", run.tree);
    }
    batch.Add(event);
  }
}

}  // namespace tutti::runs
