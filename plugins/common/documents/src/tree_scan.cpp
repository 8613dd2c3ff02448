#include "tree_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "bounded_file.h"

namespace tutti::documents {
namespace {

using Identity = std::pair<dev_t, ino_t>;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

struct Branch {
  std::string relative;
  std::size_t depth = 0;
};

// The walk through one root.
class Walk {
 public:
  Walk(const DocumentRoot& root, std::size_t number, const std::vector<std::string>& extensions,
       const ScanLimits& limits, DirectoryWatch& watch, TreeScan& out)
      : root_(root), number_(number), extensions_(extensions), limits_(limits), watch_(watch), out_(out) {}

  void Run() {
    RememberAncestors();
    branches_.push_back({});
    while (!branches_.empty()) {
      const Branch branch = std::move(branches_.back());
      branches_.pop_back();
      Look(branch);
    }
    std::sort(files_.begin(), files_.end());
    for (std::string& file : files_) {
      std::string path = root_.PathOf(file);
      out_.files.push_back({number_, std::move(file), std::move(path)});
    }
  }

 private:
  // A link to a directory that holds the root would lead through the root again.
  void RememberAncestors() {
    std::error_code error;
    std::filesystem::path at = std::filesystem::canonical(root_.path(), error);
    while (!error && at.has_relative_path()) {
      at = at.parent_path();

      struct stat status {};

      if (::stat(at.c_str(), &status) == 0) {
        visited_.emplace(status.st_dev, status.st_ino);
      }
    }
  }

  void Look(const Branch& branch) {
    Descriptor opened = root_.Open(branch.relative, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!opened) {
      NotOpened(branch, errno);
      return;
    }

    struct stat status {};

    if (::fstat(opened.get(), &status) != 0 || !visited_.emplace(status.st_dev, status.st_ino).second) {
      Report(branch.relative, "is a link to a directory that is looked into anyway, or that holds this one");
      return;
    }
    watch_.Add(root_.PathOf(branch.relative));
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(opened.get()));
    if (directory == nullptr) {
      NotOpened(branch, errno);
      return;
    }
    (void)opened.Release();
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
      if (entry->d_name[0] != '.' && !Take(branch, *entry, ::dirfd(directory.get()))) {
        return;
      }
      errno = 0;
    }
    if (errno != 0) {
      Report(branch.relative, "expected a directory that can be read, found: " + Reason(errno));
    }
  }

  // false: no more may be looked at.
  bool Take(const Branch& branch, const dirent& entry, int directory) {
    if (++entries_ > limits_.entries) {
      Report({}, "holds more than " + std::to_string(limits_.entries) +
                     " entries; those beyond are not looked at (max_entries)");
      branches_.clear();
      return false;
    }
    const std::string name = entry.d_name;
    std::string relative = branch.relative.empty() ? name : branch.relative + "/" + name;
    bool is_directory = entry.d_type == DT_DIR;
    if (entry.d_type == DT_LNK || entry.d_type == DT_UNKNOWN) {
      struct stat status {};

      is_directory = ::fstatat(directory, name.c_str(), &status, 0) == 0 && S_ISDIR(status.st_mode);
      out_.has_links = out_.has_links || entry.d_type == DT_LNK;
    }
    if (is_directory && branch.depth >= limits_.depth) {
      Report(relative, "lies deeper than " + std::to_string(limits_.depth) + " directories (max_depth)");
    } else if (is_directory) {
      branches_.push_back({std::move(relative), branch.depth + 1});
    } else if (HasExtension(name)) {
      files_.push_back(std::move(relative));
    }
    return true;
  }

  [[nodiscard]] bool HasExtension(const std::string& name) const {
    return std::any_of(extensions_.begin(), extensions_.end(), [&](const std::string& extension) {
      return name.size() > extension.size() && name.ends_with(extension);
    });
  }

  void NotOpened(const Branch& branch, int error) {
    if (error == ENOENT && branch.relative.empty()) {
      return;
    }
    Report(
        branch.relative,
        error == EXDEV
            ? std::string("is a link that leads out of the directory it has to stay in (`beneath`), or an absolute one")
            : "expected a directory that can be read, found: " + Reason(error));
  }

  void Report(const std::string& relative, std::string sentence) {
    out_.problems.push_back({root_.PathOf(relative), std::move(sentence)});
  }

  const DocumentRoot& root_;
  const std::size_t number_;
  const std::vector<std::string>& extensions_;
  const ScanLimits& limits_;
  DirectoryWatch& watch_;
  TreeScan& out_;
  std::set<Identity> visited_;
  std::vector<Branch> branches_;
  std::vector<std::string> files_;
  std::size_t entries_ = 0;
};

}  // namespace

TreeScan ScanTrees(const std::vector<DocumentRoot>& roots, const std::vector<std::string>& extensions,
                   const ScanLimits& limits, DirectoryWatch& watch) {
  TreeScan scan;
  watch.Begin();
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (!roots[i].path().empty()) {
      Walk(roots[i], i, extensions, limits, watch, scan).Run();
    }
  }
  watch.Settle();
  if (scan.files.size() > limits.files) {
    scan.problems.push_back({roots[scan.files[limits.files].root].path(),
                             "there are " + std::to_string(scan.files.size()) + " files, of which the first " +
                                 std::to_string(limits.files) + " are read (max_files)"});
    scan.files.resize(limits.files);
  }
  return scan;
}

}  // namespace tutti::documents
