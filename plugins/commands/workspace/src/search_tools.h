// Glob and Grep: find files by name, and lines by pattern, beneath the working directory.
//
// Threads: any, concurrently. Both stop at their limits with what they have, and say so in the text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tool_result.h"
#include "tree_walk.h"
#include "working_directory.h"

namespace tutti::workspace {

struct SearchLimits {
  WalkLimits walk;
  std::size_t max_files = 1000;                   // results of Glob and of Grep's file lists
  std::size_t max_lines = 2000;                   // lines of Grep's content
  std::size_t max_output_bytes = 64 * 1024;       // of either
  std::size_t max_file_bytes = 4U * 1024 * 1024;  // Grep passes over larger files
  std::size_t max_line_bytes = 1000;              // longer lines are cut in the result
};

struct GlobRequest {
  std::string_view pattern;
  std::string_view path = ".";
};

enum class GrepMode { kFilesWithMatches, kContent, kCount };

struct GrepRequest {
  std::string_view pattern;
  std::string_view path = ".";
  std::string_view glob;
  GrepMode mode = GrepMode::kFilesWithMatches;
  bool ignore_case = false;
  bool line_numbers = true;
  bool multiline = false;
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t head_limit = 0;  // 0: the limits above
};

// Files whose path below `path` matches, changed last first.
ToolResult Glob(const WorkingDirectory& directory, const SearchLimits& limits, const GlobRequest& request,
                const std::function<bool()>& cancelled);

// Searches text files; with RE2, so in linear time, and without back references and look-around.
ToolResult Grep(const WorkingDirectory& directory, const SearchLimits& limits, const GrepRequest& request,
                const std::function<bool()>& cancelled);

}  // namespace tutti::workspace
