// What a child process may do to the file system, by Landlock where the kernel has it.
//
// Reading and running below the readable paths, everything below the writable ones, nothing else; and, where the kernel
// can (6.12), no signals to processes outside. A process so confined can also not look into the server's memory or
// environment. Network is not restricted. Threads: immutable after Build.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tutti/sdk/status.hpp"
#include "unique_fd.h"

namespace tutti::workspace {

class Confinement {
 public:
  struct Paths {
    std::vector<std::string> readable;
    std::vector<std::string> writable;
  };

  // Paths that do not exist are passed over. A kernel without Landlock yields an object that confines nothing; an error
  // is only a kernel that has it and refuses the rules.
  static Result<Confinement> Build(const Paths& paths);

  // Confines nothing, by choice.
  static Confinement None() { return {}; }

  [[nodiscard]] bool is_active() const { return static_cast<bool>(ruleset_); }

  // "landlock" or "none", for results and logs.
  [[nodiscard]] const char* name() const { return is_active() ? "landlock" : "none"; }

  // To be given to landlock_restrict_self in the child; -1 when not active.
  [[nodiscard]] int ruleset_fd() const { return ruleset_.get(); }

 private:
  UniqueFd ruleset_;
};

}  // namespace tutti::workspace
