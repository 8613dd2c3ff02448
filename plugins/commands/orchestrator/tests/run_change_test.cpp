// What each change of a run's state means to the tables, from its payload alone.
#include "run_change.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tutti::orchestrator {
namespace {

struct Change {
  const char* role;
  const char* kind;
  const char* from;
  const char* to;
  bool is_followed = false;
};

RunChange Read(const Change& change) {
  JsonObject payload;
  payload("run", "r1")("conversation", "c1")("agent", "a1")("stream", "o")("tree", "/o/a1/");
  payload.Raw("labels", JsonObject()("role", change.role)("kind", change.kind).Take());
  payload("from", change.from)("to", change.to)("reason", "")("error", "broken");
  payload.Raw("totals", R"({"usage":{"input_tokens":3,"output_tokens":4},"cost_usd":0.5})");
  RunChange read = RunChange::Read(Json::Parse(payload.Take())->view());
  read.is_followed = change.is_followed;
  return read;
}

// What is written: "set status=..." or "archive" for the agent, and the types of what is announced.
std::vector<std::string> Written(const Change& change) {
  Batch batch;
  AddBookkeeping(batch, Read(change));
  std::vector<std::string> written;
  const Result<Json> ops = Json::Parse(batch.Ops());
  EXPECT_TRUE(ops.ok()) << batch.Ops();
  ops->view().ForEach([&](JsonView op) {
    if (op["op"].AsString() == "append") {
      written.emplace_back(op["type"].AsString());
      if (op["data"]["new_status"]) {
        written.back() += " " + std::string(op["data"]["new_status"].AsString());
      }
    } else if (op["set"]["archived"].AsBool()) {
      written.emplace_back("archive");
    }
  });
  return written;
}

TEST(RunChange, EveryChangeHasItsRowsAndAnnouncements) {
  using Texts = std::vector<std::string>;
  const std::pair<Change, Texts> cases[] = {
      {{"agent", "prompt", "queued", "running"}, {"agent_status_changed executing"}},
      {{"agent", "prompt", "running", "waiting"}, {"agent_status_changed waiting"}},
      {{"agent", "prompt", "waiting", "running"}, {"agent_status_changed executing"}},
      {{"agent", "prompt", "running", "queued"}, {"agent_status_changed idle"}},
      {{"agent", "prompt", "running", "done"}, {"agent_updated", "agent_status_changed idle"}},
      {{"agent", "prompt", "waiting", "interrupted"}, {"agent_updated", "agent_status_changed idle"}},
      {{"agent", "prompt", "running", "failed"}, {"agent_updated", "agent_status_changed blocked"}},
      {{"agent", "prompt", "queued", "failed"}, {"agent_updated", "agent_status_changed blocked"}},
      // Another run of the agent may be at work.
      {{"agent", "prompt", "queued", "interrupted"}, {}},
      {{"agent", "compact", "running", "failed"}, {"agent_updated", "agent_status_changed idle"}},
      {{"agent", "greeting", "queued", "running"}, {}},
      {{"agent", "greeting", "running", "done"}, {"agent_updated", "agent_created"}},
      {{"agent", "greeting", "running", "failed"}, {"archive"}},
      {{"agent", "greeting", "queued", "interrupted"}, {"archive"}},
      {{"orchestrator", "prompt", "queued", "running"}, {}},
      {{"orchestrator", "prompt", "running", "waiting"}, {}},
      {{"orchestrator", "prompt", "running", "done"}, {"orchestrator_updated"}},
      {{"orchestrator", "prompt", "running", "interrupted"}, {"orchestrator_updated"}},
      {{"orchestrator", "prompt", "running", "interrupted", true}, {"orchestrator_updated", "system_log"}},
      {{"orchestrator", "prompt", "running", "failed"}, {"error"}},
      {{"orchestrator", "prompt", "queued", "interrupted"}, {}},
      {{"orchestrator", "compact", "running", "done"}, {"orchestrator_updated"}},
      {{"orchestrator", "compact", "running", "failed"}, {"orchestrator_updated"}},
      {{"somebody", "prompt", "running", "done"}, {}},
  };
  for (const auto& [change, expected] : cases) {
    EXPECT_EQ(Written(change), expected) << change.role << " " << change.kind << " " << change.from << " -> "
                                         << change.to;
  }
}

TEST(RunChange, TotalsOfTheChatCountOnceForTheConversationTheyWereUsedIn) {
  Batch batch;
  AddBookkeeping(batch, Read({"orchestrator", "prompt", "running", "done"}));
  const Result<Json> ops = Json::Parse(batch.Ops());
  EXPECT_EQ(ops->view()[0]["where"].Dump(), R"({"id":"a1","or":[{"session_id":"c1"},{"session_id":null}]})");
  EXPECT_EQ(ops->view()[0]["add"].Dump(), R"({"input_tokens":3,"output_tokens":4})");
  EXPECT_EQ(ops->view()[0]["set"].Dump(), R"({"session_id":"c1"})");
  EXPECT_EQ(ops->view()[1]["add"].Dump(), R"({"total_cost":0.5})");
}

}  // namespace
}  // namespace tutti::orchestrator
