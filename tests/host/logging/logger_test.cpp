#include "host/logging/logger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

constexpr std::chrono::seconds kLimit{20};

LoggerOptions Options(const TemporaryFolder& directory) {
  LoggerOptions options;
  options.console = false;
  options.file.file = directory.Path("t.log");
  return options;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  EXPECT_EQ(from, text.size()) << "the last line has no end";
  return lines;
}

TEST(Logger, StoresLinesOfItsLevelAndAbove) {
  const TemporaryFolder directory;
  auto logger = std::move(Logger::Create(Options(directory))).value();
  logger->Write(LogLevel::kDebug, "hidden");
  logger->Write(LogLevel::kInformation, "plugin loaded", {{"id", "a.b"}, {"ms", 14}});
  logger->WriteJson(LogLevel::kError, "failed", R"({"why":"no disk"})", {{"plugin", "a.b"}});
  EXPECT_FALSE(logger->IsEnabled(LogLevel::kDebug));
  logger->SetLevel(LogLevel::kTrace);
  EXPECT_TRUE(logger->IsEnabled(LogLevel::kTrace));
  logger->Write(LogLevel::kTrace, "shown");
  ASSERT_TRUE(logger->Flush(kLimit));
  const auto lines = LinesOf(directory.Read("t.log"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[0].ends_with(" information plugin loaded id=a.b ms=14")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with(" error failed plugin=a.b why=\"no disk\"")) << lines[1];
  EXPECT_TRUE(lines[2].ends_with(" trace shown")) << lines[2];
}

TEST(Logger, KeepsTheOrderOfEachThread) {
  const TemporaryFolder directory;
  LoggerOptions options = Options(directory);
  options.queue = 100000;
  auto logger = std::move(Logger::Create(options)).value();
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kLines; ++i) {
        logger->Write(LogLevel::kInformation, "line", {{"t", t}, {"i", i}});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  logger.reset();
  const auto lines = LinesOf(directory.Read("t.log"));
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(kThreads * kLines));
  std::vector<int> next(kThreads, 0);
  for (const std::string& line : lines) {
    int t = -1;
    int i = -1;
    ASSERT_EQ(std::sscanf(line.c_str() + line.find("t="), "t=%d i=%d", &t, &i), 2) << line;
    EXPECT_EQ(i, next.at(static_cast<std::size_t>(t))++);
  }
}

TEST(Logger, DropsCountsAndTellsWhenTheQueueIsFull) {
  const TemporaryFolder directory;
  // A pipe that nobody reads stops the writing thread, so that the queue fills up.
  const std::string pipe = directory.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  LoggerOptions options = Options(directory);
  options.file.file = pipe;
  options.queue = 4;
  auto logger = std::move(Logger::Create(options)).value();
  const std::string filler(4000, 'x');
  std::uint64_t written = 0;
  while (logger->dropped() == 0) {
    logger->Write(LogLevel::kInformation, "filler", {{"v", filler}});
    ++written;
    ASSERT_LT(written, 100000U);
  }
  // Drain until the writer has caught up; then the next line is preceded by the count.
  std::string text;
  const auto drain = [&](const std::string& until) {
    char buffer[65536];
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    while (text.find(until) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      const ssize_t length = read(reader, buffer, sizeof buffer);
      if (length > 0) {
        text.append(buffer, static_cast<std::size_t>(length));
      } else {
        std::this_thread::yield();
        logger->Write(LogLevel::kInformation, "after");
      }
    }
  };
  drain("log lines dropped count=");
  EXPECT_NE(text.find("log lines dropped count="), std::string::npos);
  EXPECT_GT(logger->dropped(), 0U);
  std::thread closing([&] { logger.reset(); });
  char buffer[65536];
  while (read(reader, buffer, sizeof buffer) != 0) {
  }
  closing.join();
  close(reader);
}

TEST(Logger, ReopensTheFile) {
  const TemporaryFolder directory;
  auto logger = std::move(Logger::Create(Options(directory))).value();
  logger->Write(LogLevel::kInformation, "before");
  ASSERT_TRUE(logger->Flush(kLimit));
  std::filesystem::rename(directory.Path("t.log"), directory.Path("moved"));
  logger->Reopen();
  logger->Write(LogLevel::kInformation, "after");
  ASSERT_TRUE(logger->Flush(kLimit));
  EXPECT_NE(directory.Read("moved").find("before"), std::string::npos);
  EXPECT_NE(directory.Read("t.log").find("after"), std::string::npos);
}

TEST(Logger, RefusesAFileItCannotOpen) {
  const TemporaryFolder directory;
  LoggerOptions options = Options(directory);
  options.file.file = directory.Path("");
  const auto logger = Logger::Create(options);
  ASSERT_FALSE(logger.ok());
  EXPECT_NE(logger.status().message().find("cannot be opened"), std::string::npos);
}

TEST(Logger, WritesToStandardError) {
  LoggerOptions options;
  testing::internal::CaptureStderr();
  {
    auto logger = std::move(Logger::Create(options)).value();
    logger->Write(LogLevel::kWarning, "to the terminal", {{"n", 1}});
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with(" warning to the terminal n=1\n")) << text;
}

}  // namespace
}  // namespace tutti::host
