#include "change_report.h"

#include "path_names.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::file_tracker {
namespace {

std::string Lines(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " line" : " lines");
}

std::string ToJson(const FileChange& change, const Subject& subject) {
  JsonObject object;
  object("path", CleanUtf8(change.path))("absolute_path", CleanUtf8(change.absolute_path))("status", change.status);
  object("lines_added", change.lines_added)("lines_removed", change.lines_removed);
  change.diff ? object("diff", *change.diff) : object("diff", nullptr);
  if (!change.diff) {
    object("diff_omitted", change.diff_omitted);
  }
  return object("summary", Summary(change))("agent_id", subject.agent)("agent_name", subject.agent_name).Take();
}

std::string ToJson(const FileRead& read, const Subject& subject) {
  JsonObject object;
  object("path", CleanUtf8(read.path))("absolute_path", CleanUtf8(read.absolute_path));
  object("line_count", read.line_count);
  if (!read.is_counted) {
    object("line_count_is_partial", true);
  }
  return object("agent_id", subject.agent)("agent_name", subject.agent_name).Take();
}

template <typename T>
std::string ToJsonArray(const std::vector<T>& items, const Subject& subject) {
  JsonWriter array;
  array.BeginArray();
  for (const T& item : items) {
    array.Raw(ToJson(item, subject));
  }
  return array.EndArray().Take();
}

}  // namespace

std::string Summary(const FileChange& change) {
  const std::string name = CleanUtf8(BaseName(change.path));
  if (!change.diff) {
    return change.tool + " " + name + "; diff omitted: " + change.diff_omitted;
  }
  if (change.status == "created") {
    return "Created with " + Lines(change.lines_added);
  }
  if (change.status == "deleted") {
    return "Deleted with " + Lines(change.lines_removed);
  }
  if (change.diff->empty()) {
    return "As in the last commit";
  }
  return "Added " + Lines(change.lines_added) + ", removed " + Lines(change.lines_removed);
}

std::string ChangeReport::Payload(const Subject& subject, std::string_view time) const {
  JsonObject payload;
  payload.Raw("file_changes", ToJsonArray(changes, subject)).Raw("read_files", ToJsonArray(reads, subject));
  payload("total_files_modified", changes.size())("total_files_read", reads.size());
  if (calls_not_listed > 0) {
    payload("calls_not_listed", calls_not_listed);
  }
  return payload("generated_at", time).Take();
}

std::string ChangeReport::Operations(const Subject& subject, std::string_view text_id, std::string_view time) const {
  const std::string payload = Payload(subject, time);
  Op merge = Op::Update("orchestrator.agent_logs", JsonObject()("id", text_id).Take());
  merge.Raw("merge", JsonObject().Raw("payload", payload).Take());

  const std::string counts = std::to_string(changes.size()) + " modified, " + std::to_string(reads.size()) + " read";
  JsonObject log;
  log("id", NewUuid())("parent_log_id", text_id)("agent_id", subject.agent)("agent_name", subject.agent_name);
  log.OrNull("task_slug", subject.task_slug)("event_category", "file_tracking")("event_type", "FileTrackingBlock");
  log("content", "\U0001F4C1 " + counts)("summary", "File tracking: " + counts).Raw("payload", payload);
  JsonObject message;
  message("type", "agent_log").Raw("log", log("timestamp", time).Take())("timestamp", time);
  Op announce = Op::Append(subject.stream, "agent_log", message.Take());
  announce("run", subject.run)("agent", subject.agent);
  return Batch().Add(merge).Add(announce).Ops();
}

}  // namespace tutti::file_tracker
