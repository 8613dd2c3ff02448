// GitSandbox: a directory of its own with a real git repository in it, made by the git program.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tutti::file_tracker {

class GitSandbox {
 public:
  GitSandbox() {
    std::string name = (std::filesystem::temp_directory_path() / "tutti-tracker-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) {
      root_ = std::filesystem::canonical(name).string();
    }
  }

  GitSandbox(const GitSandbox&) = delete;
  GitSandbox& operator=(const GitSandbox&) = delete;

  ~GitSandbox() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
    std::filesystem::remove(log(), ignored);
  }

  [[nodiscard]] const std::string& root() const { return root_; }

  [[nodiscard]] std::string At(const std::string& name) const { return root_ + "/" + name; }

  std::string Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = At(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  // Runs git in `directory` below the root; what the developer configured for themselves does not count.
  void Git(const std::string& arguments, const std::string& directory = ".") const {
    const std::string command =
        "cd '" + At(directory) +
        "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -c user.name=t "
        "-c user.email=t@example.org -c protocol.file.allow=always -c init.defaultBranch=main " +
        arguments + " >> '" + log() + "' 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << arguments << "\n" << Read(log());
  }

  void Commit(const std::string& message, const std::string& directory = ".") const {
    Git("add -A -f", directory);
    Git("commit -q --allow-empty -m " + message, directory);
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  [[nodiscard]] std::string log() const { return root_ + ".log"; }

  std::string root_;
};

}  // namespace tutti::file_tracker
