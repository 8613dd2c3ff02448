#include "document_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "tutti/sdk/text.hpp"

namespace tutti::documents {
namespace {

constexpr std::size_t kMostReports = 100;  // of one look

}  // namespace

bool DocumentReader::Refresh() {
  std::vector<RootState> root_states = RootStates();
  if (!NeedsScan(root_states)) {
    return false;
  }
  const bool is_first = scans_++ == 0;
  TreeScan scan = ScanTrees(roots_, extensions_, limits_.scan, watch_);
  is_watched_ = watch_.is_complete() && !scan.has_links;
  root_states_ = std::move(root_states);
  std::map<Place, Kept> kept;
  std::vector<Entry> entries;
  std::set<Problem> problems(scan.problems.begin(), scan.problems.end());
  if (!watch_.is_complete() && limits_.watches > 0) {
    problems.insert({roots_.empty() ? "" : roots_.front().path(),
                     "is read again at every question, because directories cannot be watched: " + watch_.problem()});
  }
  std::uint64_t used = 0;
  bool has_changed = is_first || scan.files.size() != entries_.size();
  for (FoundFile& file : scan.files) {
    Place place(file.root, file.relative);
    const auto known = kept_.find(place);
    Kept now = Look(file, known == kept_.end() ? nullptr : &known->second, used);
    used += now.bytes;
    has_changed = has_changed || known == kept_.end() || known->second.parsed.document != now.parsed.document;
    if (!now.parsed.error.empty()) {
      problems.insert({file.path, now.parsed.error});
    }
    entries.push_back({std::move(file), now.parsed.document});
    kept.emplace(std::move(place), std::move(now));
  }
  kept_ = std::move(kept);
  entries_ = std::move(entries);
  ReportNew(std::move(problems));
  return has_changed;
}

std::vector<DocumentReader::RootState> DocumentReader::RootStates() const {
  std::vector<RootState> states;
  for (const DocumentRoot& root : roots_) {
    struct stat status {};

    const bool is_there = !root.path().empty() && ::stat(root.path().c_str(), &status) == 0;
    states.push_back(is_there ? RootState{status.st_dev, status.st_ino, 0} : RootState{0, 0, errno});
  }
  return states;
}

bool DocumentReader::NeedsScan(const std::vector<RootState>& roots) {
  // A root that is not there has no watch, and neither has what is above one: both show in the root itself.
  return scans_ == 0 || !is_watched_ || watch_.Take() || roots != root_states_;
}

DocumentReader::Kept DocumentReader::Look(const FoundFile& file, const Kept* known, std::uint64_t used) const {
  const Descriptor opened = roots_[file.root].Open(file.relative, O_RDONLY | O_NONBLOCK);
  const int error = errno;

  struct stat status {};

  Kept kept;
  if (opened && ::fstat(opened.get(), &status) == 0) {
    kept.stamp = StampOf(status);
    kept.is_settled = IsSettled(kept.stamp);
    kept.bytes = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
  if (known != nullptr && known->is_settled && known->stamp == kept.stamp &&
      used + known->bytes <= limits_.total_bytes) {
    return *known;
  }
  Result<std::string> text = Status::Unavailable("");
  if (!opened) {
    text = Status::Unavailable(
        file.path + (error == EXDEV ? ": is a link that leads out of the directory it has to stay in (`beneath`), or "
                                      "an absolute one"
                                    : ": expected a file that can be read, found: " + Reason(error)));
  } else if (kept.bytes <= limits_.file_bytes && used + kept.bytes > limits_.total_bytes) {
    text = Status::ResourceExhausted(file.path + ": the files before it have " + std::to_string(used) +
                                     " bytes already; together at most " + std::to_string(limits_.total_bytes) +
                                     " are read (max_total_bytes)");
    kept.is_settled = false;  // it depends on the others
  } else {
    text = ReadBounded(opened.get(), limits_.file_bytes, file.path, "max_file_bytes");
  }
  if (!text.ok()) {
    kept.bytes = 0;
    kept.is_settled = kept.is_settled && text.status().code() == Code::kInvalidArgument;
  }
  kept.parsed = parse_(file, text);
  // The same trouble again is the same state: what was made of it stays.
  if (!text.ok() && known != nullptr && known->parsed.error == kept.parsed.error && !kept.parsed.error.empty()) {
    kept.parsed = known->parsed;
  }
  return kept;
}

void DocumentReader::ReportNew(std::set<Problem> problems) {
  std::size_t count = 0;
  for (const Problem& problem : problems) {
    if (!problems_.contains(problem) && ++count <= kMostReports) {
      report_(problem.path, CleanUtf8(problem.sentence));
    }
  }
  if (count > kMostReports) {
    report_(roots_.empty() ? "" : roots_.front().path(),
            std::to_string(count - kMostReports) + " more files or directories have problems that are not logged");
  }
  problems_ = std::move(problems);
}

}  // namespace tutti::documents
