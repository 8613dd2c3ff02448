// TemplateFolder: the template files of one directory, as they are now.
//
// Threads: any; one looks at the directory at a time. Blocks on the file system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "template_file.h"
#include "tutti/sdk/status.hpp"

namespace tutti::markdown {

struct FolderLimits {
  std::size_t files = 500;
  std::uint64_t file_bytes = 65536;
  std::size_t entries = 10000;
};

class TemplateFolder {
 public:
  // What is wrong, once for each state of a file. `path` may be the directory's own.
  using Report = std::function<void(const std::string& path, std::string_view problem)>;

  TemplateFolder(std::filesystem::path directory, FolderLimits limits, Report report)
      : directory_(std::move(directory)), limits_(limits), report_(std::move(report)) {}

  // The answers of tutti/abi/template.h. UNAVAILABLE when the directory is there and cannot be read.
  Result<std::string> List();
  // NOT_FOUND when no file has the name, FAILED_PRECONDITION when the one that has cannot be used.
  Result<std::string> Get(std::string_view name);

 private:
  // What tells two states of a file apart.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    bool operator==(const Stamp&) const = default;
  };

  struct Entry {
    Stamp stamp;
    TemplateFile file;
    std::string error;  // empty: `file` can be used
  };

  // REQUIRES for all below: mutex_ held.
  Status Refresh();
  Result<std::vector<std::string>> FileNames();
  void RefreshFile(const std::string& name);
  Result<TemplateFile> Read(int descriptor, std::uint64_t size, const std::string& path) const;
  // By template name; a file without a name of its own goes by its stem.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> ByName(bool with_prompt) const;
  void ReportOnce(const std::string& problem);

  const std::filesystem::path directory_;
  const FolderLimits limits_;
  const Report report_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // guarded by mutex_; by file name
  std::string directory_problem_;         // guarded by mutex_; the one reported last
};

}  // namespace tutti::markdown
