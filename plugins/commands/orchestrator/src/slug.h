// Task slugs: what the log entries of one commanded turn are grouped by.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace tutti::orchestrator {

// "Fix the test!" -> "fix-the-test-20251120-101530": the first 50 characters, then local time.
std::string TaskSlug(std::string_view command, std::time_t now);

}  // namespace tutti::orchestrator
