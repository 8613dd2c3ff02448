// The cases every storage is measured by, run against SQLite in a process of its own: through the plugin's table, over
// the socket, with no more than the directory of its database.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "host/dispatch/plugin_call.h"
#include "host/isolation/process_plugins.h"
#include "host/services/core.h"
#include "suite.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::host {
namespace {

using storage_suite::Backend;
using storage_suite::BackendFactory;
using storage_suite::Storage;

constexpr std::chrono::seconds kPatience{60};

// A name that a call may point to, which is as long as the process lives.
std::string_view Kept(const std::string& name) {
  static std::mutex mutex;
  static std::set<std::string> names;
  const std::lock_guard lock(mutex);
  return *names.insert(name).first;
}

class NoLog final : public LogSink {
 public:
  void Write(std::int32_t, std::string_view, std::string_view, std::string_view) override {}

  [[nodiscard]] bool Enabled(std::int32_t) const override { return false; }
};

class IsolatedStorage final : public Storage {
 public:
  explicit IsolatedStorage(const std::filesystem::path& directory)
      : directory_(directory), plugin_(SpecFor(directory), &core_, &FindService) {}

  ~IsolatedStorage() override {
    core_.calls.CancelAll();
    if (is_active_) {
      EXPECT_TRUE(plugin_.Deactivate(kPatience));
    }
    core_.executor.Stop();
  }

  Status Start() {
    if (Status status = processes_.Create(plugin_, LibraryStore(directory_ / "copies")); !status.ok()) {
      return status;
    }
    if (Status status = plugin_.Init(); !status.ok()) {
      return status;
    }
    Status status = plugin_.Activate();
    is_active_ = status.ok();
    return status;
  }

  [[nodiscard]] WorkerReport report() const { return *processes_.Report(plugin_.id()); }

  Result<std::string> Execute(const std::string& caller, const std::string& batch) override {
    return Call(Kept(caller), [table = plugin_.storage(), batch](void* self, const tutti_call_info& info) {
      table->execute(self, &info, Str(batch));
    });
  }

  Result<std::string> EnsureSchema(const std::string& schema) override {
    return Call({}, [table = plugin_.storage(), schema](void* self, const tutti_call_info& info) {
      table->ensure_schema(self, &info, Str(schema));
    });
  }

 private:
  using EnterFunction = std::function<void(void* self, const tutti_call_info& info)>;

  static PluginSpec SpecFor(const std::filesystem::path& directory) {
    PluginSpec spec;
    spec.id = "tutti.storage.sqlite";
    spec.version = "0.1.0";
    spec.library = TUTTI_TEST_SQLITE;
    spec.kinds = {"storage"};
    spec.config = JsonObject()("file", (directory / "data" / "test.db").string())("synchronous", "off").Take();
    spec.isolation = Isolation::kProcess;
    spec.grants.write_paths = {directory / "data"};
    return spec;
  }

  static CoreSettings Settings() {
    CoreSettings settings;
    settings.executor.workers = 2;
    return settings;
  }

  static ProcessPlugins::Settings Processes() {
    ProcessPlugins::Settings settings;
    settings.program = TUTTI_TEST_PROGRAM;
    return settings;
  }

  Result<std::string> Call(std::string_view caller, EnterFunction enter) {
    PluginCallSpec spec;
    spec.plugin = &plugin_;
    spec.context = std::make_shared<CallContext>();
    spec.starter = caller;
    spec.operation = &operation::kExecute;
    spec.enter = std::move(enter);
    const auto promise = std::make_shared<std::promise<Result<std::string>>>();
    std::future<Result<std::string>> ended = promise->get_future();
    const auto run = [](Core* core, PluginCallSpec of,
                        std::shared_ptr<std::promise<Result<std::string>>> to) -> Task<void> {
      PluginCall call(core->executor, core->calls, std::move(of));
      Result<std::string> result = co_await call;
      to->set_value(std::move(result));
    };
    Spawn(run(&core_, std::move(spec), promise),
          [promise](const std::exception_ptr& thrown) { promise->set_exception(thrown); });
    return ended.wait_for(kPatience) == std::future_status::ready
               ? ended.get()
               : Result<std::string>(Status::DeadlineExceeded("the test waited too long"));
  }

  const std::filesystem::path directory_;
  NoLog log_;
  Core core_{Settings(), log_, {[] { return std::vector<Dependency>(); }, [] { return std::string(); }, {}}};
  ProcessPlugins processes_{Processes(), core_.calls,
                            [this](std::int32_t level, std::string_view, std::string_view message,
                                   std::string_view fields) { log_.Write(level, "", message, fields); },
                            core_.faults};
  PluginInstance plugin_;
  bool is_active_ = false;
};

class IsolatedBackend final : public Backend {
 public:
  IsolatedBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-isolated-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(directory_ / "data");
  }

  ~IsolatedBackend() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  Result<std::unique_ptr<Storage>> Open() override {
    Result<std::unique_ptr<IsolatedStorage>> storage = OpenIsolated();
    if (!storage.ok()) {
      return storage.status();
    }
    return std::unique_ptr<Storage>(std::move(*storage));
  }

  Result<std::unique_ptr<IsolatedStorage>> OpenIsolated() {
    auto storage = std::make_unique<IsolatedStorage>(directory_);
    if (Status status = storage->Start(); !status.ok()) {
      return status;
    }
    return storage;
  }

 private:
  std::filesystem::path directory_;
};

TEST(IsolatedSqlite, WhatWasCommittedIsThereAfterItsProcessWasKilled) {
  IsolatedBackend backend;
  Result<std::unique_ptr<IsolatedStorage>> opened = backend.OpenIsolated();
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  IsolatedStorage& storage = **opened;
  const auto run = [&storage](const std::string& ops) {
    return storage.Execute("test.owner", R"({"parts":[{"by":"test.owner","ops":[)" + ops + "]}]}");
  };
  ASSERT_TRUE(storage.EnsureSchema(storage_suite::BasicSchema()).ok());
  ASSERT_TRUE(run(R"({"op":"insert","table":"lab.teams","row":{"name":"ada"}})").ok());
  ASSERT_EQ(::kill(storage.report().pid, SIGKILL), 0);
  // Until the next one serves, with the tables made known to it again: nothing but UNAVAILABLE.
  const auto until = std::chrono::steady_clock::now() + kPatience;
  Result<std::string> rows = run(R"({"op":"query","from":"lab.teams"})");
  while (!rows.ok() && std::chrono::steady_clock::now() < until) {
    ASSERT_EQ(rows.status().code(), Code::kUnavailable) << rows.status().ToString();
    std::this_thread::yield();
    rows = run(R"({"op":"query","from":"lab.teams"})");
  }
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_NE(rows->find(R"("name":"ada")"), std::string::npos) << *rows;
  EXPECT_EQ(storage.report().restarts, 1U);
}

const BackendFactory kFactory{"Isolated", [] { return std::make_unique<IsolatedBackend>(); }};

}  // namespace
}  // namespace tutti::host

namespace tutti::storage_suite {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, BasicStorage, ::testing::Values(host::kFactory), NameOf());
INSTANTIATE_TEST_SUITE_P(Sqlite, FullStorage, ::testing::Values(host::kFactory), NameOf());

}  // namespace
}  // namespace tutti::storage_suite
