#include "host/isolation/messages.h"

#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

// More entries than any list here has; a larger count is no list but noise.
constexpr std::uint32_t kMaxList = 10000;

template <typename List>
void PutList(FrameWriter& frame, const List& list) {
  frame.U32(static_cast<std::uint32_t>(list.size()));
  for (const auto& item : list) {
    frame.Text(std::string(item));
  }
}

std::vector<std::string> ReadList(FieldReader& fields) {
  std::vector<std::string> list;
  const std::uint32_t count = fields.U32();
  for (std::uint32_t i = 0; i < count && i < kMaxList && fields.ok(); ++i) {
    list.emplace_back(fields.Text());
  }
  return list;
}

std::vector<std::filesystem::path> ReadPaths(FieldReader& fields) {
  const std::vector<std::string> list = ReadList(fields);
  return {list.begin(), list.end()};
}

std::chrono::milliseconds ReadMillis(FieldReader& fields) {
  return std::chrono::milliseconds(fields.I64());
}

}  // namespace

void Put(FrameWriter& frame, const WorkerPlan& plan) {
  frame.Text(plan.id).Text(plan.version).Text(plan.library.string()).Text(plan.copy.string()).Text(plan.sha256);
  PutList(frame, plan.kinds);
  PutList(frame, plan.services);
  frame.U32(plan.log_levels).U32(plan.event_window).U64(plan.event_bytes).U64(plan.max_frame).U64(plan.max_waiting);
  frame.U32(plan.workers).U64(plan.queue).I64(plan.ask_timeout_ms);
  PutList(frame, plan.grants.services);
  frame.U8(plan.grants.net ? 1 : 0).U8(plan.grants.exec ? 1 : 0);
  PutList(frame, plan.grants.read_paths);
  PutList(frame, plan.grants.write_paths);
  frame.U64(plan.limits.memory_mb).U64(plan.limits.files).U64(plan.limits.processes).U64(plan.limits.file_mb);
  frame.I64(plan.limits.start_timeout.count()).U32(static_cast<std::uint32_t>(plan.limits.restarts));
  frame.I64(plan.limits.restart_window.count()).Text(plan.scratch.string());
}

std::optional<WorkerPlan> ReadWorkerPlan(FieldReader& fields) {
  WorkerPlan plan;
  plan.id = fields.Text();
  plan.version = fields.Text();
  plan.library = fields.Text();
  plan.copy = fields.Text();
  plan.sha256 = fields.Text();
  plan.kinds = ReadList(fields);
  plan.services = ReadList(fields);
  plan.log_levels = fields.U32();
  plan.event_window = fields.U32();
  plan.event_bytes = fields.U64();
  plan.max_frame = fields.U64();
  plan.max_waiting = fields.U64();
  plan.workers = fields.U32();
  plan.queue = fields.U64();
  plan.ask_timeout_ms = fields.I64();
  const std::vector<std::string> granted = ReadList(fields);
  plan.grants.services = {granted.begin(), granted.end()};
  plan.grants.net = fields.U8() != 0;
  plan.grants.exec = fields.U8() != 0;
  plan.grants.read_paths = ReadPaths(fields);
  plan.grants.write_paths = ReadPaths(fields);
  plan.limits.memory_mb = fields.U64();
  plan.limits.files = fields.U64();
  plan.limits.processes = fields.U64();
  plan.limits.file_mb = fields.U64();
  plan.limits.start_timeout = ReadMillis(fields);
  plan.limits.restarts = static_cast<int>(fields.U32());
  plan.limits.restart_window = ReadMillis(fields);
  plan.scratch = fields.Text();
  return fields.is_complete() ? std::optional(std::move(plan)) : std::nullopt;
}

void Put(FrameWriter& frame, const ConfinementReport& report) {
  frame.U8(static_cast<std::uint8_t>(report.level));
  PutList(frame, report.notes);
}

std::optional<ConfinementReport> ReadConfinementReport(FieldReader& fields) {
  ConfinementReport report;
  const std::uint8_t level = fields.U8();
  report.level = static_cast<Confinement>(level);
  report.notes = ReadList(fields);
  const bool is_level = level <= static_cast<std::uint8_t>(Confinement::kFull);
  return fields.is_complete() && is_level ? std::optional(std::move(report)) : std::nullopt;
}

void Put(FrameWriter& frame, const KindsReport& report) {
  for (const bool has : {report.command, report.storage, report.model, report.runtime, report.templates, report.hook,
                         report.on_point, report.on_events}) {
    frame.U8(has ? 1 : 0);
  }
  frame.Text(report.definitions).Text(report.models);
}

std::optional<KindsReport> ReadKindsReport(FieldReader& fields) {
  KindsReport report;
  for (bool* has : {&report.command, &report.storage, &report.model, &report.runtime, &report.templates, &report.hook,
                    &report.on_point, &report.on_events}) {
    *has = fields.U8() != 0;
  }
  report.definitions = fields.Text();
  report.models = fields.Text();
  return fields.is_complete() ? std::optional(std::move(report)) : std::nullopt;
}

void Put(FrameWriter& frame, const tutti_call_info& info) {
  frame.U32(info.depth).U32(info.surface).I64(info.deadline_ms);
  for (const tutti_str& text :
       {info.trace, info.caller, info.principal, info.run, info.agent, info.stream, info.labels}) {
    frame.Text(View(text));
  }
}

tutti_call_info ReadCallInfo(FieldReader& fields, tutti_call call) {
  tutti_call_info info{};
  info.size = sizeof info;
  info.call = call;
  info.depth = fields.U32();
  info.surface = fields.U32();
  info.deadline_ms = fields.I64();
  for (tutti_str* text :
       {&info.trace, &info.caller, &info.principal, &info.run, &info.agent, &info.stream, &info.labels}) {
    *text = Str(fields.Text());
  }
  return info;
}

void Put(FrameWriter& frame, const tutti_outcome& outcome) {
  frame.U32(static_cast<std::uint32_t>(outcome.code)).U32(outcome.retry_after_ms);
  frame.Text(View(outcome.body)).Text(View(outcome.message));
}

tutti_outcome ReadOutcome(FieldReader& fields) {
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.code = static_cast<tutti_code>(fields.U32());
  outcome.retry_after_ms = fields.U32();
  outcome.body = Str(fields.Text());
  outcome.message = Str(fields.Text());
  return outcome;
}

void Put(FrameWriter& frame, const tutti_event& event) {
  frame.Text(View(event.type)).U64(event.seq).I64(event.time_us);
  frame.Text(View(event.stream)).Text(View(event.run)).Text(View(event.agent)).Text(View(event.data));
}

tutti_event ReadEvent(FieldReader& fields) {
  tutti_event event{};
  event.size = sizeof event;
  event.type = Str(fields.Text());
  event.seq = fields.U64();
  event.time_us = fields.I64();
  event.stream = Str(fields.Text());
  event.run = Str(fields.Text());
  event.agent = Str(fields.Text());
  event.data = Str(fields.Text());
  return event;
}

}  // namespace tutti::host
