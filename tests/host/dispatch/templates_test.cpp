// Template plugins behind the service that other plugins see.
#include "host/dispatch/templates.h"

#include <condition_variable>
#include <deque>
#include <optional>

#include "host/dispatch/plugin_call.h"
#include "tests/host/dispatch/test_core.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::host {
namespace {

// Calls that a source keeps for itself, until the test lets go of them.
class Kept {
 public:
  void Add(Call call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    added_.notify_all();
  }

  bool WaitForOne(std::chrono::seconds timeout) {
    std::unique_lock lock(mutex_);
    return added_.wait_for(lock, timeout, [&] { return !calls_.empty(); });
  }

  void LetGo() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<Call> calls_;  // guarded by mutex_
};

Kept& KeptCalls() {
  static Kept kept;
  return kept;
}

// Offers what its configuration holds: {"templates": [...], "mode": "" | "keep" | "fail" | "other"}.
class Source {
 public:
  explicit Source(tutti::Host) {}

  Status Init(const Config& config) {
    templates_ = config["templates"].Dump();
    mode_ = config["mode"].AsString();
    return {};
  }

  void List(const Call& call) { Answer(call, JsonObject().Raw("templates", templates_).Take()); }

  void Get(std::string_view name, const Call& call) {
    const Result<Json> json = Json::Parse(templates_);
    std::optional<std::string> found;
    json->view().ForEach([&](JsonView item) {
      if (item["name"].AsString() == name || mode_ == "other") {
        found = item.Dump();
      }
    });
    Answer(call, found ? Result<std::string>(*found) : Status::NotFound("not here"));
  }

 private:
  void Answer(const Call& call, const Result<std::string>& result) const {
    if (mode_ == "keep") {
      KeptCalls().Add(call);
    } else {
      call.Finish(mode_ == "fail" ? Result<std::string>(Status::Internal("the disk broke")) : result);
    }
  }

  std::string templates_;
  std::string mode_;
};

// What asks: a plugin like any other, through tutti/abi/template.h.
class Asker {
 public:
  explicit Asker(tutti::Host host) : host_(host) {}

  std::string Commands() {
    return R"([{"name":"ask.list","summary":"s","effects":"read","surfaces":[],"input":{"type":"object"}},)"
           R"({"name":"ask.get","summary":"s","effects":"read","surfaces":[],"input":{"type":"object"}}])";
  }

  Task<Result<std::string>> Invoke(std::string_view name, std::string_view args, Call call) {
    Pending pending = name == "ask.list"
                          ? host_.ListTemplates(call.id())
                          : host_.GetTemplate(call.id(), std::string((*Json::Parse(args))["name"].AsString()));
    co_return co_await std::move(pending);
  }

 private:
  tutti::Host host_;
};

class TemplatesTest : public TestCore {
 protected:
  TemplatesTest() {
    entries_.push_back(Entry<Asker>("test.asker"));
    Load("test.asker", {"command"}, "{}", 0);
  }

  ~TemplatesTest() override { KeptCalls().LetGo(); }

  template <typename P>
  static tutti_entry Entry(const char* id) {
    return {TUTTI_ENTRY_MAGIC,
            sizeof(tutti_entry),
            TUTTI_ABI_MAJOR,
            TUTTI_ABI_MINOR,
            id,
            "1.0.0",
            &tutti::internal::Adapter<P>::Create};
  }

  void AddSource(const char* id, const std::string& config, int priority = 0) {
    entries_.push_back(Entry<Source>(id));
    Load(id, {"template"}, config, priority);
  }

  void Load(const std::string& id, std::vector<std::string> kinds, const std::string& config, int priority) {
    PluginSpec spec;
    spec.id = id;
    spec.version = "1.0.0";
    spec.kinds = std::move(kinds);
    spec.config = config;
    spec.priority = priority;
    spec.grants.services = {"templates"};
    auto plugin = std::make_unique<PluginInstance>(std::move(spec), &core_, &FindService);
    ASSERT_TRUE(plugin->Create(entries_.back()).ok());
    ASSERT_TRUE(plugin->Init().ok());
    ASSERT_TRUE(plugin->Activate().ok());
    plugins_.push_back(std::move(plugin));
    std::vector<PluginInstance*> active;
    for (const auto& each : plugins_) {
      active.push_back(each.get());
    }
    std::vector<std::string> problems;
    auto table = std::make_shared<RoutingTable>(active, "", "", "", problems);
    Dispatcher::Prepare(*table, nullptr, problems);
    ASSERT_TRUE(problems.empty()) << problems.front();
    core_.routes.Set(std::move(table));
  }

  std::string Text(const Result<std::string>& result) { return result.ok() ? *result : result.status().ToString(); }

  std::string List() { return Text(Run("ask.list", "{}")); }

  std::string Get(const std::string& name) { return Text(Run("ask.get", JsonObject()("name", name).Take())); }

  std::deque<tutti_entry> entries_;  // addresses stay
};

TEST_F(TemplatesTest, WithoutSourcesTheListIsEmptyAndNothingIsFound) {
  EXPECT_EQ(List(), R"({"templates":[],"failed":[]})");
  EXPECT_EQ(Get("scout"), "NOT_FOUND: no template is named 'scout'; there are none");
}

TEST_F(TemplatesTest, TheHighestPriorityWinsThenTheOrder) {
  AddSource("test.low", R"({"templates":[{"name":"a","description":"low"},{"name":"b","description":"low"}]})");
  AddSource("test.same", R"({"templates":[{"name":"b","description":"same"},{"name":"c","description":"same"}]})");
  AddSource("test.high", R"({"templates":[{"name":"a","description":"high","system_prompt":"You are a."}]})", 5);
  const Result<Json> json = Json::Parse(List());
  std::string who;
  (*json)["templates"].ForEach([&](JsonView item) { who += std::string(item["plugin"].AsString()) + " "; });
  EXPECT_EQ(who, "test.high test.low test.same ");
  EXPECT_NE(Get("a").find(R"("description":"high","system_prompt":"You are a.")"), std::string::npos) << Get("a");
  EXPECT_NE(Get("c").find(R"("plugin":"test.same")"), std::string::npos) << Get("c");
}

TEST_F(TemplatesTest, AnUnknownNameIsAnsweredWithThoseThereAre) {
  AddSource("test.low", R"({"templates":[{"name":"scout"},{"name":"builder"}]})");
  EXPECT_EQ(Get("scuot"), "NOT_FOUND: no template is named 'scuot'; there are builder, scout; did you mean 'scout'?");
}

TEST_F(TemplatesTest, AFailingSourceIsReportedAndTheOthersGoOn) {
  AddSource("test.broken", R"({"templates":[],"mode":"fail"})", 9);
  AddSource("test.good", R"({"templates":[{"name":"scout"}]})");
  EXPECT_NE(List().find(R"("failed":[{"plugin":"test.broken","error":"the disk broke"}])"), std::string::npos)
      << List();
  EXPECT_NE(Get("scout").find(R"("plugin":"test.good")"), std::string::npos);
  EXPECT_EQ(Get("other"),
            "UNAVAILABLE: no template named 'other' was found, but not every source answered; test.broken: the disk "
            "broke");
}

TEST_F(TemplatesTest, ABrokenTemplateIsNotReplacedByAWeakerOne) {
  AddSource("test.low", R"({"templates":[{"name":"scout"}]})");
  AddSource("test.high", R"({"templates":[{"name":"scout","error":"scout.md:2: expected a text"}]})", 1);
  EXPECT_EQ(Get("scout"),
            "FAILED_PRECONDITION: the template 'scout' of test.high cannot be used: scout.md:2: expected a text");
}

TEST_F(TemplatesTest, AnAnswerUnderAnotherNameIsRefused) {
  AddSource("test.liar", R"({"templates":[{"name":"builder"}],"mode":"other"})");
  EXPECT_NE(Get("scout").find("expected the template 'scout', found \"builder\""), std::string::npos) << Get("scout");
}

TEST_F(TemplatesTest, ASourceThatDoesNotAnswerEndsAtItsTime) {
  AddSource("test.slow", R"({"templates":[],"mode":"keep"})", 9);
  AddSource("test.good", R"({"templates":[{"name":"scout"}]})");
  Running running = Begin("ask.list", "{}");
  ASSERT_TRUE(KeptCalls().WaitForOne(std::chrono::seconds(20)));
  // Once: a second sweep at the same time could end the call of the good source, which begins after the first.
  core_.calls.Sweep(NowMillis() + Templates::Settings().timeout.count() + 1);
  const std::string list = Text(running.Get());
  EXPECT_NE(list.find(R"("plugin":"test.slow","error":")"), std::string::npos) << list;
  EXPECT_NE(list.find(R"("name":"scout")"), std::string::npos) << list;
}

TEST_F(TemplatesTest, ACancelledQuestionEndsCancelled) {
  AddSource("test.slow", R"({"templates":[],"mode":"keep"})");
  Running running = Begin("ask.get", R"({"name":"scout"})");
  ASSERT_TRUE(KeptCalls().WaitForOne(std::chrono::seconds(20)));
  core_.calls.Cancel(running.node);
  KeptCalls().LetGo();
  EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
}

}  // namespace
}  // namespace tutti::host
