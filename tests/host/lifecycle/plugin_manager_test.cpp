// The manager with plugins whose code is in this test: a gate that allows, and a command.
#include "host/lifecycle/plugin_manager.h"

#include <gtest/gtest.h>

#include <future>

#include "host/services/core.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::host {
namespace {

class QuietLog final : public LogSink {
 public:
  void Write(std::int32_t, std::string_view, std::string_view, std::string_view) override {}

  [[nodiscard]] bool Enabled(std::int32_t) const override { return false; }
};

struct Allowing {
  explicit Allowing(Host) {}

  static HookReply OnPoint(const Point&, std::string_view, const Call&) { return HookReply::Allow(); }
};

struct Answering {
  explicit Answering(Host) {}

  static std::string Commands() {
    return R"([{"name": "test.answer", "summary": "Answers.", "effects": "read", "input": {"type": "object"}}])";
  }

  static Result<std::string> Invoke(std::string_view, std::string_view, const Call&) { return std::string("1"); }
};

PluginEntry Entry(const std::string& id, const std::string& kind) {
  PluginEntry entry;
  entry.manifest.id = id;
  entry.manifest.version = *Version::Parse("1.0.0");
  entry.manifest.kinds = {kind};
  if (kind == "hook") {
    entry.manifest.points["command.before"] = {PointMode::kGate};
  }
  return entry;
}

class PluginManagerTest : public testing::Test {
 protected:
  PluginManagerTest()
      : core_(CoreSettings(), log_, {[] { return std::vector<Dependency>(); }, [] { return std::string(); }}) {
    manifest_.plugins = {Entry("test.gate", "hook"), Entry("test.command", "command")};
    manager_.emplace(core_, manifest_, Options());
    EXPECT_TRUE(manager_->Start().ok());
  }

  ~PluginManagerTest() override {
    EXPECT_TRUE(manager_->Stop(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    core_.executor.Stop(std::chrono::seconds(20));
    manager_.reset();
  }

  PluginManager::Options Options() {
    PluginManager::Options options;
    options.create = [](PluginInstance& plugin) {
      static const tutti_entry kGate = EntryOf<Allowing>("test.gate");
      static const tutti_entry kCommand = EntryOf<Answering>("test.command");
      return plugin.Create(plugin.id() == "test.gate" ? kGate : kCommand);
    };
    options.load = [this](std::optional<Overlay> switched) {
      LoadedManifest loaded;
      loaded.manifest = manifest_;
      if (switched) {
        std::erase_if(loaded.manifest.plugins,
                      [&](const PluginEntry& e) { return switched->enabled(e.manifest.id) == false; });
      }
      return loaded;
    };
    return options;
  }

  Status Run() {
    CommandCall call;
    call.routes = core_.routes.Get();
    call.route = call.routes->FindCommand("test.answer");
    auto context = std::make_shared<CallContext>();
    context->scopes = {"*"};
    call.context = std::move(context);
    std::promise<Status> promise;
    core_.dispatcher.Run(std::move(call),
                         [&promise](const Result<std::string>& result) { promise.set_value(result.status()); });
    return promise.get_future().get();
  }

  template <typename P>
  static tutti_entry EntryOf(const char* id) {
    return {TUTTI_ENTRY_MAGIC, sizeof(tutti_entry),          TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, id,
            "1.0.0",           &internal::Adapter<P>::Create};
  }

  QuietLog log_;
  Core core_;
  Manifest manifest_;
  std::optional<PluginManager> manager_;
};

TEST_F(PluginManagerTest, AQuarantinedGateGoesOnDenyingUntilItIsEnabled) {
  EXPECT_TRUE(Run().ok());
  manager_->Quarantine("test.gate", "it does not come back");
  EXPECT_EQ(manager_->Info("test.gate")->state, "quarantined");
  EXPECT_EQ(manager_->Info("test.gate")->reason, "it does not come back");
  const Status denied = Run();
  EXPECT_EQ(denied.code(), Code::kPermissionDenied);
  EXPECT_NE(denied.message().find("fails closed"), std::string_view::npos) << denied.message();
  EXPECT_TRUE(manager_->Apply({}).changed.empty());
  EXPECT_FALSE(Run().ok());
  const Result<ChangeReport> enabled = manager_->Enable("test.gate", {});
  ASSERT_TRUE(enabled.ok()) << enabled.status().ToString();
  EXPECT_EQ(enabled->changed.at(0).what, "enabled");
  EXPECT_TRUE(Run().ok());
}

TEST_F(PluginManagerTest, ACommandInQuarantineSaysSoUntilItIsEnabledOrDisabled) {
  manager_->Quarantine("test.command", "it does not come back");
  for (const char* change : {"", "test.gate"}) {
    if (*change != '\0') {
      ASSERT_TRUE(manager_->Disable(change, {}).ok());
    }
    const Status refused = Run();
    EXPECT_EQ(refused.code(), Code::kUnavailable) << refused.ToString();
    EXPECT_EQ(refused.message(),
              "the command test.answer is not served, for the plugin test.command is in quarantine: it does not come "
              "back; start it afresh with: tutti plugin enable test.command");
    EXPECT_TRUE(core_.routes.Get()->commands().empty());
  }
  ASSERT_TRUE(manager_->Enable("test.command", {}).ok());
  EXPECT_TRUE(Run().ok());
  EXPECT_TRUE(core_.routes.Get()->quarantined().empty());

  manager_->Quarantine("test.command", "again");
  ASSERT_TRUE(manager_->Disable("test.command", {}).ok());
  EXPECT_EQ(core_.routes.Get()->FindCommand("test.answer"), nullptr);
}

TEST_F(PluginManagerTest, ACallThatFindsItsPluginPutInQuarantineIsToldSo) {
  CommandCall call;
  call.routes = core_.routes.Get();
  call.route = call.routes->FindCommand("test.answer");
  auto context = std::make_shared<CallContext>();
  context->scopes = {"*"};
  call.context = std::move(context);
  manager_->Quarantine("test.command", "it does not come back");
  std::promise<Status> promise;
  core_.dispatcher.Run(std::move(call),
                       [&promise](const Result<std::string>& result) { promise.set_value(result.status()); });
  const Status status = promise.get_future().get();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("in quarantine: it does not come back"), std::string_view::npos) << status.message();
}

TEST_F(PluginManagerTest, ACallThatLookedBeforeTheChangeIsServedAfterIt) {
  CommandCall call;
  call.routes = core_.routes.Get();
  call.route = call.routes->FindCommand("test.answer");
  auto context = std::make_shared<CallContext>();
  context->scopes = {"*"};
  call.context = std::move(context);
  ASSERT_TRUE(manager_->Reload("test.command", {}).ok());
  ASSERT_TRUE(manager_->Disable("test.gate", {}).ok());
  std::promise<Status> promise;
  core_.dispatcher.Run(std::move(call),
                       [&promise](const Result<std::string>& result) { promise.set_value(result.status()); });
  const Status status = promise.get_future().get();
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST_F(PluginManagerTest, ADisabledPluginIsDestroyedAndWhatIsUnchangedStays) {
  const Result<ChangeReport> report = manager_->Disable("test.command", {});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->changed.at(0).what, "disabled");
  EXPECT_FALSE(manager_->Tick());
  EXPECT_EQ(core_.routes.Get()->FindCommand("test.answer"), nullptr);
  EXPECT_EQ(manager_->Info("test.gate")->state, "active");
  EXPECT_EQ(manager_->Reload("test.nobody", {}).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace tutti::host
