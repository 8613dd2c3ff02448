// One line per case: its name when it begins, so that a crash names it, and how it ended.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>

namespace tutti::storage_suite {

class Printer final : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo& test) override {
    std::printf("%-60s ", Name(test).c_str());
    std::fflush(stdout);
  }

  void OnTestPartResult(const ::testing::TestPartResult& result) override {
    if (result.failed()) {
      std::printf("\n  %s:%d: %s\n", result.file_name() == nullptr ? "?" : result.file_name(), result.line_number(),
                  result.message());
    }
  }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    std::printf("%s\n", test.result()->Passed() ? "pass" : ("FAIL " + Name(test)).c_str());
    std::fflush(stdout);
  }

  // Without the name of the backend, which is the same for all.
  static std::string Name(const ::testing::TestInfo& test) {
    const std::string name = test.name();
    return name.substr(0, name.find('/'));
  }
};

}  // namespace tutti::storage_suite
