// The kind template and the services templates and admin, with the plugin that serves and asks in a process of its own.
#include <mutex>

#include "host/services/admin_port.h"
#include "tests/host/dispatch/test_core.h"

namespace tutti::host {
namespace {

// Answers with what it was asked, or keeps it.
class EchoingAdmin final : public AdminPort {
 public:
  void Manage(std::string operation, NodePtr caller, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      caller_ = caller == nullptr ? std::string() : std::string(caller->owner);
    }
    if (operation.find("refuse") != std::string::npos) {
      done(Status::FailedPrecondition("another plugin needs it"));
    } else {
      done(std::move(operation));
    }
  }

  std::string caller() {
    const std::lock_guard lock(mutex_);
    return caller_;
  }

 private:
  std::mutex mutex_;
  std::string caller_;  // guarded by mutex_
};

class IsolatedServicesTest : public TestCore {
 protected:
  ~IsolatedServicesTest() override { core_.admin = nullptr; }

  PluginSpec Relay() { return SpecOf("relay", {"command", "template"}); }

  EchoingAdmin admin_;
};

TEST_F(IsolatedServicesTest, TemplatesAreServedAndAskedForAcrossTheSocket) {
  PluginInstance& plugin = Load(Relay());
  ASSERT_NE(plugin.templates(), nullptr);
  const Result<std::string> list = Run("relay.list", "{}");
  ASSERT_TRUE(list.ok()) << list.status().ToString();
  EXPECT_TRUE(list->starts_with(R"({"templates":[{"name":"scout","description":"looks",)")) << *list;
  EXPECT_TRUE(list->ends_with(R"("plugin":"test.relay"}],"failed":[]})")) << *list;
  const Result<std::string> got = Run("relay.get", R"({"name":"scout"})");
  ASSERT_TRUE(got.ok()) << got.status().ToString();
  EXPECT_NE(got->find(R"("system_prompt":"You are a scout.")"), std::string::npos) << *got;
  EXPECT_NE(got->find(R"("plugin":"test.relay")"), std::string::npos) << *got;
}

TEST_F(IsolatedServicesTest, ATemplateThatIsNotThereIsNotFoundAcrossTheSocket) {
  Load(Relay());
  const Status status = Run("relay.get", R"({"name":"scuot"})").status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("did you mean 'scout'?"), std::string_view::npos) << status.message();
}

TEST_F(IsolatedServicesTest, OperationsOnPluginsAndTheirRefusalsCrossTheSocket) {
  core_.admin = &admin_;
  PluginInstance& plugin = Load(Relay());
  EXPECT_EQ(*Run("relay.can_manage", "{}"), "true");
  const Result<std::string> done = Run("relay.manage", R"({"do":"list"})");
  ASSERT_TRUE(done.ok()) << done.status().ToString();
  EXPECT_EQ(*done, R"({"do":"list"})");
  EXPECT_EQ(admin_.caller(), plugin.id());
  const Status refused = Run("relay.manage", R"({"do":"refuse"})").status();
  EXPECT_EQ(refused.code(), Code::kFailedPrecondition);
  EXPECT_EQ(refused.message(), "another plugin needs it");
}

TEST_F(IsolatedServicesTest, WhileTheHostStartsNothingIsManaged) {
  Load(Relay());
  EXPECT_EQ(Run("relay.manage", R"({"do":"list"})").status().code(), Code::kUnavailable);
}

TEST_F(IsolatedServicesTest, WithoutTheGrantThereIsNoAdmin) {
  core_.admin = &admin_;
  PluginSpec spec = Relay();
  spec.grants.services = {"templates"};
  Load(spec);
  EXPECT_EQ(*Run("relay.can_manage", "{}"), "false");
  EXPECT_EQ(admin_.caller(), "");
}

}  // namespace
}  // namespace tutti::host
