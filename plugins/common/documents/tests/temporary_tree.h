// TemporaryTree: a directory of a test's own, removed with everything in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace tutti::documents {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-documents-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }

  ~TemporaryTree() { std::filesystem::remove_all(path_); }

  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] std::string PathOf(const std::string& relative) const { return (path_ / relative).string(); }

  // With the directories on the way.
  void Write(const std::string& relative, std::string_view text) const {
    std::filesystem::create_directories((path_ / relative).parent_path());
    std::ofstream(path_ / relative, std::ios::binary) << text;
  }

  void MakeDirectory(const std::string& relative) const { std::filesystem::create_directories(path_ / relative); }

  void Link(const std::string& relative, const std::string& target) const {
    std::filesystem::create_symlink(target, path_ / relative);
  }

  void Remove(const std::string& relative) const { std::filesystem::remove_all(path_ / relative); }

  void Rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(path_ / from, path_ / to);
  }

  // Gives the file or directory an old time, so that its stamp counts as settled.
  void Age(const std::string& relative) const {
    std::filesystem::last_write_time(path_ / relative,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace tutti::documents
