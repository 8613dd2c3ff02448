// The members a page reads of each message, as the contract's catalogue has them.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

enum class Is { kText, kNumber, kBool, kObject, kNull };

bool Holds(JsonView value, Is kind) {
  switch (kind) {
    case Is::kText:
      return value.is_string();
    case Is::kNumber:
      return value.is_number();
    case Is::kBool:
      return value.is_bool();
    case Is::kObject:
      return value.is_object();
    case Is::kNull:
      return value && value.is_null();
  }
  return false;
}

struct Shape {
  const char* inner;  // the member that holds the others; empty: the message itself
  std::map<const char*, Is> members;
};

const std::map<std::string, Shape> kCatalogue = {
    {"connection_established", {"", {{"client_id", Is::kText}, {"message", Is::kText}}}},
    {"orchestrator_chat",
     {"message",
      {{"id", Is::kText},
       {"orchestrator_agent_id", Is::kText},
       {"sender_type", Is::kText},
       {"receiver_type", Is::kText},
       {"message", Is::kText},
       {"agent_id", Is::kNull},
       {"metadata", Is::kObject},
       {"timestamp", Is::kText}}}},
    {"chat_typing", {"", {{"orchestrator_agent_id", Is::kText}, {"is_typing", Is::kBool}}}},
    {"chat_stream", {"", {{"chunk", Is::kText}, {"is_complete", Is::kBool}}}},
    {"thinking_block",
     {"data",
      {{"id", Is::kText}, {"orchestrator_agent_id", Is::kText}, {"thinking", Is::kText}, {"timestamp", Is::kText}}}},
    {"tool_use_block",
     {"data",
      {{"id", Is::kText},
       {"orchestrator_agent_id", Is::kText},
       {"tool_name", Is::kText},
       {"tool_input", Is::kObject},
       {"tool_use_id", Is::kText},
       {"timestamp", Is::kText}}}},
    {"orchestrator_updated",
     {"orchestrator",
      {{"id", Is::kText},
       {"input_tokens", Is::kNumber},
       {"output_tokens", Is::kNumber},
       {"total_cost", Is::kNumber},
       {"updated_at", Is::kText}}}},
    {"system_log", {"data", {{"level", Is::kText}, {"message", Is::kText}, {"timestamp", Is::kText}}}},
    {"error", {"", {{"message", Is::kText}, {"details", Is::kObject}}}},
    {"agent_created", {"agent", {{"id", Is::kText}, {"name", Is::kText}, {"model", Is::kText}, {"status", Is::kText}}}},
    {"agent_updated",
     {"agent", {{"input_tokens", Is::kNumber}, {"output_tokens", Is::kNumber}, {"total_cost", Is::kNumber}}}},
    {"agent_status_changed", {"", {{"agent_id", Is::kText}, {"old_status", Is::kText}, {"new_status", Is::kText}}}},
    {"agent_deleted", {"", {{"agent_id", Is::kText}}}},
    {"agent_log",
     {"log",
      {{"id", Is::kText},
       {"agent_id", Is::kText},
       {"agent_name", Is::kText},
       {"task_slug", Is::kText},
       {"entry_index", Is::kNumber},
       {"event_category", Is::kText},
       {"event_type", Is::kText},
       {"content", Is::kText},
       {"summary", Is::kText},
       {"payload", Is::kObject},
       {"timestamp", Is::kText}}}},
};

TEST_F(Orchestrator, O14_EveryMessageHasTheMembersOfTheCatalogue) {
  SayAndWait("think and list");
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  SayAndWait("delete builder");
  const int first = static_cast<int>(client().messages().size());
  Say("talk slowly");
  ASSERT_GE(client().WaitForType("chat_typing", first), 0);
  Say("say instead");
  const int said = client().WaitFor(
      [](JsonView message) {
        return message["message"]["sender_type"].AsString() == "orchestrator" &&
               message["message"]["message"].AsString().ends_with("instead");
      },
      first);
  ASSERT_GE(said, 0) << server().output();
  ASSERT_GE(client().WaitForType("orchestrator_updated", said), 0);
  Say("fail");
  ASSERT_GE(client().WaitForType("error", first), 0);

  std::set<std::string> seen;
  for (const std::string& text : client().messages()) {
    const Json message = std::move(*Json::Parse(text));
    const std::string type(message["type"].AsString());
    const auto shape = kCatalogue.find(type);
    if (shape == kCatalogue.end() || message["log"]["event_category"].AsString() == "file_tracking") {
      continue;  // a page ignores what it does not know, and file cards have a shape of their own
    }
    EXPECT_TRUE(message["timestamp"].is_string()) << text;
    const std::string inner = shape->second.inner;
    const JsonView holder = inner.empty() ? message.view() : message[inner];
    for (const auto& [member, kind] : shape->second.members) {
      EXPECT_TRUE(Holds(holder[member], kind)) << member << " of " << text;
    }
    seen.insert(type);
  }
  for (const auto& [type, shape] : kCatalogue) {
    EXPECT_TRUE(seen.contains(type)) << type << " was not sent";
  }
}

}  // namespace
}  // namespace tutti::test
