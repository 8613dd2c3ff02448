// RunTutti: the tutti binary with any arguments, run to its end.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/server_process.h"

namespace tutti::test {

struct CommandRun {
  int status = 0;      // 128 + signal when a signal ended it
  std::string output;  // both streams
};

// Ends it (SIGKILL) when it takes longer than `patience`.
CommandRun RunTutti(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment = {},
                    std::chrono::milliseconds patience = kPatience);

}  // namespace tutti::test
