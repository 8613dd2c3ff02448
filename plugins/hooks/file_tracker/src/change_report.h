// What a turn did to files, in the shapes of the browser console, and the storage operations that keep and announce it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::file_tracker {

struct FileChange {
  std::string path;  // as seen from the working directory
  std::string absolute_path;
  std::string status = "modified";  // created | modified | deleted
  std::string tool;
  std::int64_t lines_added = 0;
  std::int64_t lines_removed = 0;
  std::optional<std::string> diff;
  std::string diff_omitted;  // why there is none
};

struct FileRead {
  std::string path;
  std::string absolute_path;
  std::int64_t line_count = 0;
  bool is_counted = true;  // false: there are more lines than were counted
};

// One sentence, until there is a better one.
std::string Summary(const FileChange& change);

// Whose turn it was.
struct Subject {
  std::string_view agent;
  std::string_view agent_name;
  std::string_view task_slug;
  std::string_view run;
  std::string_view stream;
};

struct ChangeReport {
  std::vector<FileChange> changes;
  std::vector<FileRead> reads;
  std::size_t calls_not_listed = 0;

  [[nodiscard]] bool empty() const { return changes.empty() && reads.empty(); }

  // The payload of a FileTrackingBlock, JSON.
  [[nodiscard]] std::string Payload(const Subject& subject, std::string_view time) const;

  // Merges the payload into the row `text_id` of orchestrator.agent_logs and announces it; a JSON array.
  [[nodiscard]] std::string Operations(const Subject& subject, std::string_view text_id, std::string_view time) const;
};

}  // namespace tutti::file_tracker
