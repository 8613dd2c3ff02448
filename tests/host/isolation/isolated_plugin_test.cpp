// Real child processes with badly behaved plugins inside: what the caller sees, what the operator sees, and that the
// host goes on.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>

#include "host/isolation/process_plugins.h"
#include "tests/host/dispatch/test_core.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

class IsolatedPluginTest : public TestCore {
 protected:
  struct Fault {
    std::string plugin;
    std::string reason;
  };

  IsolatedPluginTest() : IsolatedPluginTest(Settings()) {}

  explicit IsolatedPluginTest(CoreSettings settings) : TestCore(std::move(settings)) {
    core_.faults.SetHandler([this](std::string plugin, std::string reason) {
      const std::lock_guard lock(mutex_);
      faults_.push_back({std::move(plugin), std::move(reason)});
      changed_.notify_all();
    });
  }

  static ProcessPlugins::Settings Fast() {
    ProcessPlugins::Settings settings;
    settings.program = TUTTI_TEST_PROGRAM;
    settings.first_delay = milliseconds(20);
    settings.plugin.supervisor.heartbeat = milliseconds(50);
    settings.plugin.supervisor.hang = milliseconds(3000);
    return settings;
  }

  PluginSpec Unwell() {
    PluginSpec spec = SpecOf("unwell", {"command", "hook", "storage"});
    spec.isolation = Isolation::kProcess;
    spec.grants.services = {"commands"};
    spec.call_timeout = milliseconds(0);
    return spec;
  }

  // In a process of its own, whatever TestCore::Load does with the others.
  PluginInstance& LoadApart(PluginSpec spec) {
    auto plugin = std::make_unique<PluginInstance>(std::move(spec), &core_, &FindService);
    Status status = processes_.Create(*plugin, LibraryStore(directory_));
    EXPECT_TRUE(status.ok()) << status.ToString();
    status = plugin->Init();
    EXPECT_TRUE(status.ok()) << status.ToString();
    status = plugin->Activate();
    EXPECT_TRUE(status.ok()) << status.ToString();
    plugins_.push_back(std::move(plugin));
    Route();
    return *plugins_.back();
  }

  void Route() {
    std::vector<PluginInstance*> active;
    for (auto& each : plugins_) {
      active.push_back(each.get());
    }
    std::vector<std::string> problems;
    auto table = std::make_shared<RoutingTable>(active, "", "", "", problems);
    Dispatcher::Prepare(*table, nullptr, problems);
    EXPECT_TRUE(problems.empty()) << problems.front();
    core_.routes.Set(std::move(table));
  }

  Result<std::string> Unwell(const std::string& command, const std::string& args = "{}") {
    return Run("unwell." + command, args);
  }

  // Asks until the process that was started again answers.
  Result<std::string> WhenBack(const std::string& command) {
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    while (true) {
      Result<std::string> result = Unwell(command);
      if (result.ok() || std::chrono::steady_clock::now() > until) {
        return result;
      }
      EXPECT_EQ(result.status().code(), Code::kUnavailable) << result.status().ToString();
      EXPECT_GT(result.status().retry_after().count(), 0);
      std::this_thread::yield();
    }
  }

  bool WaitForLog(const std::string& part) {
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < until) {
      for (const std::string& line : log_.lines()) {
        if (line.find(part) != std::string::npos) {
          return true;
        }
      }
      std::this_thread::yield();
    }
    return false;
  }

  // The calls of one command on the plugin's storage table, past the store.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Fault> faults_;  // guarded by mutex_
  ProcessPlugins processes_{Fast(), core_.calls,
                            [this](std::int32_t level, std::string_view, std::string_view message,
                                   std::string_view fields) { log_.Write(level, "", message, fields); },
                            core_.faults};

  ~IsolatedPluginTest() override {
    core_.calls.CancelAll();
    for (auto& plugin : plugins_) {
      EXPECT_TRUE(plugin->Deactivate(kDeadline)) << plugin->id();
    }
    core_.executor.Stop();
    core_.routes.Set(nullptr);
    plugins_.clear();
  }
};

struct Ending {
  const char* command;
  const char* cause;
};

class DeathTest : public IsolatedPluginTest, public ::testing::WithParamInterface<Ending> {};

TEST_P(DeathTest, EndsTheCallAtOnceNamesTheCauseAndComesBack) {
  LoadApart(Unwell());
  const pid_t before = processes_.Report("test.unwell")->pid;
  const Status status = Unwell(GetParam().command).status();
  EXPECT_EQ(status.code(), Code::kUnavailable) << status.ToString();
  EXPECT_NE(status.message().find("test.unwell"), std::string_view::npos) << status.message();
  EXPECT_NE(status.message().find(GetParam().cause), std::string_view::npos) << status.message();
  EXPECT_GT(status.retry_after().count(), 0);
  const Result<std::string> back = WhenBack("count");
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, R"({"schemas":0,"activations":1})");
  const std::optional<WorkerReport> report = processes_.Report("test.unwell");
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->state, WorkerReport::State::kRunning);
  EXPECT_EQ(report->restarts, 1U);
  EXPECT_NE(report->pid, before);
  EXPECT_NE(report->last_death.find(GetParam().cause), std::string::npos) << report->last_death;
  // Reaped: no zombie is left.
  EXPECT_NE(::kill(before, 0), 0);
}

// SIGSEGV is taken by the sanitizers' own handlers, which exit instead.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kCrash = "exit code";
#else
constexpr const char* kCrash = "signal SIGSEGV";
#endif

INSTANTIATE_TEST_SUITE_P(Ways, DeathTest,
                         ::testing::Values(Ending{"crash", kCrash}, Ending{"exit", "exit code 3"},
                                           Ending{"stop", "did not answer for 3000 ms"},
                                           Ending{"close", "signal SIGKILL"},
                                           Ending{"noise", "broke the rules of the socket"}),
                         [](const auto& way) { return std::string(way.param.command); });

TEST_F(IsolatedPluginTest, APluginThatEatsMemoryIsEndedByItsLimit) {
  PluginSpec spec = Unwell();
  spec.process.memory_mb = 256;
  LoadApart(spec);
  const Status status = Unwell("eat").status();
  // Refused by the kernel, which the plugin may survive as an exception, or ended by its supervisor.
  EXPECT_TRUE(status.code() == Code::kUnavailable || status.code() == Code::kInternal) << status.ToString();
  EXPECT_TRUE(WhenBack("count").ok());
}

TEST_F(IsolatedPluginTest, OneThatDiesTooOftenIsGivenUpAndReported) {
  PluginSpec spec = Unwell();
  spec.process.restarts = 1;
  LoadApart(spec);
  EXPECT_EQ(Unwell("exit").status().code(), Code::kUnavailable);
  ASSERT_TRUE(WhenBack("count").ok());
  EXPECT_EQ(Unwell("exit").status().code(), Code::kUnavailable);
  std::unique_lock lock(mutex_);
  ASSERT_TRUE(changed_.wait_for(lock, kDeadline, [this] { return !faults_.empty(); }));
  EXPECT_EQ(faults_[0].plugin, "test.unwell");
  EXPECT_NE(faults_[0].reason.find("more than 1 times"), std::string::npos) << faults_[0].reason;
  lock.unlock();
  const Status status = Unwell("count").status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.retry_after().count(), 0);
  EXPECT_EQ(processes_.Report("test.unwell")->state, WorkerReport::State::kDown);
}

TEST_F(IsolatedPluginTest, OthersGoOnWhileOneSpins) {
  LoadApart(Unwell());
  Running spinning = Begin("unwell.spin", "{}");
  // Two of its threads are held, and it still serves.
  Running second = Begin("unwell.spin", "{}");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Unwell("count").ok());
  }
  ASSERT_EQ(::kill(processes_.Report("test.unwell")->pid, SIGKILL), 0);
  EXPECT_EQ(spinning.Get().status().code(), Code::kUnavailable);
  EXPECT_EQ(second.Get().status().code(), Code::kUnavailable);
  EXPECT_TRUE(WhenBack("count").ok());
}

class OverdueTest : public IsolatedPluginTest {
 protected:
  static CoreSettings WithOverdue(OverdueTest* self) {
    CoreSettings settings = Settings();
    settings.calls.on_overdue = [self](const CallNode& node) { self->processes_.EndOverdue(node); };
    settings.dispatcher.timeout_ms = 1000;
    return settings;
  }

  OverdueTest() : IsolatedPluginTest(WithOverdue(this)) {}
};

TEST_F(OverdueTest, ACallThatOutlivesItsDeadlineAndGraceEndsItsProcess) {
  LoadApart(Unwell());
  std::promise<void> entered;
  Running spinning = Begin("unwell.spin", "{}", {}, [&entered](const std::string&) { entered.set_value(); });
  ASSERT_EQ(entered.get_future().wait_for(kDeadline), std::future_status::ready);
  const std::int64_t later = std::chrono::duration_cast<milliseconds>(
                                 (std::chrono::system_clock::now() + std::chrono::hours(1)).time_since_epoch())
                                 .count();
  core_.calls.Sweep(later);
  EXPECT_EQ(spinning.Get().status().code(), Code::kDeadlineExceeded);
  ASSERT_TRUE(WaitForLog("was not done by its deadline"));
  EXPECT_TRUE(WhenBack("count").ok());
  EXPECT_EQ(processes_.Report("test.unwell")->restarts, 1U);
}

TEST_F(IsolatedPluginTest, ASecondFinishIsIgnoredAndALateOneToo) {
  LoadApart(Unwell());
  EXPECT_EQ(*Unwell("twice"), "\"first\"");
  Running late = Begin("unwell.late", "{}");
  core_.calls.CancelAll();
  const Result<std::string> ended = late.Get();
  EXPECT_TRUE(ended.ok()) << ended.status().ToString();
  EXPECT_EQ(*Unwell("twice"), "\"first\"");
}

TEST_F(IsolatedPluginTest, TheFullQueueOfTheCallerReachesThePlugin) {
  LoadApart(Unwell());
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> seen{0};
  Running running = Begin("unwell.emit", R"({"count":1000000})", {}, [&](const std::string& event) {
    released.wait();
    EXPECT_EQ(event, std::to_string(seen.load()));
    ++seen;
  });
  // Its process stops emitting although nobody has taken one: then others are still served.
  EXPECT_TRUE(Unwell("count").ok());
  release.set_value();
  const Result<std::string> result = running.Get();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  const Result<Json> json = Json::Parse(*result);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["last"].AsInt(), TUTTI_WOULD_BLOCK);
  const std::int64_t accepted = (*json)["accepted"].AsInt();
  EXPECT_GE(accepted, 256);
  EXPECT_LE(accepted, 1024 + 3 * 256);
  EXPECT_EQ(seen.load(), accepted);
}

TEST_F(IsolatedPluginTest, ItsCommandsCallThoseOfOthers) {
  Load(SpecOf("probe", {"command"}));
  LoadApart(Unwell());
  EXPECT_EQ(*Unwell("call"), R"({"text":"from afar","principal":"","depth":3,"surface":0,"run":""})");
}

TEST_F(IsolatedPluginTest, WhatItHadStartedIsCancelledWhenItDies) {
  Load(SpecOf("probe", {"command"}));
  LoadApart(Unwell());
  ASSERT_TRUE(Unwell("hold").ok());
  EXPECT_GT(core_.calls.running(), 0U);
  EXPECT_EQ(Unwell("exit").status().code(), Code::kUnavailable);
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (core_.calls.running() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(core_.calls.running(), 0U);
}

TEST_F(IsolatedPluginTest, HasOnlyTheServicesItWasGranted) {
  LoadApart(Unwell());
  EXPECT_EQ(*Unwell("services"), "\"1111000\"");
}

TEST_F(IsolatedPluginTest, ReadsSecretsOnlyWithTheGrant) {
  ::setenv("TUTTI_TEST_SECRET", "sesame", 1);
  PluginSpec spec = Unwell();
  spec.config = R"({"key":"secret://TUTTI_TEST_SECRET"})";
  LoadApart(spec);
  EXPECT_EQ(*Unwell("secret"), "\"7 0 28\"");
  EXPECT_EQ(Unwell("environment")->find("TUTTI_TEST_SECRET"), std::string::npos);
}

TEST_F(IsolatedPluginTest, ReadsTheSecretItsConfigurationNames) {
  ::setenv("TUTTI_TEST_SECRET", "sesame", 1);
  PluginSpec spec = Unwell();
  spec.config = R"({"key":"secret://TUTTI_TEST_SECRET"})";
  spec.grants.services.insert("secrets");
  LoadApart(spec);
  EXPECT_EQ(*Unwell("secret"), "\"0 0 34\"");
}

TEST_F(IsolatedPluginTest, WhatItPrintsBecomesLogLines) {
  LoadApart(Unwell());
  ASSERT_TRUE(Unwell("print").ok());
  EXPECT_TRUE(WaitForLog(R"("stream":"stdout","line":"a line on stdout")"));
  EXPECT_TRUE(WaitForLog(R"("stream":"stderr","line":"a line on stderr")"));
}

TEST_F(IsolatedPluginTest, AResultThatIsTooLargeIsRefusedAndNothingElse) {
  LoadApart(Unwell());
  EXPECT_EQ(Unwell("large")->size(), (2UL << 20U) + 2);
}

TEST_F(IsolatedPluginTest, WhatItObservesComesInOrderAndWholeBeforeItIsDeactivated) {
  PluginInstance& plugin = LoadApart(Unwell());
  ASSERT_NE(plugin.hook(), nullptr);
  EXPECT_EQ(plugin.hook()->on_point, nullptr);
  std::string expected;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const tutti_event event{sizeof event, Str("Stop"), i, 1, Str("s"), Str("r"), Str("a"), Str("{}")};
    plugin.hook()->on_events(plugin.self(), &event, 1);
    expected += std::to_string(i) + ",";
  }
  ASSERT_TRUE(plugin.Deactivate(kDeadline));
  ASSERT_TRUE(plugin.Activate().ok());
  EXPECT_EQ(*Unwell("observed"), "\"" + expected + "\"");
}

TEST_F(IsolatedPluginTest, AFreshProcessGetsTheSchemasTheFormerHadMade) {
  PluginInstance& plugin = LoadApart(Unwell());
  const auto ensure = [&](const std::string& schema) {
    auto promise = std::make_shared<std::promise<Status>>();
    CallTable::Spec spec;
    spec.owner = plugin.id();
    spec.context = std::make_shared<CallContext>();
    spec.completion = [promise](const Result<std::string>& result) { promise->set_value(result.status()); };
    const NodePtr node = *core_.calls.Begin(std::move(spec));
    tutti_call_info info{};
    info.size = sizeof info;
    info.call = node->id;
    plugin.storage()->ensure_schema(plugin.self(), &info, Str(schema));
    return promise->get_future().get();
  };
  ASSERT_TRUE(ensure(R"({"namespace":"a","version":1})").ok());
  ASSERT_TRUE(ensure(R"({"namespace":"b","version":1})").ok());
  ASSERT_TRUE(ensure(R"({"namespace":"b","version":1})").ok());
  EXPECT_EQ(*Unwell("count"), R"({"schemas":3,"activations":1})");
  EXPECT_EQ(Unwell("exit").status().code(), Code::kUnavailable);
  EXPECT_EQ(*WhenBack("count"), R"({"schemas":2,"activations":1})");
  std::string stats;
  const tutti_sink sink{sizeof sink, &stats,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  plugin.storage()->stats(plugin.self(), &sink);
  EXPECT_EQ(stats, R"({"healthy":true,"engine":"unwell"})");
}

TEST_F(IsolatedPluginTest, AHookInCAnswersThroughTheTables) {
  PluginSpec spec = SpecOf("echo", {"hook"});
  spec.points["PreToolUse"] = {"gate"};
  PluginInstance& plugin = LoadApart(spec);
  EXPECT_EQ(plugin.hook()->on_events, nullptr);
  std::promise<Result<std::string>> promise;
  CallTable::Spec call;
  call.owner = plugin.id();
  call.context = std::make_shared<CallContext>();
  call.completion = [&promise](Result<std::string> result) { promise.set_value(std::move(result)); };
  const NodePtr node = *core_.calls.Begin(std::move(call));
  tutti_call_info info{};
  info.size = sizeof info;
  info.call = node->id;
  const tutti_point point{sizeof point, TUTTI_HOOK_GATE, Str("PreToolUse"), 0, 1};
  plugin.hook()->on_point(plugin.self(), &info, &point, Str(R"({"patch":{}})"));
  EXPECT_EQ(*promise.get_future().get(), R"({"patch":{}})");
}

TEST_F(IsolatedPluginTest, WhatCannotBeStartedIsRefusedWithASentence) {
  const LibraryStore libraries(directory_);

  const struct {
    const char* what;
    std::function<void(PluginSpec&)> change;
    const char* sentence;
  } cases[] = {
      {"a transport", [](PluginSpec& spec) { spec.kinds = {"transport"}; }, "runs in the host's process only"},
      {"another version", [](PluginSpec& spec) { spec.version = "2.0.0"; }, "the library says test.unwell 1.0.0"},
      {"another digest", [](PluginSpec& spec) { spec.sha256 = std::string(64, '0'); }, "found"},
      {"no library", [](PluginSpec& spec) { spec.library = "/nowhere.so"; }, "found no readable file"},
  };

  for (const auto& [what, change, sentence] : cases) {
    PluginSpec spec = Unwell();
    change(spec);
    PluginInstance plugin(spec, &core_, &FindService);
    const Status status = processes_.Create(plugin, libraries);
    EXPECT_FALSE(status.ok()) << what;
    EXPECT_NE(status.message().find(sentence), std::string_view::npos) << what << ": " << status.message();
    EXPECT_FALSE(processes_.Report(spec.id).has_value()) << what;
  }
}

TEST_F(IsolatedPluginTest, AFailureOfInitIsThePluginsOwnSentence) {
  PluginSpec spec = Unwell();
  spec.config = R"({"do":"refuse"})";
  PluginInstance refusing(spec, &core_, &FindService);
  ASSERT_TRUE(processes_.Create(refusing, LibraryStore(directory_)).ok());
  const Status refused = refusing.Init();
  EXPECT_EQ(refused.code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.message().find("it was told to refuse"), std::string_view::npos) << refused.message();

  spec.config = R"({"do":"die"})";
  PluginInstance dying(spec, &core_, &FindService);
  ASSERT_TRUE(processes_.Create(dying, LibraryStore(directory_)).ok());
  const Status died = dying.Init();
  EXPECT_EQ(died.code(), Code::kUnavailable) << died.ToString();
  EXPECT_NE(died.message().find("SIGABRT"), std::string_view::npos) << died.message();
}

TEST_F(IsolatedPluginTest, ATableWithoutItsFunctionsIsRefusedWithASentence) {
  PluginSpec spec = Unwell();
  spec.kinds = {"command"};
  spec.config = R"({"do":"one table"})";
  PluginInstance plugin(spec, &core_, &FindService);
  ASSERT_TRUE(processes_.Create(plugin, LibraryStore(directory_)).ok());
  const Status status = plugin.Init();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition) << status.ToString();
  EXPECT_NE(status.message().find("expected every function in the table under tutti.command"), std::string_view::npos)
      << status.message();
}

TEST_F(IsolatedPluginTest, IsAskedForTheKindsItDeclaresOnly) {
  PluginSpec spec = Unwell();
  spec.kinds = {"hook"};
  spec.config = R"({"do":"one table"})";
  EXPECT_NE(LoadApart(spec).hook(), nullptr);
}

TEST_F(IsolatedPluginTest, AnObjectWithoutFunctionsIsRefusedWithASentence) {
  PluginSpec spec = SpecOf("hollow", {"hook"});
  PluginInstance plugin(spec, &core_, &FindService);
  const Status status = processes_.Create(plugin, LibraryStore(directory_));
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("found a NULL among them"), std::string_view::npos) << status.message();
}

TEST_F(IsolatedPluginTest, ItsProcessEndsWithIt) {
  pid_t pid = 0;
  {
    PluginInstance plugin(Unwell(), &core_, &FindService);
    ASSERT_TRUE(processes_.Create(plugin, LibraryStore(directory_)).ok());
    ASSERT_TRUE(plugin.Init().ok());
    pid = processes_.Report("test.unwell")->pid;
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_FALSE(processes_.Report("test.unwell").has_value());
}

TEST_F(IsolatedPluginTest, AHundredCallsAtOnceAreAllAnswered) {
  LoadApart(Unwell());
  std::vector<Running> running;
  for (int i = 0; i < 100; ++i) {
    running.push_back(Begin("unwell.count", "{}"));
  }
  for (Running& each : running) {
    EXPECT_TRUE(each.Get().ok());
  }
}

}  // namespace
}  // namespace tutti::host
