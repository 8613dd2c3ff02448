// A Core with the two test plugins loaded through the real loader; with TUTTI_TEST_WORKER defined, each in a process of
// its own, started from that program: what is true of a plugin in the host is to be true there.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#ifdef TUTTI_TEST_WORKER
#include "host/isolation/process_plugins.h"
#endif
#include "host/services/core.h"

namespace tutti::host {

class SilentLog final : public LogSink {
 public:
  void Write(std::int32_t, std::string_view, std::string_view message, std::string_view fields) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(message) + " " + std::string(fields));
  }

  [[nodiscard]] bool Enabled(std::int32_t) const override { return true; }

  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class TestCore : public ::testing::Test {
 protected:
  static constexpr auto kDeadline = std::chrono::seconds(20);

  explicit TestCore(CoreSettings settings = Settings())
      : core_(settings, log_, {[] { return std::vector<Dependency>(); }, [] { return std::string(); }}) {}

  static CoreSettings Settings() {
    CoreSettings settings;
    settings.executor.workers = 2;
    settings.calls.cancel_grace = std::chrono::milliseconds(0);
    settings.hooks.timeout = std::chrono::milliseconds(60000);
    return settings;
  }

  ~TestCore() override {
    if (HasFailure()) {  // with what a plugin's own process printed
      for (const std::string& line : log_.lines()) {
        ADD_FAILURE() << "logged: " << line;
      }
    }
    core_.calls.CancelAll();
    for (auto& plugin : plugins_) {
      EXPECT_TRUE(plugin->Deactivate(kDeadline)) << plugin->id();
    }
    core_.executor.Stop();
    core_.routes.Set(nullptr);
    plugins_.clear();
    std::filesystem::remove_all(directory_);
  }

  PluginSpec SpecOf(const std::string& name, std::vector<std::string> kinds) {
    PluginSpec spec;
    spec.id = "test." + name;
    spec.version = "1.0.0";
    spec.library = std::filesystem::path(TUTTI_TEST_PLUGINS) / ("tutti_test_" + name + ".so");
    spec.kinds = std::move(kinds);
    spec.grants.services = {"store",  "commands",  "models",  "runtimes", "hooks",
                            "events", "templates", "gateway", "admin",    "secrets"};
#ifdef TUTTI_TEST_WORKER
    spec.isolation = Isolation::kProcess;
#endif
    return spec;
  }

  PluginInstance& Load(PluginSpec spec) {
    auto plugin = std::make_unique<PluginInstance>(std::move(spec), &core_, &FindService);
    const LibraryStore libraries(directory_);
#ifdef TUTTI_TEST_WORKER
    Status status = processes_.Create(*plugin, libraries);
#else
    Status status = plugin->Create(libraries);
#endif
    EXPECT_TRUE(status.ok()) << status.ToString();
    status = plugin->Init();
    EXPECT_TRUE(status.ok()) << status.ToString();
    status = plugin->Activate();
    EXPECT_TRUE(status.ok()) << status.ToString();
    plugins_.push_back(std::move(plugin));
    std::vector<PluginInstance*> active;
    for (auto& each : plugins_) {
      active.push_back(each.get());
    }
    std::vector<std::string> problems;
    auto table = std::make_shared<RoutingTable>(active, "test.ledger", "", "", problems);
    Dispatcher::Prepare(*table, nullptr, problems);
    EXPECT_TRUE(problems.empty()) << problems.front();
    core_.routes.Set(std::move(table));
    return *plugins_.back();
  }

  struct Running {
    NodePtr node;
    std::future<Result<std::string>> result;

    Result<std::string> Get() {
      if (result.wait_for(kDeadline) != std::future_status::ready) {
        return Status::DeadlineExceeded("the test waited too long");
      }
      return result.get();
    }
  };

  Running Begin(const std::string& name, std::string args, CallContext context = {},
                CallNode::EventSink on_event = {}) {
    if (context.scopes.empty()) {
      context.scopes = {"*"};
    }
    CommandCall call;
    call.routes = core_.routes.Get();
    call.route = call.routes->FindCommand(name);
    call.args = std::move(args);
    call.context = std::make_shared<CallContext>(std::move(context));
    call.tool_use_id = "toolu_1";
    call.on_event = std::move(on_event);
    auto promise = std::make_shared<std::promise<Result<std::string>>>();
    Running running;
    running.result = promise->get_future();
    running.node = core_.dispatcher.Run(
        std::move(call), [promise](Result<std::string> result) { promise->set_value(std::move(result)); });
    return running;
  }

  Result<std::string> Run(const std::string& name, std::string args, CallContext context = {}) {
    return Begin(name, std::move(args), std::move(context)).Get();
  }

  std::filesystem::path directory_ = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-dispatch-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  SilentLog log_;
  Core core_;
#ifdef TUTTI_TEST_WORKER
  static ProcessPlugins::Settings Processes() {
    ProcessPlugins::Settings settings;
    settings.program = TUTTI_TEST_WORKER;
    return settings;
  }

  ProcessPlugins processes_{Processes(), core_.calls,
                            [this](std::int32_t level, std::string_view, std::string_view message,
                                   std::string_view fields) { log_.Write(level, "", message, fields); },
                            core_.faults};
#endif
  std::vector<std::unique_ptr<PluginInstance>> plugins_;
};

}  // namespace tutti::host
