#include "host/containment/crash_handler.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include "host/containment/in_plugin.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

void Throw() {
  throw std::runtime_error("unwell");
}

// What a child left behind that installed the handler and then did `what`.
struct Death {
  int signal = 0;
  std::string record;
  std::string output;
};

class CrashHandlerTest : public ::testing::Test {
 protected:
  ~CrashHandlerTest() override { fs::remove_all(directory_); }

  Death Die(const std::function<void()>& what) {
    const fs::path record = directory_ / "record";
    const fs::path output = directory_ / "output";
    const pid_t child = ::fork();
    if (child == 0) {
      if (std::freopen(output.c_str(), "w", stderr) == nullptr || !InstallCrashHandler(record).ok()) {
        ::_exit(90);
      }
      what();
      ::_exit(91);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    return {WTERMSIG(status), Read(record), Read(output)};
  }

  static std::string Read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  fs::path directory_ = [] {
    std::string pattern = (fs::temp_directory_path() / "tutti-handler-XXXXXX").string();
    return fs::path(::mkdtemp(pattern.data()));
  }();
  const PluginTag& tag_ = KeepPluginTag("org.example.x", "1.2.0");
};

TEST_F(CrashHandlerTest, ARecordAndStandardErrorNameThePluginAndTheSignalStays) {
  const Death death = Die([this] {
    const InPlugin inside(tag_, operation::kOnPoint, 1234, "PreToolUse");
    std::abort();
  });
  EXPECT_EQ(death.signal, SIGABRT);
  const std::string begin =
      "tutti: crashed (SIGABRT) in plugin org.example.x 1.2.0, operation hook.on_point PreToolUse, call 1234, thread ";
  EXPECT_TRUE(death.record.starts_with(begin)) << death.record;
  EXPECT_NE(death.record.find("; disable it with: tutti plugin disable org.example.x\n  at 0x"), std::string::npos)
      << death.record;
  EXPECT_NE(death.output.find(death.record), std::string::npos) << death.output;
}

TEST_F(CrashHandlerTest, TheInnermostPluginIsNamed) {
  const Death death = Die([this] {
    const InPlugin outer(tag_, operation::kInvoke, 1);
    const InPlugin inner(KeepPluginTag("org.example.y", "2.0.0"), operation::kExecute, 2);
    std::abort();
  });
  EXPECT_NE(death.record.find("in plugin org.example.y 2.0.0, operation storage.execute, call 2,"), std::string::npos)
      << death.record;
}

TEST_F(CrashHandlerTest, OutsideOfPluginsNoneIsNamed) {
  const Death death = Die([this] {
    { const InPlugin inside(tag_, operation::kInvoke, 1); }
    std::abort();
  });
  EXPECT_TRUE(death.record.starts_with("tutti: crashed (SIGABRT) outside of any plugin, thread ")) << death.record;
  EXPECT_EQ(death.record.find("disable"), std::string::npos) << death.record;
}

TEST_F(CrashHandlerTest, AnythingThrownThatNobodyCatchesIsAttributed) {
  const Death death = Die([this] {
    std::thread([this] {
      const InPlugin inside(tag_, operation::kTimer);
      Throw();
    }).join();
  });
  EXPECT_EQ(death.signal, SIGABRT);
  EXPECT_NE(death.record.find("in plugin org.example.x 1.2.0, operation a timer, thread "), std::string::npos)
      << death.record;
}

TEST_F(CrashHandlerTest, SignalsKeepTheirNumbers) {
  for (const int signal : {SIGILL, SIGTRAP, SIGABRT}) {
    const Death death = Die([signal] { std::raise(signal); });
    EXPECT_EQ(death.signal, signal);
    EXPECT_TRUE(death.record.starts_with("tutti: crashed (SIG")) << death.record;
  }
}

TEST_F(CrashHandlerTest, SeveralThreadsThatCrashAtOnceLeaveOneRecord) {
  const Death death = Die([this] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([this] {
        const InPlugin inside(tag_, operation::kInvoke, 1);
        std::raise(SIGTRAP);
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  });
  EXPECT_EQ(death.signal, SIGTRAP);
  EXPECT_EQ(death.record.find("tutti: crashed", 1), std::string::npos) << death.record;
}

TEST_F(CrashHandlerTest, ASignalThatIsHandledAlreadyIsLeftAlone) {
  const Death death = Die([] {
    // As installed after a sanitizer: what was there stays.
    std::signal(SIGABRT, [](int) { ::kill(::getpid(), SIGKILL); });
    (void)InstallCrashHandler("/dev/null");
    std::abort();
  });
  EXPECT_EQ(death.signal, SIGKILL);
  EXPECT_EQ(death.record, "");
}

TEST_F(CrashHandlerTest, ARecordThatCannotBeOpenedIsSaid) {
  const Status status = InstallCrashHandler(directory_ / "none" / "record");
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("cannot be opened: No such file"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace tutti::host
