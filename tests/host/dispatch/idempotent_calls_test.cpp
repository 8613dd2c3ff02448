// Idempotent calls over the real dispatcher and store, with a plugin of the test as command and as database. Another
// IdempotentCalls on the same database is another process.
#include "host/dispatch/idempotent_calls.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "host/registry/plugin_instance.h"
#include "host/registry/routing_table.h"
#include "tests/host/one_plugin.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr std::string_view kId = "org.example.marks";

// As much of a database as the rows of host.idempotency need.
class Memory {
 public:
  Result<std::string> Execute(std::string_view batch) {
    const std::lock_guard lock(mutex_);
    if (is_away_) {
      return Status::Unavailable("the database is away");
    }
    const Result<Json> json = Json::Parse(batch);
    const std::map<std::string, Row> before = rows_;
    const int marks = marks_;
    Status status;
    JsonWriter writer;
    writer.BeginObject().Key("results").BeginArray();
    (*json)["parts"].ForEach([&](JsonView part) {
      writer.BeginArray();
      part["ops"].ForEach([&](JsonView op) {
        const std::string result = Apply(op);
        writer.Raw(result);
        if (op["expect"].is_object() && JsonMember(result, "affected") != "1") {
          status = Status(Code::kAborted, std::string(op["expect"]["message"].AsString()));
        }
      });
      writer.EndArray();
    });
    if (!status.ok()) {
      rows_ = before;
      marks_ = marks;
      return status;
    }
    return writer.EndArray().EndObject().Take();
  }

  int marks() {
    const std::lock_guard lock(mutex_);
    return marks_;
  }

  std::size_t rows() {
    const std::lock_guard lock(mutex_);
    return rows_.size();
  }

  // A column of the only row, as JSON.
  void Set(const std::string& column, const std::string& json) {
    const std::lock_guard lock(mutex_);
    rows_.begin()->second[column] = json;
  }

  void SetAway(bool is_away) {
    const std::lock_guard lock(mutex_);
    is_away_ = is_away;
  }

 private:
  using Row = std::map<std::string, std::string>;  // JSON by column

  static bool Meets(const Row& row, JsonView where) {
    bool meets = true;
    where.ForEachMember([&](std::string_view column, JsonView wanted) {
      const auto found = row.find(std::string(column));
      if (wanted["le"].is_string()) {
        meets = meets && found != row.end() && found->second <= wanted["le"].Dump();
      } else if (wanted["in"].is_array()) {
        bool is_in = false;
        wanted["in"].ForEach([&](JsonView value) { is_in = is_in || found->second == value.Dump(); });
        meets = meets && is_in;
      } else if (column != "or") {
        meets = meets && found != row.end() && found->second == wanted.Dump();
      }
    });
    return meets;
  }

  static std::string ToJson(const Row& row) {
    JsonObject object;
    for (const auto& [column, json] : row) {
      object.Raw(column, json);
    }
    return object.Take();
  }

  std::string Apply(JsonView op) {
    const std::string_view verb = op["op"].AsString();
    int affected = 0;
    std::string rows;
    if (op["table"].AsString() == "host.audit") {
      affected = 1;
    } else if (op["table"].AsString() == "marks") {
      affected = 1;
      ++marks_;
    } else if (verb == "insert") {
      Row row;
      op["row"].ForEachMember(
          [&](std::string_view column, JsonView value) { row[std::string(column)] = value.Dump(); });
      affected = rows_.emplace(std::string(op["row"]["id"].AsString()), row).second ? 1 : 0;
    } else if (verb == "delete") {
      affected =
          static_cast<int>(std::erase_if(rows_, [&](const auto& row) { return Meets(row.second, op["where"]); }));
    } else if (op["select"].is_object()) {
      rows = JsonObject()("rows", rows_.size()).Take();
    } else {
      const JsonView where = verb == "get" ? op["key"] : op["where"];
      for (auto& [id, row] : rows_) {
        if (!Meets(row, where)) {
          continue;
        }
        ++affected;
        op["set"].ForEachMember(
            [&](std::string_view column, JsonView value) { row[std::string(column)] = value.Dump(); });
        rows += (rows.empty() ? "" : ",") + ToJson(row);
      }
    }
    return JsonObject()("affected", affected).Raw("rows", "[" + rows + "]").Take();
  }

  std::mutex mutex_;
  std::map<std::string, Row> rows_;
  int marks_ = 0;
  bool is_away_ = false;
};

class IdempotentCallsTest : public testing::Test {
 protected:
  using Handler = std::function<void(tutti_call call)>;

  IdempotentCallsTest() {
    StartPlugin(plugin_, kEntry);
    std::vector<std::string> problems;
    auto table = std::make_shared<RoutingTable>(std::vector<PluginInstance*>{&plugin_}, kId, "", "", problems);
    Dispatcher::Prepare(*table, nullptr, problems);
    EXPECT_TRUE(problems.empty()) << problems.front();
    routes_.Set(std::move(table));
    handler_ = [this](tutti_call call) { Finish(call, MakeMark(call)); };
  }

  ~IdempotentCallsTest() override {
    calls_.CancelAll();
    executor_.Stop();
    routes_.Set(nullptr);
  }

  // Lives as long as the executor, like the host's own.
  IdempotentCalls& Process(IdempotentCalls::Settings settings = {}, const std::string& host = "h") {
    processes_.push_back(std::make_unique<IdempotentCalls>(executor_, dispatcher_, store_, settings));
    processes_.back()->SetHost(host);
    return *processes_.back();
  }

  std::future<Result<std::string>> Begin(IdempotentCalls& process, const std::string& key,
                                         const std::string& body = "a") {
    CommandCall call;
    call.routes = routes_.Get();
    call.route = call.routes->FindCommand("marks.make");
    call.args = "{}";
    auto context = std::make_shared<CallContext>();
    context->scopes = {"*"};
    call.context = std::move(context);
    auto promise = std::make_shared<std::promise<Result<std::string>>>();
    process.Run(std::move(call), {key, body, "POST /v1/marks"},
                [promise](const Result<std::string>& result, bool) { promise->set_value(result); });
    return promise->get_future();
  }

  static Result<std::string> Wait(std::future<Result<std::string>> answer) {
    return answer.wait_for(kPatience) == std::future_status::ready
               ? answer.get()
               : Result<std::string>(Status::DeadlineExceeded("the test waited too long"));
  }

  Result<std::string> Ask(IdempotentCalls& process, const std::string& key, const std::string& body = "a") {
    return Wait(Begin(process, key, body));
  }

  // Commits a mark on behalf of the call: its number, or why it could not.
  Result<std::string> MakeMark(tutti_call call) {
    auto done = std::make_shared<std::promise<Result<std::string>>>();
    std::future<Result<std::string>> stored = done->get_future();
    auto write = [](Store* store, NodePtr node, std::shared_ptr<std::promise<Result<std::string>>> to) -> Task<void> {
      std::vector<BatchPart> parts;
      parts.push_back({std::string(kId), R"([{"op":"insert","table":"marks","row":{}}])"});
      Result<std::string> result = co_await store->Execute(std::move(parts), node->context, node);
      to->set_value(std::move(result));
    };
    NodePtr node;
    {
      const std::lock_guard lock(mutex_);
      node = nodes_[call];
    }
    Spawn(write(&store_, node, done), [](const std::exception_ptr&) {});
    Result<std::string> result = Wait(std::move(stored));
    if (!result.ok()) {
      return result;
    }
    // One part went in, one comes out.
    std::size_t parts = 0;
    JsonElements(JsonMember(*result, "results"), [&](std::string_view) { ++parts; });
    EXPECT_EQ(parts, 1U) << *result;
    return JsonObject()("mark", memory_.marks()).Take();
  }

  void Finish(tutti_call call, Result<std::string> result) { calls_.Finish(call, kId, std::move(result)); }

  // Holds the next calls; each is given to the test.
  void Hold() {
    handler_ = [this](tutti_call call) {
      const std::lock_guard lock(mutex_);
      held_.push_back(call);
      changed_.notify_all();
    };
  }

  tutti_call Held(std::size_t number) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return held_.size() > number; }));
    return held_.size() > number ? held_[number] : 0;
  }

  static IdempotentCallsTest& Of(void* self) { return *static_cast<IdempotentCallsTest*>(self); }

  void Invoke(tutti_call call) {
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      nodes_[call] = calls_.Find(call);
      handler = handler_;
    }
    handler(call);
  }

  static constexpr tutti_command kCommand{
      sizeof(tutti_command),
      [](void*, const tutti_sink* out) {
        out->write(out->user, Str(R"([{"name":"marks.make","summary":"Makes a mark.","effects":"write"}])"));
      },
      [](void* self, const tutti_call_info* info, tutti_str, tutti_str) { Of(self).Invoke(info->call); }};

  static tutti_storage MakeStorage() {
    tutti_storage table{};
    table.size = sizeof table;
    table.ensure_schema = [](void* self, const tutti_call_info* info, tutti_str) {
      Of(self).Finish(info->call, std::string("{}"));
    };
    table.execute = [](void* self, const tutti_call_info* info, tutti_str batch) {
      Of(self).Finish(info->call, Of(self).memory_.Execute(View(batch)));
    };
    table.stats = [](void*, const tutti_sink* out) { out->write(out->user, Str(R"({"healthy":true})")); };
    return table;
  }

  static const void* Extension(const char* id) {
    static const tutti_storage kStorage = MakeStorage();
    return std::string_view(id) == TUTTI_KIND_STORAGE   ? static_cast<const void*>(&kStorage)
           : std::string_view(id) == TUTTI_KIND_COMMAND ? static_cast<const void*>(&kCommand)
                                                        : nullptr;
  }

  static constexpr tutti_entry kEntry = EntryOf<&IdempotentCallsTest::Extension>("org.example.marks");

  Memory memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Handler handler_;                      // guarded by mutex_ once calls run
  std::vector<tutti_call> held_;         // guarded by mutex_
  std::map<tutti_call, NodePtr> nodes_;  // guarded by mutex_
  Executor executor_{{4, 1024}};
  CallTable calls_{executor_, {}};
  Routes routes_;
  EventBus events_{executor_, 1024};
  Store store_{executor_, calls_, routes_, events_};
  HookPipeline hooks_{executor_, calls_, routes_, store_, {}, [](std::string_view, std::string) {}};
  Dispatcher dispatcher_{executor_, calls_, routes_, hooks_, store_, {.timeout_ms = 60000, .audit = true}};
  std::vector<std::unique_ptr<IdempotentCalls>> processes_;
  PluginInstance plugin_{SpecOf(std::string(kId), {"command", "storage"}), this, &NoService};
};

TEST_F(IdempotentCallsTest, ARetryGetsTheFirstAnswerAlsoFromTheNextProcess) {
  IdempotentCalls& process = Process();
  const Result<std::string> first = Ask(process, "k");
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(*first, R"({"mark":1})");
  EXPECT_EQ(*Ask(process, "k"), *first);
  IdempotentCalls& next = Process();
  EXPECT_EQ(*Ask(next, "k"), *first);
  EXPECT_EQ(*Ask(next, "other"), R"({"mark":2})");
}

TEST_F(IdempotentCallsTest, AFailureIsKeptWithAllItSays) {
  handler_ = [this](tutti_call call) { Finish(call, Status::NotFound("nothing here").WithDetails(R"({"x":1})")); };
  IdempotentCalls& process = Process();
  EXPECT_EQ(Ask(process, "k").status().code(), Code::kNotFound);
  handler_ = [this](tutti_call call) { Finish(call, MakeMark(call)); };
  const Status again = Ask(Process(), "k").status();
  EXPECT_EQ(again.code(), Code::kNotFound);
  EXPECT_EQ(again.message(), "nothing here");
  EXPECT_EQ(again.details(), R"({"x":1})");
  EXPECT_EQ(memory_.marks(), 0);
}

TEST_F(IdempotentCallsTest, SomethingElseUnderTheKeyIsRefused) {
  IdempotentCalls& process = Process();
  ASSERT_TRUE(Ask(process, "k").ok());
  EXPECT_EQ(Ask(process, "k", "b").status().code(), Code::kInvalidArgument);
  Hold();
  std::future<Result<std::string>> running = Begin(process, "l");
  Held(0);
  EXPECT_EQ(Ask(process, "l", "b").status().code(), Code::kInvalidArgument);
  Finish(Held(0), std::string("{}"));
  EXPECT_TRUE(Wait(std::move(running)).ok());
}

TEST_F(IdempotentCallsTest, RetriesWaitForTheFirstAndItRunsOnce) {
  Hold();
  IdempotentCalls& process = Process();
  std::future<Result<std::string>> first = Begin(process, "k");
  const tutti_call call = Held(0);
  std::future<Result<std::string>> second = Begin(process, "k");
  std::future<Result<std::string>> third = Begin(process, "k");
  Finish(call, MakeMark(call));
  EXPECT_EQ(*Wait(std::move(first)), R"({"mark":1})");
  EXPECT_EQ(*Wait(std::move(second)), R"({"mark":1})");
  EXPECT_EQ(*Wait(std::move(third)), R"({"mark":1})");
  EXPECT_EQ(held_.size(), 1U);
}

TEST_F(IdempotentCallsTest, WhoWaitedLongEnoughIsToldToComeAgain) {
  Hold();
  IdempotentCalls& process = Process({.wait = std::chrono::milliseconds(0)});
  std::future<Result<std::string>> first = Begin(process, "k");
  const tutti_call call = Held(0);
  const Status early = Ask(process, "k").status();
  EXPECT_EQ(early.code(), Code::kAborted);
  EXPECT_GT(early.retry_after().count(), 0);
  Finish(call, std::string("{}"));
  EXPECT_TRUE(Wait(std::move(first)).ok());
}

TEST_F(IdempotentCallsTest, WhatPassesByItselfIsForgottenWhenNothingWasApplied) {
  handler_ = [this](tutti_call call) { Finish(call, Status::Unavailable("not now")); };
  IdempotentCalls& process = Process();
  EXPECT_EQ(Ask(process, "k").status().code(), Code::kUnavailable);
  EXPECT_EQ(memory_.rows(), 0U);
  handler_ = [this](tutti_call call) { Finish(call, MakeMark(call)); };
  EXPECT_TRUE(Ask(process, "k").ok());
}

TEST_F(IdempotentCallsTest, WhatPassesByItselfIsKeptWhenSomethingWasApplied) {
  handler_ = [this](tutti_call call) {
    EXPECT_TRUE(MakeMark(call).ok());
    Finish(call, Status::Unavailable("half done"));
  };
  IdempotentCalls& process = Process();
  EXPECT_EQ(Ask(process, "k").status().message(), "half done");
  EXPECT_EQ(Ask(process, "k").status().message(), "half done");
  EXPECT_EQ(memory_.marks(), 1);
}

TEST_F(IdempotentCallsTest, AfterACrashARequestThatAppliedNothingRunsAndTheFirstIsFencedOff) {
  Hold();
  IdempotentCalls& gone = Process();
  std::future<Result<std::string>> lost = Begin(gone, "k");
  const tutti_call first = Held(0);
  IdempotentCalls& next = Process();
  std::future<Result<std::string>> again = Begin(next, "k");
  const tutti_call second = Held(1);
  Finish(second, MakeMark(second));
  EXPECT_TRUE(Wait(std::move(again)).ok());
  EXPECT_EQ(MakeMark(first).status().code(), Code::kAborted) << "it is not its row any more";
  EXPECT_EQ(memory_.marks(), 1);
  Finish(first, std::string("{}"));
  (void)Wait(std::move(lost));
}

TEST_F(IdempotentCallsTest, AfterACrashARequestThatAppliedSomethingIsNotRepeated) {
  Hold();
  IdempotentCalls& gone = Process();
  std::future<Result<std::string>> lost = Begin(gone, "k");
  const tutti_call first = Held(0);
  ASSERT_TRUE(MakeMark(first).ok());
  const Status told = Ask(Process(), "k").status();
  EXPECT_EQ(told.code(), Code::kFailedPrecondition);
  EXPECT_NE(told.message().find("was applied, and its answer was lost"), std::string::npos) << told.message();
  EXPECT_EQ(memory_.marks(), 1);
  Finish(first, std::string("{}"));
  (void)Wait(std::move(lost));
}

TEST_F(IdempotentCallsTest, AnotherHostIsWaitedForUntilItsLeaseIsOver) {
  Hold();
  IdempotentCalls& other = Process({}, "other host");
  std::future<Result<std::string>> running = Begin(other, "k");
  const tutti_call first = Held(0);
  IdempotentCalls& process = Process();
  EXPECT_EQ(Ask(process, "k").status().code(), Code::kAborted);
  memory_.Set("lease_until", JsonQuote(FormatMicros(0)));
  std::future<Result<std::string>> again = Begin(process, "k");
  Finish(Held(1), std::string(R"({"by":"the second"})"));
  EXPECT_EQ(*Wait(std::move(again)), R"({"by":"the second"})");
  Finish(first, std::string("{}"));
  (void)Wait(std::move(running));
}

TEST_F(IdempotentCallsTest, KeysAndAnswersHaveBounds) {
  IdempotentCalls& process = Process({.max_keys = 2, .max_answer_bytes = 5});
  EXPECT_EQ(*Ask(process, "k"), R"({"mark":1})") << "the first is answered whole";
  EXPECT_NE(Ask(process, "k").status().message().find("too large to be kept"), std::string_view::npos);
  EXPECT_TRUE(Ask(process, "l").ok());
  EXPECT_EQ(Ask(process, "m").status().code(), Code::kResourceExhausted);
  EXPECT_EQ(Ask(process, "k").status().code(), Code::kFailedPrecondition) << "a known one is still answered";
  EXPECT_EQ(memory_.marks(), 2);
}

TEST_F(IdempotentCallsTest, AKeyWhoseTimeIsOverIsNew) {
  IdempotentCalls& process = Process();
  ASSERT_TRUE(Ask(process, "k").ok());
  memory_.Set("expires_at", JsonQuote(FormatMicros(0)));
  EXPECT_EQ(*Ask(process, "k", "b"), R"({"mark":2})");
}

TEST_F(IdempotentCallsTest, OldRowsAreRemoved) {
  IdempotentCalls& process = Process();
  ASSERT_TRUE(Ask(process, "k").ok());
  memory_.Set("expires_at", JsonQuote(FormatMicros(0)));
  process.Tick(1'000'000);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (memory_.rows() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(memory_.rows(), 0U);
}

TEST_F(IdempotentCallsTest, WithoutTheDatabaseARequestIsRefusedBeforeItRuns) {
  memory_.SetAway(true);
  EXPECT_EQ(Ask(Process(), "k").status().code(), Code::kUnavailable);
  EXPECT_EQ(memory_.marks(), 0);
}

}  // namespace
}  // namespace tutti::host
