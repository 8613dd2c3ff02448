// Plugins that hang, throw and call out of turn, through the dispatcher and the services of a whole core.
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/dispatch/plugin_call.h"
#include "tests/host/dispatch/test_core.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/metrics.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

// A plugin in this process whose one command does what the test says.
class Unruly {
 public:
  std::function<void(const tutti_call_info& info, std::string_view args)> invoke;
  std::function<void(const tutti_host* host)> on_activate = [](const tutti_host*) {};
  const tutti_host* host = nullptr;

  static Unruly*& current() {
    static Unruly* held = nullptr;
    return held;
  }

  static const tutti_entry& entry() {
    static constexpr tutti_entry kEntry{
        TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "test.unruly", "1.0.0", &Create};
    return kEntry;
  }

  template <typename Table>
  [[nodiscard]] const Table* Service(const char* id) const {
    return static_cast<const Table*>(host->get_service(host, id));
  }

  tutti_code Finish(tutti_call call) const {
    tutti_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.body = Str("{}");
    return Service<tutti_host_calls>(TUTTI_SERVICE_CALLS)->finish(host, call, &outcome);
  }

 private:
  static tutti_code Create(const tutti_host* given, tutti_plugin* plugin, const tutti_sink*) {
    current()->host = given;
    plugin->self = current();
    plugin->init = [](void*, tutti_str, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
    plugin->activate = [](void* self, const tutti_sink*) -> tutti_code {
      auto* unruly = static_cast<Unruly*>(self);
      unruly->on_activate(unruly->host);
      return TUTTI_OK;
    };
    plugin->deactivate = [](void*) {};
    plugin->destroy = [](void*) {};
    plugin->get_extension = [](void*, const char*) -> const void* {
      static constexpr tutti_command kCommand{sizeof kCommand,
                                              [](void*, const tutti_sink* out) {
                                                Write(out, R"([{"name":"unruly.do","effects":"read","timeout_ms":1000},
                           {"name":"unruly.now","effects":"read","timeout_ms":1000,"nonblocking":true}])");
                                              },
                                              [](void* self, const tutti_call_info* info, tutti_str, tutti_str args) {
                                                static_cast<Unruly*>(self)->invoke(*info, View(args));
                                              }};
      return &kCommand;
    };
    return TUTTI_OK;
  }
};

class ContainmentTest : public TestCore {
 protected:
  ContainmentTest() : TestCore(OneWorker()) {
    Unruly::current() = &unruly_;
    core_.faults.SetHandler([this](const std::string&, std::string reason) {
      const std::lock_guard lock(mutex_);
      reasons_.push_back(std::move(reason));
    });
  }

  static CoreSettings OneWorker() {
    CoreSettings settings = Settings();
    settings.executor.workers = 1;
    return settings;
  }

  std::unique_ptr<PluginInstance> Make() {
    PluginSpec spec;
    spec.id = "test.unruly";
    spec.version = "1.0.0";
    spec.kinds = {"command"};
    spec.grants.services = {"store", "commands"};
    auto plugin = std::make_unique<PluginInstance>(std::move(spec), &core_, &FindService, &core_.conduct);
    EXPECT_TRUE(plugin->Create(Unruly::entry()).ok());
    EXPECT_TRUE(plugin->Init().ok());
    return plugin;
  }

  void LoadUnruly() {
    plugins_.push_back(Make());
    ASSERT_TRUE(plugins_.back()->Activate().ok());
    std::vector<std::string> problems;
    auto table =
        std::make_shared<RoutingTable>(std::vector<PluginInstance*>{plugins_.back().get()}, "", "", "", problems);
    Dispatcher::Prepare(*table, nullptr, problems);
    ASSERT_TRUE(problems.empty()) << problems.front();
    core_.routes.Set(std::move(table));
  }

  // All deadlines of calls that are running now are over.
  void SweepLater() {
    core_.calls.Sweep(NowMillis() + 60000);
    core_.watchdog.Look(Watchdog::Clock::now() + milliseconds(60000));
  }

  std::vector<std::string> reasons() {
    const std::lock_guard lock(mutex_);
    return reasons_;
  }

  // How often it misbehaved so.
  int Misused(const std::string& kind) {
    const std::string text = core_.metrics.Text();
    const std::string name = "tutti_plugin_misuse_total{kind=\"" + kind + "\",plugin=\"test.unruly\"} ";
    const std::size_t at = text.find(name);
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + name.size()));
  }

  Unruly unruly_;
  std::mutex mutex_;
  std::vector<std::string> reasons_;
};

TEST_F(ContainmentTest, AHangingCallIsAnsweredAndWhatItWasGivenStaysReadable) {
  LoadUnruly();
  std::promise<void> entered;
  std::latch leave(1);
  std::promise<std::string> seen;
  unruly_.invoke = [&](const tutti_call_info& info, std::string_view args) {
    if (args.find("hang") == std::string_view::npos) {
      unruly_.Finish(info.call);
      return;
    }
    entered.set_value();
    leave.wait();
    EXPECT_EQ(unruly_.Finish(info.call), TUTTI_NOT_FOUND);
    seen.set_value(std::string(args) + std::string(View(info.trace)));
  };
  {
    CallContext context;
    context.trace = "a trace of more than fifteen letters";
    Running running = Begin("unruly.do", R"({"what":"hang, and some more words"})", std::move(context));
    ASSERT_EQ(entered.get_future().wait_for(kDeadline), std::future_status::ready);
    EXPECT_EQ(core_.executor.lost(), 0U);
    SweepLater();
    EXPECT_EQ(running.Get().status().code(), Code::kDeadlineExceeded);
  }
  EXPECT_EQ(core_.executor.lost(), 1U);
  ASSERT_EQ(reasons().size(), 1U);
  EXPECT_TRUE(reasons()[0].starts_with("test.unruly 1.0.0 did not come back from command.invoke unruly.do: "))
      << reasons()[0];
  EXPECT_TRUE(Run("unruly.do", "{}").ok()) << "the only worker was replaced";
  EXPECT_FALSE(plugins_.front()->Deactivate(std::chrono::hours(1))) << "it must not be destroyed";
  leave.count_down();
  auto result = seen.get_future();
  ASSERT_EQ(result.wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(result.get(), R"({"what":"hang, and some more words"}a trace of more than fifteen letters)");
  EXPECT_EQ(Misused("late_finish"), 1);
  while (core_.executor.lost() > 0) {
    std::this_thread::yield();
  }
  core_.watchdog.Look();
}

// Calls unruly.now on a thread of its own, which stays inside the plugin until LetGo.
class CallersThread : public ContainmentTest {
 protected:
  void Call() {
    LoadUnruly();
    unruly_.invoke = [this](const tutti_call_info& info, std::string_view) {
      entered_.set_value(info.call);
      leave_.wait();
    };
    caller_ = std::thread([this] {
      CommandCall call;
      call.routes = core_.routes.Get();
      call.route = call.routes->FindCommand("unruly.now");
      auto context = std::make_shared<CallContext>();
      context->scopes = {"*"};
      call.context = context;
      core_.dispatcher.Run(std::move(call),
                           [this](Result<std::string> result) { answer_.set_value(std::move(result)); });
    });
    auto entered = entered_.get_future();
    ASSERT_EQ(entered.wait_for(kDeadline), std::future_status::ready);
    call_ = entered.get();
  }

  Result<std::string> Answer() {
    auto answer = answer_.get_future();
    EXPECT_EQ(answer.wait_for(kDeadline), std::future_status::ready);
    return answer.get();
  }

  void LetGo() {
    leave_.count_down();
    caller_.join();
    core_.watchdog.Look();
  }

  tutti_call call_ = 0;

 private:
  std::promise<tutti_call> entered_;
  std::promise<Result<std::string>> answer_;
  std::latch leave_{1};
  std::thread caller_;
};

TEST_F(CallersThread, AHangDoesNotKeepTheAnswer) {
  Call();
  SweepLater();
  EXPECT_EQ(Answer().status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(reasons().size(), 1U);
  EXPECT_EQ(core_.executor.lost(), 0U) << "it is no worker";
  LetGo();
}

TEST_F(CallersThread, AnAnswerFromAnotherThreadDoesNotWaitForTheFunction) {
  Call();
  EXPECT_EQ(unruly_.Finish(call_), TUTTI_OK);
  EXPECT_TRUE(Answer().ok());
  EXPECT_FALSE(plugins_.front()->Deactivate(milliseconds(1))) << "a thread is still on its way out";
  LetGo();
}

TEST_F(ContainmentTest, WhatIsThrownEndsTheCallWithTheNameOfThePlugin) {
  LoadUnruly();
  unruly_.invoke = [](const tutti_call_info&, std::string_view) { throw std::runtime_error("unwell"); };
  for (const char* name : {"unruly.do", "unruly.now"}) {
    const Result<std::string> result = Run(name, "{}");
    EXPECT_EQ(result.status().code(), Code::kInternal);
    EXPECT_EQ(result.status().message(),
              "the plugin test.unruly let an exception out of command.invoke " + std::string(name) + ": unwell");
  }
  EXPECT_EQ(Misused("threw"), 2);
  unruly_.invoke = [this](const tutti_call_info& info, std::string_view) {
    unruly_.Finish(info.call);
    throw std::runtime_error("unwell after the answer");
  };
  EXPECT_TRUE(Run("unruly.do", "{}").ok());
}

TEST_F(ContainmentTest, EnoughStrikesReport) {
  LoadUnruly();
  unruly_.invoke = [](const tutti_call_info&, std::string_view) { throw 1; };
  for (int i = 0; i < 4; ++i) {
    (void)Run("unruly.do", "{}");
  }
  EXPECT_TRUE(reasons().empty());
  (void)Run("unruly.do", "{}");
  EXPECT_EQ(reasons().size(), 1U);
}

TEST_F(ContainmentTest, ServicesRefuseWhoeverIsNotActive) {
  auto plugin = Make();
  const auto try_all = [this] {
    EXPECT_EQ(unruly_.Finish(1), TUTTI_FAILED_PRECONDITION);
    const auto* executor = unruly_.Service<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR);
    EXPECT_EQ(executor->post(
                  unruly_.host, [](void*) { ADD_FAILURE(); }, nullptr),
              TUTTI_FAILED_PRECONDITION);
    EXPECT_EQ(executor->post_after(
                  unruly_.host, 0, [](void*) { ADD_FAILURE(); }, nullptr, nullptr),
              TUTTI_FAILED_PRECONDITION);
    const auto* calls = unruly_.Service<tutti_host_calls>(TUTTI_SERVICE_CALLS);
    EXPECT_EQ(calls->emit(unruly_.host, 1, Str("{}")), TUTTI_FAILED_PRECONDITION);
    EXPECT_EQ(calls->cancel(unruly_.host, 1), TUTTI_FAILED_PRECONDITION);
    std::promise<tutti_code> code;
    const tutti_reply reply{sizeof reply, &code, nullptr, [](void* user, const tutti_outcome* outcome) {
                              static_cast<std::promise<tutti_code>*>(user)->set_value(outcome->code);
                            }};
    unruly_.Service<tutti_host_store>(TUTTI_SERVICE_STORE)->execute(unruly_.host, 0, Str(R"({"ops":[]})"), &reply);
    auto told = code.get_future();
    ASSERT_EQ(told.wait_for(kDeadline), std::future_status::ready);
    EXPECT_EQ(told.get(), TUTTI_FAILED_PRECONDITION);
  };
  try_all();
  EXPECT_EQ(Misused("wrong_state"), 6);

  std::promise<void> posted;
  unruly_.on_activate = [&](const tutti_host* host) {
    const auto* executor = unruly_.Service<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR);
    EXPECT_EQ(executor->post(
                  host, [](void* user) { static_cast<std::promise<void>*>(user)->set_value(); }, &posted),
              TUTTI_OK);
  };
  ASSERT_TRUE(plugin->Activate().ok());
  EXPECT_EQ(posted.get_future().wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(Misused("wrong_state"), 6);

  ASSERT_TRUE(plugin->Deactivate(kDeadline));
  try_all();
  EXPECT_EQ(Misused("wrong_state"), 12);
}

TEST_F(ContainmentTest, ADestroyedInstanceFindsNothingAndIsToldNothing) {
  auto plugin = Make();
  ASSERT_TRUE(plugin->Activate().ok());
  const auto* calls = unruly_.Service<tutti_host_calls>(TUTTI_SERVICE_CALLS);
  const auto* executor = unruly_.Service<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR);
  const auto* log = unruly_.Service<tutti_host_log>(TUTTI_SERVICE_LOG);
  const auto* metrics = unruly_.Service<tutti_host_metrics>(TUTTI_SERVICE_METRICS);
  const auto* commands = unruly_.Service<tutti_host_commands>(TUTTI_SERVICE_COMMANDS);
  // Something that comes due after the end.
  std::latch hold(1);
  std::promise<void> all_ran;
  core_.executor.Resume([&] { hold.wait(); });
  EXPECT_EQ(executor->post(
                unruly_.host, [](void*) { ADD_FAILURE() << "called after its end"; }, nullptr),
            TUTTI_OK);
  ASSERT_TRUE(plugin->Deactivate(kDeadline));
  plugin.reset();
  core_.executor.Resume([&] { all_ran.set_value(); });
  hold.count_down();
  ASSERT_EQ(all_ran.get_future().wait_for(kDeadline), std::future_status::ready);

  const tutti_host* host = unruly_.host;
  EXPECT_EQ(host->get_service(host, TUTTI_SERVICE_CALLS), nullptr);
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  EXPECT_EQ(calls->finish(host, 1, &outcome), TUTTI_FAILED_PRECONDITION);
  EXPECT_EQ(calls->cancelled(host, 1), 1);
  calls->forget(host, 1);
  EXPECT_EQ(executor->post(
                host, [](void*) { ADD_FAILURE(); }, nullptr),
            TUTTI_FAILED_PRECONDITION);
  EXPECT_EQ(executor->cancel_timer(host, 1), TUTTI_NOT_FOUND);
  log->write(host, TUTTI_LOG_ERROR, Str("late"), Str(""));
  metrics->add(host, Str("late_total"), Str(""), 1);
  std::string tools;
  const tutti_sink sink{sizeof sink, &tools,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  commands->tools(host, &sink);
  EXPECT_EQ(tools, "[]");
}

}  // namespace
}  // namespace tutti::host
