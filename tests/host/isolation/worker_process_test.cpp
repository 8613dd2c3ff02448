#include "host/isolation/worker_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

namespace tutti::host {
namespace {

constexpr std::chrono::milliseconds kPatience{20000};

std::unique_ptr<WorkerProcess> Start() {
  Result<std::unique_ptr<WorkerProcess>> process = WorkerProcess::Start(TUTTI_TEST_PROGRAM);
  EXPECT_TRUE(process.ok()) << process.status().ToString();
  return process.ok() ? std::move(*process) : nullptr;
}

TEST(WorkerProcess, EndsByItselfWhenItsHostIsGone) {
  const auto process = Start();
  ASSERT_NE(process, nullptr);
  ::shutdown(process->socket(), SHUT_RDWR);
  EXPECT_EQ(process->Reap(kPatience), "exit code 0");
}

TEST(WorkerProcess, EndsWithASentenceWhenTheFirstFrameIsNone) {
  const auto process = Start();
  ASSERT_NE(process, nullptr);
  const std::string noise(64, '\xff');
  ASSERT_EQ(::send(process->socket(), noise.data(), noise.size(), MSG_NOSIGNAL), static_cast<ssize_t>(noise.size()));
  EXPECT_EQ(process->Reap(kPatience), "exit code 70");
  char text[1024];
  const ssize_t got = ::read(process->standard_error(), text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_NE(std::string_view(text, static_cast<std::size_t>(got)).find("expected a frame of at most"),
            std::string_view::npos);
}

TEST(WorkerProcess, SaysWhichSignalEndedIt) {
  const auto process = Start();
  ASSERT_NE(process, nullptr);
  ASSERT_EQ(::kill(process->pid(), SIGTERM), 0);
  EXPECT_EQ(process->Reap(kPatience), "signal SIGTERM");
  process->Kill();  // reaped: its number may be another's, and nothing is sent
}

TEST(WorkerProcess, OneThatDoesNotEndIsKilled) {
  const auto process = Start();
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->Reap(std::chrono::milliseconds(0)), "signal SIGKILL");
}

TEST(WorkerProcess, AProgramThatIsNotThereIsNamed) {
  const Status status = WorkerProcess::Start("/nowhere/tutti").status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("/nowhere/tutti"), std::string_view::npos) << status.message();
}

}  // namespace
}  // namespace tutti::host
