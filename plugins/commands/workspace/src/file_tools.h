// Read, Write and Edit: the agents' view of one file.
//
// Threads: any, concurrently; Write and Edit of one instance run one at a time so that no edit is lost between two
// agents. Memory: Read holds at most max_output_bytes and one block, Edit at most twice max_file_bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "tool_result.h"
#include "working_directory.h"

namespace tutti::workspace {

struct FileLimits {
  std::int64_t max_lines = 2000;                       // lines that Read returns when it is not told
  std::size_t max_line_bytes = 2000;                   // longer lines are cut
  std::size_t max_output_bytes = 256 * 1024;           // Read stops after this much text
  std::size_t max_file_bytes = 16U * 1024 * 1024;      // Edit and Write refuse larger files
  std::size_t max_scanned_bytes = 256U * 1024 * 1024;  // how far Read looks for its offset
};

struct ReadRequest {
  std::string_view file_path;
  std::int64_t offset = 1;  // first line, from 1
  std::int64_t limit = 0;   // lines; 0: max_lines
};

struct EditRequest {
  std::string_view file_path;
  std::string_view old_string;
  std::string_view new_string;
  bool replace_all = false;
};

class FileTools {
 public:
  // `directory` must outlive this.
  FileTools(const WorkingDirectory& directory, FileLimits limits) : directory_(directory), limits_(limits) {}

  // Numbered lines in the form of `cat -n`. `cancelled` is asked between blocks.
  [[nodiscard]] ToolResult Read(const ReadRequest& request, const std::function<bool()>& cancelled) const;

  // Replaces or creates the whole file: readers see the old or the new content, never a part. The mode of an existing
  // file is kept; a symbolic link that stays beneath the directory is written through.
  [[nodiscard]] ToolResult Write(std::string_view file_path, std::string_view content);

  [[nodiscard]] ToolResult Edit(const EditRequest& request);

 private:
  const WorkingDirectory& directory_;
  const FileLimits limits_;
  std::mutex write_mutex_;  // held over read, compare and rename
};

}  // namespace tutti::workspace
