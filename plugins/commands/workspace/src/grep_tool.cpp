#include <fcntl.h>
#include <re2/re2.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "glob_pattern.h"
#include "line_reader.h"
#include "search_tools.h"

namespace tutti::workspace {
namespace {

constexpr std::int64_t kMaxPatternMemory = 16 << 20;
constexpr std::size_t kMaxPatternBytes = 8192;
constexpr std::int64_t kMaxContext = 50;
constexpr std::size_t kBinaryProbeBytes = 8192;
constexpr std::size_t kLinesBetweenChecks = 4096;

re2::StringPiece Piece(std::string_view text) {
  return {text.data(), text.size()};
}

// [begin, end) of each line, without its end.
std::vector<std::pair<std::size_t, std::size_t>> SplitLines(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(begin, end);
    begin = end + 1;
  }
  return lines;
}

class GrepRun {
 public:
  GrepRun(const SearchLimits& limits, const GrepRequest& request, const RE2& expression,
          const std::function<bool()>& cancelled)
      : limits_(limits), request_(request), expression_(expression), cancelled_(cancelled) {
    const std::size_t most = request.mode == GrepMode::kContent ? limits.max_lines : limits.max_files;
    max_items_ = request.head_limit > 0 ? std::min(most, static_cast<std::size_t>(request.head_limit)) : most;
  }

  // False when the limits are reached.
  bool Search(const std::string& shown_path, int fd) {
    const Result<std::string> content = ReadWhole(fd, limits_.max_file_bytes);
    if (!content) {
      ++passed_over_;
      return true;
    }
    if (content->find('\0') < kBinaryProbeBytes) {
      return true;
    }
    const auto lines = SplitLines(*content);
    const std::vector<std::size_t> matches = MatchingLines(*content, lines);
    if (matches.empty()) {
      return true;
    }
    ++files_;
    matches_ += matches.size();
    const std::string path = CleanUtf8(shown_path);
    switch (request_.mode) {
      case GrepMode::kFilesWithMatches:
        return AddItem(path);
      case GrepMode::kCount:
        return AddItem(path + ":" + std::to_string(matches.size()));
      case GrepMode::kContent:
        return AddLines(path, *content, lines, matches);
    }
    return true;
  }

  void PassOver() { ++passed_over_; }

  [[nodiscard]] ToolResult Describe(WalkEnd end) {
    ToolResult result;
    result.text = text_.empty() ? "No matches found\n" : std::move(text_);
    if (is_full_) {
      result.text += "[more was found and left out; give a narrower pattern, path or glob]\n";
    }
    if (passed_over_ > 0) {
      result.text += "[" + std::to_string(passed_over_) + " files were not searched: unreadable or larger than " +
                     std::to_string(limits_.max_file_bytes) + " bytes]\n";
    }
    result.text += workspace::Describe(end);
    result.Set("files", files_).Set("matches", matches_).Set("complete", !is_full_ && end == WalkEnd::kComplete);
    return result;
  }

 private:
  using Lines = std::vector<std::pair<std::size_t, std::size_t>>;

  [[nodiscard]] std::vector<std::size_t> MatchingLines(std::string_view content, const Lines& lines) const {
    return request_.multiline ? AcrossLines(content, lines) : WithinLines(content, lines);
  }

  [[nodiscard]] std::vector<std::size_t> WithinLines(std::string_view content, const Lines& lines) const {
    std::vector<std::size_t> matches;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i % kLinesBetweenChecks == kLinesBetweenChecks - 1 && cancelled_()) {
        break;
      }
      std::string_view line = content.substr(lines[i].first, lines[i].second - lines[i].first);
      if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
      }
      if (RE2::PartialMatch(Piece(line), expression_)) {
        matches.push_back(i);
      }
    }
    return matches;
  }

  [[nodiscard]] std::vector<std::size_t> AcrossLines(std::string_view content, const Lines& lines) const {
    std::vector<std::size_t> matches;
    std::size_t at = 0;
    std::size_t line = 0;
    re2::StringPiece match;
    while (at <= content.size() && expression_.Match(Piece(content), at, content.size(), RE2::UNANCHORED, &match, 1) &&
           !cancelled_()) {
      const auto begin = static_cast<std::size_t>(match.data() - content.data());
      const std::size_t end = begin + match.size();
      for (; line < lines.size() && lines[line].first < std::max(end, begin + 1); ++line) {
        if (lines[line].second >= begin) {
          matches.push_back(line);
        }
      }
      at = std::max(end, begin + 1);
    }
    return matches;
  }

  bool AddItem(std::string_view item) {
    if (items_ == max_items_ || text_.size() >= limits_.max_output_bytes) {
      is_full_ = true;
      return false;
    }
    ++items_;
    text_.append(item).push_back('\n');
    return true;
  }

  bool AddLines(const std::string& path, std::string_view content, const Lines& lines,
                const std::vector<std::size_t>& matches) {
    const auto before = static_cast<std::size_t>(std::clamp<std::int64_t>(request_.before, 0, kMaxContext));
    const auto after = static_cast<std::size_t>(std::clamp<std::int64_t>(request_.after, 0, kMaxContext));
    std::size_t next = 0;  // first line not shown yet
    std::size_t position = 0;
    for (const std::size_t match : matches) {
      const std::size_t first = std::max(next, match - std::min(match, before));
      const std::size_t last = std::min(lines.size() - 1, match + after);
      if (before + after > 0 && !text_.empty() && (next == 0 || first > next)) {
        text_ += "--\n";
      }
      for (std::size_t i = first; i <= last; ++i) {
        while (position < matches.size() && matches[position] < i) {
          ++position;
        }
        const bool is_match = position < matches.size() && matches[position] == i;
        if (!AddLine(path, i + 1, content.substr(lines[i].first, lines[i].second - lines[i].first), is_match)) {
          return false;
        }
      }
      next = std::max(next, last + 1);
    }
    return true;
  }

  bool AddLine(const std::string& path, std::size_t number, std::string_view line, bool is_match) {
    const char mark = is_match ? ':' : '-';
    std::string item = path + mark;
    if (request_.line_numbers) {
      item += std::to_string(number) + mark;
    }
    item += CleanUtf8(line.substr(0, limits_.max_line_bytes));
    if (line.size() > limits_.max_line_bytes) {
      item += "... [line cut]";
    }
    return AddItem(item);
  }

  const SearchLimits& limits_;
  const GrepRequest& request_;
  const RE2& expression_;
  const std::function<bool()>& cancelled_;
  std::size_t max_items_ = 0;
  std::size_t items_ = 0;
  std::size_t files_ = 0;
  std::size_t matches_ = 0;
  std::size_t passed_over_ = 0;
  bool is_full_ = false;
  std::string text_;
};

}  // namespace

ToolResult Grep(const WorkingDirectory& directory, const SearchLimits& limits, const GrepRequest& request,
                const std::function<bool()>& cancelled) {
  if (request.pattern.empty() || request.pattern.size() > kMaxPatternBytes) {
    return ToolResult::Error("expected a pattern of 1 to " + std::to_string(kMaxPatternBytes) + " bytes, found " +
                             std::to_string(request.pattern.size()));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!request.ignore_case);
  options.set_max_mem(kMaxPatternMemory);
  const RE2 expression((request.multiline ? "(?ms)" : "") + std::string(request.pattern), options);
  if (!expression.ok()) {
    return ToolResult::Error("the pattern is not supported: " + expression.error() +
                             "; the syntax is RE2: Perl's without back references and look-around");
  }
  std::optional<GlobPattern> glob;
  if (!request.glob.empty()) {
    Result<GlobPattern> compiled = GlobPattern::Compile(request.glob);
    if (!compiled) {
      return ToolResult::Error(compiled.status());
    }
    glob = std::move(*compiled);
  }
  const bool is_name_glob = request.glob.find('/') == std::string_view::npos;
  const Result<std::string> relative = directory.Relative(request.path);
  if (!relative) {
    return ToolResult::Error(relative.status());
  }
  GrepRun run(limits, request, expression, cancelled);
  const Result<UniqueFd> file = directory.OpenRegularFile(*relative);
  if (file) {
    run.Search(*relative, file->get());
    return run.Describe(WalkEnd::kComplete);
  }
  const Result<UniqueFd> start = directory.OpenExisting(*relative, O_RDONLY | O_DIRECTORY);
  if (!start) {
    return ToolResult::Error(start.status());
  }
  const std::string prefix = *relative == "." ? "" : *relative + (relative->back() == '/' ? "" : "/");
  const auto visit = [&](const WalkEntry& entry) {
    if (!S_ISREG(entry.status.st_mode) || (glob && !glob->Matches(is_name_glob ? entry.name : entry.path))) {
      return true;
    }
    const UniqueFd found(::openat(entry.directory, entry.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!found) {
      run.PassOver();
      return true;
    }
    return run.Search(prefix + entry.path, found.get());
  };
  const WalkEnd end = WalkTree(start->get(), limits.walk, {.visit = visit, .cancelled = cancelled});
  if (end == WalkEnd::kCancelled) {
    return ToolResult::Error("Grep was cancelled");
  }
  return run.Describe(end);
}

}  // namespace tutti::workspace
