// What is true of a server's database after any number of crashes, once all work has ended.
#pragma once

#include <string>
#include <vector>

#include "tests/crash/crash_server.h"
#include "tests/crash/workload.h"

namespace tutti::test {

// Each finding is a sentence; none means that all is well.
std::vector<std::string> CheckAll(const CrashServer& server, const Ledger& ledger);

}  // namespace tutti::test
