// The directory beneath which the path tools work, held as an open descriptor.
//
// Every path is resolved by the kernel with openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS), so neither "..", nor a
// symbolic link, nor a directory swapped for a link at the wrong moment leads out. Absolute symbolic links are refused
// even when they point inside.
//
// Threads: immutable after Open, use from any thread. Errors: sentences for a model, which name the path as it was
// given.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"
#include "unique_fd.h"

namespace tutti::workspace {

class WorkingDirectory {
 public:
  // `path` may be relative to the process's current directory and must be a directory.
  static Result<WorkingDirectory> Open(const std::string& path);

  // The path to hand to the kernel: relative, never empty ("." is the directory itself). Absolute paths must lie
  // beneath the directory, by its configured or its real name.
  [[nodiscard]] Result<std::string> Relative(std::string_view path) const;

  // Opens an existing entry; `flags` as for open(2), O_CLOEXEC is added. `relative` comes from Relative.
  [[nodiscard]] Result<UniqueFd> OpenExisting(const std::string& relative, int flags) const;

  // Opens the directory `relative`, making missing directories on the way.
  [[nodiscard]] Result<UniqueFd> OpenOrMakeDirectory(const std::string& relative) const;

  // Opens a regular file for reading. A pipe, socket or device is refused before it is opened, so nothing blocks.
  [[nodiscard]] Result<UniqueFd> OpenRegularFile(const std::string& relative) const;

  // Where an open descriptor lies, relative to this directory; FAILED_PRECONDITION when it was moved out.
  [[nodiscard]] Result<std::string> PathOf(int fd) const;

  [[nodiscard]] int fd() const { return fd_.get(); }

  // Absolute, without symbolic links.
  [[nodiscard]] const std::string& path() const { return real_path_; }

 private:
  [[nodiscard]] Status Explain(int error, const std::string& relative, std::string_view wanted) const;

  UniqueFd fd_;
  std::string configured_path_;
  std::string real_path_;
};

}  // namespace tutti::workspace
