// Which files of a kind lie beneath some directories.
//
// Threads: one at a time. Blocks on the file system.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "directory_watch.h"
#include "document_root.h"

namespace tutti::documents {

struct FoundFile {
  std::size_t root = 0;
  std::string relative;  // to its root, such as "review/security.md"; bytes as the file system has them
  std::string path;
};

// Something that is wrong with a file or a directory.
struct Problem {
  std::string path;
  std::string sentence;

  auto operator<=>(const Problem&) const = default;
};

struct ScanLimits {
  std::size_t files = 10000;    // of all roots; those of earlier ones first, then first names first
  std::size_t entries = 50000;  // names looked at in one root
  std::size_t depth = 16;       // directories below one another
};

struct TreeScan {
  std::vector<FoundFile> files;  // by root, then by path
  std::vector<Problem> problems;
  bool has_links = false;  // something was reached by a symbolic link, whose target is not watched
};

// Names that begin with a dot are passed over. A root that is not there is empty. Each directory is looked into once,
// however many links lead to it, and those that hold a root never. `watch` is given every directory before it is read.
TreeScan ScanTrees(const std::vector<DocumentRoot>& roots, const std::vector<std::string>& extensions,
                   const ScanLimits& limits, DirectoryWatch& watch);

}  // namespace tutti::documents
