#include <fcntl.h>

#include <algorithm>
#include <vector>

#include "glob_pattern.h"
#include "search_tools.h"

namespace tutti::workspace {
namespace {

struct Found {
  std::string path;
  timespec changed;
};

bool IsNewer(const Found& left, const Found& right) {
  if (left.changed.tv_sec != right.changed.tv_sec) {
    return left.changed.tv_sec > right.changed.tv_sec;
  }
  if (left.changed.tv_nsec != right.changed.tv_nsec) {
    return left.changed.tv_nsec > right.changed.tv_nsec;
  }
  return left.path < right.path;
}

}  // namespace

ToolResult Glob(const WorkingDirectory& directory, const SearchLimits& limits, const GlobRequest& request,
                const std::function<bool()>& cancelled) {
  const Result<std::string> relative = directory.Relative(request.path);
  if (!relative) {
    return ToolResult::Error(relative.status());
  }
  std::string pattern_text(request.pattern);
  if (!pattern_text.empty() && pattern_text.front() == '/') {
    Result<std::string> beneath = directory.Relative(pattern_text);
    if (!beneath) {
      return ToolResult::Error(beneath.status());
    }
    pattern_text = std::move(*beneath);
  }
  const Result<GlobPattern> pattern = GlobPattern::Compile(pattern_text);
  if (!pattern) {
    return ToolResult::Error(pattern.status());
  }
  const Result<UniqueFd> start = directory.OpenExisting(*relative, O_RDONLY | O_DIRECTORY);
  if (!start) {
    return ToolResult::Error(start.status());
  }
  // The entries visited are bounded, so this is too.
  std::vector<Found> found;
  const auto visit = [&](const WalkEntry& entry) {
    if (pattern->Matches(entry.path)) {
      found.push_back({entry.path, entry.status.st_mtim});
    }
    return true;
  };
  const WalkEnd end = WalkTree(start->get(), limits.walk, {.visit = visit, .cancelled = cancelled});
  if (end == WalkEnd::kCancelled) {
    return ToolResult::Error("Glob was cancelled");
  }
  std::sort(found.begin(), found.end(), IsNewer);
  const std::string prefix = *relative == "." ? "" : *relative + (relative->back() == '/' ? "" : "/");
  ToolResult result;
  std::size_t shown = 0;
  for (; shown < found.size() && shown < limits.max_files && result.text.size() < limits.max_output_bytes; ++shown) {
    result.text += CleanUtf8(prefix + found[shown].path) + "\n";
  }
  if (found.empty()) {
    result.text = "No files found\n";
  } else if (shown < found.size()) {
    result.text += "[" + std::to_string(found.size() - shown) + " older files left out; give a narrower pattern]\n";
  }
  result.text += Describe(end);
  result.Set("files", found.size()).Set("complete", shown == found.size() && end == WalkEnd::kComplete);
  return result;
}

}  // namespace tutti::workspace
