// DocumentReader: the files beneath some directories as they are now, each read and parsed once for each of its states.
//
// It asks the kernel whether anything changed, and goes through the directories only then. Where watches are not to be
// had it looks at every file's stamp at every question. What a parse gives is kept, texts are not.
// Threads: one at a time. Blocks on the file system.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bounded_file.h"
#include "directory_watch.h"
#include "document_root.h"
#include "tree_scan.h"

namespace tutti::documents {

struct ReaderLimits {
  ScanLimits scan;
  std::uint64_t file_bytes = 65536;
  std::uint64_t total_bytes = 32U << 20U;  // of all files that are kept
  std::size_t watches = 1000;              // directories; 0: never watched
};

class DocumentReader {
 public:
  // What became of a file; the error, when it has one, is reported.
  struct Parsed {
    std::shared_ptr<const void> document;
    std::string error;
  };

  // `text` is the file's content, or why it could not be read.
  using Parse = std::function<Parsed(const FoundFile& place, const Result<std::string>& text)>;
  // What is wrong, once for as long as it is.
  using Report = std::function<void(const std::string& path, std::string_view problem)>;

  struct Entry {
    FoundFile place;
    std::shared_ptr<const void> document;
  };

  DocumentReader(std::vector<DocumentRoot> roots, std::vector<std::string> extensions, ReaderLimits limits, Parse parse,
                 Report report)
      : roots_(std::move(roots)),
        extensions_(std::move(extensions)),
        limits_(limits),
        parse_(std::move(parse)),
        report_(std::move(report)),
        watch_(limits.watches) {}

  // Brings entries() up to date. false: they are what they were.
  bool Refresh();

  // By root, then by path.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  [[nodiscard]] const std::vector<DocumentRoot>& roots() const { return roots_; }

  // How often the directories were gone through.
  [[nodiscard]] std::uint64_t scans() const { return scans_; }

 private:
  struct Kept {
    FileStamp stamp;
    bool is_settled = false;
    std::uint64_t bytes = 0;
    Parsed parsed;
  };

  using Place = std::pair<std::size_t, std::string>;  // root, relative path

  // What tells whether a root is still the same directory: its number, or why it cannot be looked at.
  struct RootState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    int error = 0;

    bool operator==(const RootState&) const = default;
  };

  [[nodiscard]] std::vector<RootState> RootStates() const;
  bool NeedsScan(const std::vector<RootState>& roots);
  // The file's newest state; `used` is what the files before it hold.
  Kept Look(const FoundFile& file, const Kept* known, std::uint64_t used) const;
  void ReportNew(std::set<Problem> problems);

  const std::vector<DocumentRoot> roots_;
  const std::vector<std::string> extensions_;
  const ReaderLimits limits_;
  const Parse parse_;
  const Report report_;
  DirectoryWatch watch_;
  std::vector<RootState> root_states_;
  bool is_watched_ = false;
  std::uint64_t scans_ = 0;
  std::map<Place, Kept> kept_;
  std::vector<Entry> entries_;
  std::set<Problem> problems_;  // reported and still there
};

}  // namespace tutti::documents
