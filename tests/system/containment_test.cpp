// A plugin that crashes, throws, hangs or forgets, inside a real server.
#include <Poco/Exception.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

// A sanitizer handles these signals itself and ends the process in its own way.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

class Containment : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    Overlay("wreck", std::string("version: 1\nplugin_path: [\"") + TUTTI_SPECIMENS +
                         "\"]\n"
                         "plugins:\n  - {id: org.example.wreck, isolation: host}\n  - {id: tutti.commands.plugins}\n"
                         "host:\n"
                         "  executor: {workers: 1, lost_threads: 2}\n"
                         "  calls: {cancel_grace_ms: 100}\n"
                         "  containment: {callback_limit_ms: 300, strikes: 1000}\n");
    Start();
  }

  HttpAnswer Ask(const std::string& what) { return Post("/wreck/do/" + what, "{}"); }

  // Asks for something that ends the server; its exit status.
  std::optional<int> AskToDie(const std::string& what) {
    EXPECT_THROW(Ask(what), Poco::Exception) << server().output();
    return server().WaitForExit();
  }

  [[nodiscard]] bool HasSaid(const std::string& text) { return server().output().find(text) != std::string::npos; }

  // Asks until the server has said it: what it waits for is the server's own limit.
  [[nodiscard]] bool ComesToSay(const std::string& text) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!HasSaid(text) && std::chrono::steady_clock::now() < give_up) {
      (void)Get("/health");
    }
    return HasSaid(text);
  }

  [[nodiscard]] bool ComesToCount(const std::string& sample) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    bool is_there = false;
    while (!is_there && std::chrono::steady_clock::now() < give_up) {
      is_there = Get("/metrics").body.find(sample) != std::string::npos;
    }
    return is_there;
  }

  // Waits until the plugin is out of the routes.
  [[nodiscard]] bool IsQuarantined() {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    do {
      const HttpAnswer answer = Post("/v1/commands/plugins.info", R"({"id":"org.example.wreck"})");
      if (answer.json()["state"].AsString() == "quarantined") {
        return true;
      }
    } while (std::chrono::steady_clock::now() < give_up);
    return false;
  }

  [[nodiscard]] int EnableAgain() {
    return Post("/v1/commands/plugins.enable", R"({"id":"org.example.wreck"})").status;
  }

  [[nodiscard]] std::size_t CrashFiles() const {
    std::size_t count = 0;
    std::error_code none;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(data_ + "/crashes", none)) {
      ++count;
    }
    return count;
  }
};

TEST_F(Containment, ACrashNamesPluginAndOperationAndTheNextStartTellsOfItOnce) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  EXPECT_EQ(AskToDie("segfault"), 128 + SIGSEGV);
  EXPECT_TRUE(
      HasSaid("tutti: crashed (SIGSEGV at 0x8) in plugin org.example.wreck 1.2.0, operation command.invoke "
              "wreck.do, call "))
      << server().output();
  EXPECT_TRUE(HasSaid("; disable it with: tutti plugin disable org.example.wreck\n")) << server().output();
  EXPECT_TRUE(HasSaid(" org.example.wreck + 0x")) << server().output();
  EXPECT_EQ(CrashFiles(), 0U);

  Start();
  EXPECT_TRUE(HasSaid("the last run crashed (SIGSEGV at 0x8) in plugin org.example.wreck 1.2.0")) << server().output();
  EXPECT_TRUE(HasSaid("the last run ended by a crash")) << server().output();
  EXPECT_EQ(CrashFiles(), 1U);
  EXPECT_EQ(server().Stop(), 0) << server().output();

  Start();
  EXPECT_FALSE(HasSaid("the last run")) << server().output();
  EXPECT_EQ(CrashFiles(), 1U);
}

TEST_F(Containment, AnAbortIsAttributedToo) {
  EXPECT_EQ(AskToDie("abort"), 128 + SIGABRT);
  EXPECT_TRUE(HasSaid("tutti: crashed (SIGABRT) in plugin org.example.wreck 1.2.0, operation command.invoke wreck.do"))
      << server().output();
}

TEST_F(Containment, ATrapEndsTheProcessByThatSignal) {
  EXPECT_EQ(AskToDie("trap"), 128 + SIGTRAP);
  EXPECT_TRUE(HasSaid("tutti: crashed (SIGTRAP) in plugin org.example.wreck 1.2.0")) << server().output();
}

TEST_F(Containment, AThreadOfThePluginsOwnIsKnownByItsCode) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  EXPECT_EQ(AskToDie("own-thread"), 128 + SIGSEGV);
  EXPECT_TRUE(HasSaid("in plugin org.example.wreck 1.2.0, on a thread of its own, thread ")) << server().output();
}

TEST_F(Containment, AStackThatIsUsedUpIsAttributed) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  EXPECT_EQ(AskToDie("overflow"), 128 + SIGSEGV);
  EXPECT_TRUE(HasSaid("in plugin org.example.wreck 1.2.0, operation command.invoke wreck.do")) << server().output();
}

TEST_F(Containment, ACrashInOnEventsIsAttributed) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  try {
    (void)Ask("events-segfault");
  } catch (const Poco::Exception&) {
    // It may die before the answer is out.
  }
  EXPECT_EQ(server().WaitForExit(), 128 + SIGSEGV);
  EXPECT_TRUE(HasSaid("in plugin org.example.wreck 1.2.0, operation hook.on_events command.after, thread "))
      << server().output();
}

TEST_F(Containment, WhatIsThrownAcrossTheBoundaryEndsTheCallOnly) {
  for (const char* what : {"throw", "throw-number"}) {
    for (const char* path : {"/wreck/do/", "/wreck/now/"}) {
      const HttpAnswer answer = Post(std::string(path) + what, "{}");
      EXPECT_EQ(answer.status, 500) << answer.body;
      EXPECT_NE(answer.body.find("the plugin org.example.wreck let an exception out of command.invoke wreck."),
                std::string::npos)
          << answer.body;
    }
  }
  EXPECT_NE(Ask("throw").body.find("the wreck is unwell"), std::string::npos);
  EXPECT_EQ(Ask("nothing").status, 200);
  EXPECT_NE(Get("/metrics").body.find("tutti_plugin_misuse_total{kind=\"threw\",plugin=\"org.example.wreck\"} 5"),
            std::string::npos)
      << Get("/metrics").body;
}

TEST_F(Containment, AHangingCallIsAnsweredAndItsOnlyWorkerReplaced) {
  const HttpAnswer answer = Ask("hang");
  EXPECT_EQ(answer.status, 504) << answer.body;
  EXPECT_TRUE(ComesToSay("a thread is lost in a plugin")) << server().output();
  EXPECT_TRUE(HasSaid("org.example.wreck 1.2.0 did not come back from command.invoke wreck.do")) << server().output();
  EXPECT_NE(Get("/metrics").body.find("tutti_executor_lost_threads 1"), std::string::npos) << Get("/metrics").body;
  EXPECT_EQ(Get("/health/ready").status, 200);
  EXPECT_TRUE(IsQuarantined()) << server().output();
  EXPECT_EQ(EnableAgain(), 200) << server().output();
  EXPECT_EQ(Ask("nothing").status, 200);

  // The thread never comes back: the stop does not wait for it.
  EXPECT_EQ(server().Stop(), 1) << server().output();
  EXPECT_TRUE(HasSaid("a thread is still inside a plugin")) << server().output();
}

TEST_F(Containment, BeyondTheBoundThePoolShrinksAndTheServerIsNotReady) {
  Overlay("wreck_more", "version: 1\nhost:\n  executor: {workers: 2}\n");
  ASSERT_EQ(server().Stop(), 0);
  Start();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask("hang").status, 504);
    EXPECT_TRUE(IsQuarantined()) << server().output();
    EXPECT_EQ(EnableAgain(), 200) << server().output();
  }
  EXPECT_EQ(Get("/health/ready").status, 200);
  EXPECT_EQ(Ask("hang").status, 504);
  EXPECT_TRUE(ComesToSay("not replaced: executor.lost_threads are lost")) << server().output();
  const HttpAnswer ready = Get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("plugins hold more threads than are replaced"), std::string::npos) << ready.body;
  EXPECT_EQ(Get("/health").status, 200);
}

TEST_F(Containment, AThreadOfTheTransportIsReportedAndTheCallAnswered) {
  EXPECT_EQ(Post("/wreck/now/hang", "{}").status, 504);
  EXPECT_TRUE(ComesToSay("not of the pool")) << server().output();
  EXPECT_TRUE(IsQuarantined()) << server().output();
}

TEST_F(Containment, AHangOutsideOfAnyCallIsFoundByItsLimit) {
  EXPECT_EQ(Ask("events-hang").status, 200);
  EXPECT_TRUE(ComesToSay("org.example.wreck 1.2.0 did not come back from hook.on_events command.after within 300 ms"))
      << server().output();
  EXPECT_TRUE(IsQuarantined()) << server().output();
}

TEST_F(Containment, AHangingPostIsFoundByItsLimit) {
  EXPECT_EQ(Ask("post-hang").status, 200);
  EXPECT_TRUE(ComesToSay("did not come back from a function it posted within 300 ms")) << server().output();
  EXPECT_TRUE(IsQuarantined()) << server().output();
}

TEST_F(Containment, AForgottenCallIsEndedAndCounted) {
  EXPECT_EQ(Ask("forget").status, 504);
  EXPECT_EQ(Ask("twice").status, 200);
  EXPECT_EQ(Ask("foreign").status, 200);
  // The caller has his answer before the plugin's misuse is counted.
  for (const char* kind : {"overdue", "late_finish", "foreign_finish"}) {
    const std::string sample =
        "tutti_plugin_misuse_total{kind=\"" + std::string(kind) + "\",plugin=\"org.example.wreck\"} 1";
    EXPECT_TRUE(ComesToCount(sample)) << sample;
  }
  EXPECT_EQ(server().Stop(), 0) << server().output();
}

}  // namespace
}  // namespace tutti::test
