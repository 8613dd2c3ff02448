#include "file_block.h"

#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"
#include "wording.h"

namespace tutti::summarizer {
namespace {

constexpr std::size_t kSummaryCharacters = 200;

std::string Counts(JsonView payload) {
  return std::to_string(payload["file_changes"].size()) + " modified, " + std::to_string(payload["read_files"].size()) +
         " read";
}

std::string Details(JsonView change, std::size_t diff_characters) {
  JsonObject details;
  details("path", change["path"].AsString())("status", change["status"].AsString());
  details("lines_added", change["lines_added"].AsInt())("lines_removed", change["lines_removed"].AsInt());
  return details("diff", Utf8Prefix(change["diff"].AsString(), diff_characters)).Take();
}

}  // namespace

std::shared_ptr<FileBlock> FileBlock::FromRow(JsonView row, std::string stream) {
  if (row["payload"]["file_changes"].size() == 0 || row["id"].AsString().empty()) {
    return nullptr;
  }
  return std::shared_ptr<FileBlock>(new FileBlock(row, std::move(stream)));
}

FileBlock::FileBlock(JsonView row, std::string stream)
    : stream_(std::move(stream)),
      row_(row["id"].AsString()),
      agent_(row["agent_id"].AsString()),
      slug_(row["task_slug"].AsString()),
      payload_(std::move(*Json::Parse(row["payload"].Dump()))) {
  left_.resize(payload_["file_changes"].size());
}

std::vector<Job> FileBlock::Jobs(const std::shared_ptr<FileBlock>& block, std::int64_t time_us,
                                 std::size_t diff_characters) {
  const std::lock_guard lock(block->mutex_);
  std::vector<Job> jobs;
  const JsonView changes = block->payload_["file_changes"];
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i]["diff"].AsString().empty()) {
      continue;
    }
    Job job;
    job.target = {Target::Table::kFileChange, block->row_, i};
    job.subject = block->agent_;
    job.stream = block->stream_;
    job.time_us = time_us;
    job.event = "Changed file";
    job.details = Details(changes[i], diff_characters);
    job.block = block;
    jobs.push_back(std::move(job));
    ++block->awaited_;
  }
  return jobs;
}

bool FileBlock::Set(std::size_t file, std::string_view summary) {
  const std::lock_guard lock(mutex_);
  if (file >= left_.size() || awaited_ == 0) {
    return false;
  }
  if (!summary.empty()) {
    left_[file] = Utf8Prefix(summary, kSummaryCharacters);
    has_new_ = true;
  }
  return --awaited_ == 0 && has_new_;
}

std::string FileBlock::Operations() const {
  const std::lock_guard lock(mutex_);
  const JsonView payload = payload_.view();
  JsonWriter changes;
  changes.BeginArray();
  for (std::size_t i = 0; i < left_.size(); ++i) {
    JsonObject entry;
    payload["file_changes"][i].ForEachMember([&](std::string_view key, JsonView value) {
      left_[i] && key == "summary" ? entry(key, *left_[i]) : entry.Raw(key, value.Dump());
    });
    changes.Raw(entry.Take());
  }
  const std::string entries = changes.EndArray().Take();

  // All of the row's payload but its text.
  JsonObject shown;
  payload.ForEachMember([&](std::string_view key, JsonView value) {
    if (key != "text") {
      shown.Raw(key, key == "file_changes" ? entries : value.Dump());
    }
  });
  const std::string now = NowIso();
  const std::string counts = Counts(payload);
  JsonObject log;
  log("id", NewUuid())("parent_log_id", row_)("agent_id", agent_);
  log("agent_name", payload["file_changes"][0]["agent_name"].AsString()).OrNull("task_slug", slug_);
  log("event_category", "file_tracking")("event_type", "FileTrackingBlock");
  log("content", "\xF0\x9F\x93\x81 " + counts)("summary", "File tracking: " + counts);
  log.Raw("payload", shown.Take())("timestamp", now);
  const std::string message = JsonObject()("type", "agent_log").Raw("log", log.Take())("timestamp", now).Take();

  Op update = Op::Update("orchestrator.agent_logs", JsonObject()("id", row_).Take());
  const std::string merged = JsonObject().Raw("file_changes", entries).Take();
  update("label", "files").Raw("merge", JsonObject().Raw("payload", merged).Take()).Raw("return", R"(["id"])");
  Op append = Op::Append(stream_, "agent_log", message);
  append("agent", agent_).Raw("refs", R"({"/data/log/parent_log_id":"files.rows/0/new/id"})");
  Batch batch;
  batch.Add(update).Add(append);
  const std::string ops = batch.Ops();
  return ops.substr(1, ops.size() - 2);
}

}  // namespace tutti::summarizer
