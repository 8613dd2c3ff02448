#include "file_inspector.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "file_content.h"
#include "path_names.h"

namespace tutti::file_tracker {
namespace {

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

FileInspector::FileInspector(std::string working_dir, Limits limits, BaseCommits bases, Clock::time_point until)
    : working_dir_(std::move(working_dir)),
      limits_(limits),
      bases_(std::move(bases)),
      until_(until),
      diff_bytes_left_(limits.max_total_diff_bytes) {}

FileChange FileInspector::Unseen(const TouchedFile& file, std::string reason) const {
  FileChange change;
  change.path = RelativePath(working_dir_, file.path);
  change.absolute_path = file.path;
  change.tool = file.tool;
  change.diff_omitted = std::move(reason);
  return change;
}

FileRead FileInspector::Uncounted(const TouchedFile& file) const {
  return {
      .path = RelativePath(working_dir_, file.path), .absolute_path = file.path, .line_count = 0, .is_counted = false};
}

std::optional<FileChange> FileInspector::InspectChange(const TouchedFile& file) {
  const std::string directory = DirectoryOf(file.path);
  auto found = repositories_.find(directory);
  if (found == repositories_.end()) {
    found = repositories_.emplace(directory, GitRepository::Around(file.path)).first;
  }
  const Result<std::optional<GitRepository>>& around = found->second;
  if (around.ok() && !*around) {
    return std::nullopt;
  }
  const FileContent content = FileContent::Read(file.path, limits_.max_file_bytes);
  const bool is_missing = content.state == FileContent::State::kMissing;
  FileChange change = Unseen(file, content.reason);
  if (!around.ok()) {
    change.status = is_missing ? "deleted" : "modified";
    change.diff_omitted = around.status().message();
    return change;
  }
  const GitRepository& repository = **around;
  const std::string base = BaseOf(repository);
  bool is_in_base = false;
  if (content.state == FileContent::State::kRefused) {
    is_in_base = repository.Holds(file.path, base);
  } else {
    FileDiff diff = repository.Compare(file.path, base, is_missing ? nullptr : &content.bytes,
                                       {.max_file_bytes = limits_.max_file_bytes,
                                        .max_diff_bytes = limits_.max_diff_bytes,
                                        .context_lines = limits_.context_lines});
    is_in_base = diff.is_in_base;
    change.lines_added = diff.lines_added;
    change.lines_removed = diff.lines_removed;
    change.diff = std::move(diff.text);
    change.diff_omitted = std::move(diff.omitted);
  }
  // git says nothing about what it was told to ignore, so nothing tells that it is new.
  change.status = is_missing ? "deleted" : is_in_base || repository.Ignores(file.path) ? "modified" : "created";
  if (change.diff && change.diff->size() > diff_bytes_left_) {
    change.diff.reset();
    change.diff_omitted =
        "the diffs of this turn have more than " + std::to_string(limits_.max_total_diff_bytes) + " bytes";
  }
  diff_bytes_left_ -= change.diff ? change.diff->size() : 0;
  return change;
}

FileRead FileInspector::InspectRead(const TouchedFile& file) const {
  const LineCount count = LineCount::Of(file.path, limits_.max_counted_bytes, until_);
  FileRead read = Uncounted(file);
  read.line_count = count.lines;
  read.is_counted = count.is_whole;
  return read;
}

std::string FileInspector::BaseOf(const GitRepository& repository) const {
  const auto noted = bases_.find(repository.directory());
  if (noted != bases_.end()) {
    return noted->second;
  }
  const Result<std::string> head = repository.Head();
  return head.ok() ? *head : std::string();
}

void NoteBase(const TouchedFile& file, Turn& turn) {
  if (!turn.EnterDirectory(DirectoryOf(file.path))) {
    return;
  }
  const Result<std::optional<GitRepository>> around = GitRepository::Around(file.path);
  if (!around.ok() || !*around) {
    return;
  }
  const Result<std::string> head = (*around)->Head();
  if (head.ok()) {
    turn.SetBase((*around)->directory(), *head);
  }
}

}  // namespace tutti::file_tracker
