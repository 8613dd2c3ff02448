// A child runner whose outcomes a test can wait for.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "child_runner.h"
#include "temporary_directory.h"
#include "working_directory.h"

namespace tutti::workspace {

constexpr std::chrono::seconds kPatience{60};

// Waits until `condition` holds; false after a long time.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

struct Started {
  std::uint64_t id = 0;
  std::future<ChildOutcome> outcome;

  ChildOutcome Wait() {
    if (outcome.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "the child did not end";
      std::abort();
    }
    return outcome.get();
  }
};

class RunnerTest : public testing::Test {
 protected:
  explicit RunnerTest(ChildRunner::Limits limits = {}) : runner(std::move(ChildRunner::Create(limits)).value()) {}

  ChildCommand Bash(std::string text) const {
    ChildCommand command;
    command.arguments = {"/bin/bash", "-c", std::move(text)};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.directory = directory.fd();
    command.timeout = std::chrono::seconds(60);
    return command;
  }

  Started Start(ChildCommand command) {
    auto promise = std::make_shared<std::promise<ChildOutcome>>();
    Started started;
    started.outcome = promise->get_future();
    const auto id =
        runner->Start(std::move(command), [promise](ChildOutcome outcome) { promise->set_value(std::move(outcome)); });
    EXPECT_TRUE(id.ok()) << id.status().ToString();
    started.id = id.ok() ? *id : 0;
    return started;
  }

  ChildOutcome Run(std::string text) { return Start(Bash(std::move(text))).Wait(); }

  // Waits for a file that a child writes.
  bool Appears(std::string_view name) const {
    return Eventually([&] { return !inside.Get(name).empty() && inside.Get(name) != "<missing>"; });
  }

  // Whether the process whose id stands in the file is gone.
  bool IsGone(std::string_view file) const {
    return !std::filesystem::exists("/proc/" + std::to_string(std::atoi(inside.Get(file).c_str())));
  }

  TemporaryDirectory inside;
  Result<WorkingDirectory> opened = WorkingDirectory::Open(inside.path());
  const WorkingDirectory& directory = opened.value();
  std::unique_ptr<ChildRunner> runner;
};

}  // namespace tutti::workspace
