// The plugin as a whole, in a host in memory whose store keeps rows.
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <vector>

#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/loaded_plugin.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::questions {
namespace {

using testing::CallContext;
using testing::FakeRequest;

constexpr const char* kQuestion =
    R"({"questions":[{"question":"Which way?","options":[{"label":"Left"},{"label":"Right"}]}]})";

// The rows of one table and the events appended, as far as this plugin uses the storage.
class MemoryStore {
 public:
  Result<std::string> Execute(const std::string& batch) {
    const std::lock_guard lock(mutex_);
    const Result<Json> json = Json::Parse(batch);
    JsonWriter results;
    results.BeginArray();
    Status status;
    (*json)["ops"].ForEach([&](JsonView op) {
      if (status.ok()) {
        status = Run(op, results);
      }
    });
    if (!status.ok()) {
      return status;
    }
    return R"({"results":)" + results.EndArray().Take() + "}";
  }

  void Put(const std::string& id, const std::string& row) {
    const std::lock_guard lock(mutex_);
    rows_[id] = row;
  }

  std::string Member(const std::string& id, std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = rows_.find(id);
    return found == rows_.end() ? "" : std::string(JsonMember(found->second, name));
  }

  std::vector<std::string> Events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  std::string FirstId() {
    const std::lock_guard lock(mutex_);
    return rows_.empty() ? "" : rows_.begin()->first;
  }

 private:
  Status Run(JsonView op, JsonWriter& results) {
    const std::string_view verb = op["op"].AsString();
    if (verb == "insert") {
      rows_[std::string(op["row"]["id"].AsString())] = op["row"].Dump();
      results.Raw(R"({"affected":1})");
    } else if (verb == "update") {
      return Update(op, results);
    } else if (verb == "append") {
      events_.push_back(op["data"].Dump());
      results.Raw("{}");
    } else {
      results.Raw(Found(op));
    }
    return {};
  }

  Status Update(JsonView op, JsonWriter& results) {
    const std::string id(op["where"]["id"].AsString());
    const auto found = rows_.find(id);
    const bool is_open = found != rows_.end() && JsonMember(found->second, "status") == "\"open\"";
    if (!is_open) {
      results.Raw(R"({"affected":0})");
      return op["expect"] ? Status::FailedPrecondition("the question is not open any more") : Status();
    }
    const Result<Json> row = Json::Parse(found->second);
    JsonObject merged;
    row->view().ForEachMember([&](std::string_view name, JsonView value) {
      if (!op["set"][name]) {
        merged.Raw(name, value.Dump());
      }
    });
    op["set"].ForEachMember([&](std::string_view name, JsonView value) { merged.Raw(name, value.Dump()); });
    found->second = merged.Take();
    results.Raw(R"({"affected":1})");
    return {};
  }

  std::string Found(JsonView op) const {
    JsonWriter rows;
    rows.BeginArray();
    for (const auto& [id, row] : rows_) {
      const bool is_it = op["key"]
                             ? op["key"]["id"].AsString() == id
                             : !op["where"]["status"] || JsonMember(row, "status") == op["where"]["status"].Dump();
      if (is_it) {
        rows.Raw(row);
      }
    }
    return R"({"rows":)" + rows.EndArray().Take() + R"(,"count":0})";
  }

  std::mutex mutex_;
  std::map<std::string, std::string> rows_;
  std::vector<std::string> events_;
};

class QuestionsPlugin : public ::testing::Test {
 protected:
  QuestionsPlugin() {
    host_.OnStore([this](const FakeRequest& batch) { return store_.Execute(batch.body); });
  }

  void Start(const std::string& config = "{}") {
    plugin_.emplace(host_, tutti_plugin_entry.create);
    const Status status = plugin_->Start(config);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  testing::RunningCall Ask(const std::string& args = kQuestion) {
    CallContext context;
    context.surface = TUTTI_SURFACE_TOOL;
    context.agent = "agent-1";
    context.run = "run-1";
    context.stream = "stream-1";
    context.labels = R"({"agent_name":"scout"})";
    return plugin_->BeginInvoke("questions.ask", args, context);
  }

  // The id of the open question, once it is stored.
  std::string Asked() {
    EXPECT_TRUE(host_.WaitUntil([this] { return !store_.FirstId().empty(); }));
    return store_.FirstId();
  }

  Result<std::string> Answer(const std::string& id, const std::string& text, const std::string& who = "ann") {
    CallContext context;
    context.principal = who;
    return plugin_->Invoke("questions.answer", JsonObject()("id", id)("answer", text).Take(), context);
  }

  testing::FakeHost host_;
  MemoryStore store_;
  std::optional<testing::LoadedPlugin> plugin_;
};

TEST_F(QuestionsPlugin, TheFirstAnswerEndsTheCallAndEverybodyIsTold) {
  Start();
  testing::RunningCall call = Ask();
  const std::string id = Asked();
  EXPECT_FALSE(call.is_over());
  ASSERT_TRUE(Answer(id, "Left").ok());
  const Result<std::string> result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_NE(result->find(R"(\"Which way?\" = \"Left\")"), std::string::npos) << *result;
  EXPECT_EQ(store_.Member(id, "answered_by"), "\"ann\"");

  const Result<std::string> second = Answer(id, "Right", "bob");
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(second.status().message().find("as answered"), std::string::npos) << second.status().ToString();
  EXPECT_EQ(store_.Member(id, "answers"), R"({"Which way?":"Left"})");

  const std::vector<std::string> events = store_.Events();
  ASSERT_EQ(events.size(), 2U);
  const Result<Json> asked = Json::Parse(events[0]);
  EXPECT_EQ((*asked)["type"].AsString(), "question_asked");
  EXPECT_EQ((*asked)["question"]["agent_name"].AsString(), "scout");
  const Result<Json> closed = Json::Parse(events[1]);
  EXPECT_EQ((*closed)["type"].AsString(), "question_closed");
  EXPECT_EQ((*closed)["question"]["status"].AsString(), "answered");
}

TEST_F(QuestionsPlugin, CancellingTheRunClosesTheQuestion) {
  Start();
  testing::RunningCall call = Ask();
  const std::string id = Asked();
  call.Cancel();
  EXPECT_EQ(call.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(store_.Member(id, "status"), "\"cancelled\"");
  EXPECT_EQ(Answer(id, "Left").status().code(), Code::kFailedPrecondition);
}

TEST_F(QuestionsPlugin, NobodyAnswering) {
  Start(R"({"expiry_ms":100})");
  testing::RunningCall call = Ask();
  const Result<std::string> result = call.Wait();
  EXPECT_EQ(result.status().code(), Code::kDeadlineExceeded) << result.status().ToString();
  EXPECT_EQ(store_.Member(Asked(), "status"), "\"expired\"");
}

TEST_F(QuestionsPlugin, QuestionsAreBounded) {
  Start(R"({"max_open":1})");
  testing::RunningCall first = Ask();
  const std::string id = Asked();
  EXPECT_EQ(Ask().Wait().status().code(), Code::kResourceExhausted);
  ASSERT_TRUE(Answer(id, "Left").ok());
  EXPECT_TRUE(first.Wait().ok());
}

TEST_F(QuestionsPlugin, QuestionsOfAFormerProcessAreClosedWithAReason) {
  store_.Put("a", R"({"id":"a","stream":"s","agent_id":"x","agent_name":"scout","questions":[],"status":"open"})");
  store_.Put("b", R"({"id":"b","stream":"s","agent_id":"x","agent_name":"scout","questions":[],"status":"answered"})");
  Start();
  EXPECT_EQ(store_.Member("a", "status"), "\"cancelled\"");
  EXPECT_NE(store_.Member("a", "reason").find("the server stopped"), std::string::npos);
  EXPECT_EQ(store_.Member("b", "status"), "\"answered\"");
  EXPECT_EQ(store_.Events().size(), 1U);
}

TEST_F(QuestionsPlugin, WhatCannotBeAskedOrAnsweredIsRefused) {
  Start();
  EXPECT_EQ(plugin_->Invoke("questions.ask", kQuestion).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(Answer("nonsense", "Left").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Answer("00000000-0000-4000-8000-000000000000", "Left").status().code(), Code::kNotFound);
  testing::RunningCall call = Ask();
  const std::string id = Asked();
  EXPECT_EQ(Answer(id, "").status().code(), Code::kInvalidArgument);
  EXPECT_FALSE(call.is_over());
}

}  // namespace
}  // namespace tutti::questions
