// Bash: one command line in /bin/bash, confined, limited and cleaned up after.
//
// Threads: Start and Cancel from any. `done` runs on the child runner's thread. `directory`, `runner` and `confinement`
// must outlive every call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "child_runner.h"
#include "confinement.h"
#include "tool_result.h"
#include "working_directory.h"

namespace tutti::workspace {

struct BashSettings {
  std::chrono::milliseconds default_timeout{120'000};
  std::chrono::milliseconds max_timeout{600'000};
  std::size_t max_output_bytes = 30'000;
  std::uint64_t max_file_bytes = 1ULL << 30U;
  std::uint64_t max_user_processes = 4096;
  std::uint32_t max_processes = 256;
  std::vector<std::string> environment;  // NAME=value
};

class BashTool {
 public:
  BashTool(const WorkingDirectory& directory, ChildRunner& runner, const Confinement& confinement,
           BashSettings settings)
      : directory_(directory), runner_(runner), confinement_(confinement), settings_(std::move(settings)) {}

  // timeout 0: the default; longer ones are cut to the maximum. Returns an id for Cancel.
  Result<std::uint64_t> Start(std::string_view command, std::chrono::milliseconds timeout,
                              std::function<void(ToolResult)> done);

  void Cancel(std::uint64_t id) { runner_.Cancel(id); }

 private:
  const WorkingDirectory& directory_;
  ChildRunner& runner_;
  const Confinement& confinement_;
  const BashSettings settings_;
};

// What a model reads about the end of a command.
ToolResult DescribeOutcome(const ChildOutcome& outcome, std::chrono::milliseconds timeout, const char* confinement);

// NAME=value for those of `names` that this process has.
std::vector<std::string> SelectEnvironment(const std::vector<std::string>& names);

}  // namespace tutti::workspace
