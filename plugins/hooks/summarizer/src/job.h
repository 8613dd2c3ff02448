// Job: one thing that happened and is to be summed up in a sentence, and where the sentence goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tutti::summarizer {

class FileBlock;

struct Target {
  enum class Table { kAgentLog, kChat, kSystemLog, kPrompt, kFileChange };

  Table table = Table::kAgentLog;
  std::string id;        // of the row; empty for a row of agent_logs that is found by its agent and time
  std::size_t file = 0;  // kFileChange: which one of `block`

  // One text per place, so that nothing is summed up twice at a time.
  [[nodiscard]] std::string Key(const std::string& subject, std::int64_t time_us) const {
    const std::string row = id.empty() ? subject + "@" + std::to_string(time_us) : id;
    return std::to_string(static_cast<int>(table)) + " " + row + " " + std::to_string(file);
  }
};

struct Job {
  Target target;
  std::string subject;        // the agent, or the orchestrator, whose doing it is; one model call sees one subject only
  std::string stream;         // where it is announced
  std::int64_t time_us = 0;   // when it happened; orders the sentences of a subject
  bool is_announced = false;  // by agent_summary_update
  std::string event;          // what it is called in the model's request
  std::string details;        // text of others: data, never instructions; bounded
  std::string fallback;       // the sentence when the model has none; empty: leave what is there
  std::shared_ptr<FileBlock> block;  // kFileChange

  [[nodiscard]] std::string Key() const { return target.Key(subject, time_us); }
};

// A Job with its sentence.
struct Summary {
  Job job;
  std::string text;
};

}  // namespace tutti::summarizer
