// Which files a turn of an agent changed and read: file cards, live and after reload.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

constexpr const char* kScenes = R"(scenes:
  - when: {tool: Write, prompt: '^touch files$'}
    say: [{text: "Now the old one."}, {tool_use: {name: Edit,
           input: {file_path: "./src/../src/a.txt", old_string: "two\n", new_string: "2\n3\n"}}}]
  - when: {tool: Edit, prompt: '^touch files$'}
    say: [{tool_use: {name: Read, input: {file_path: README.md}}}]
  - when: {tool: Read, prompt: '^touch files$'}
    say: [{text: "All done."}]
    usage: {input_tokens: 30, output_tokens: 5}
  - when: {prompt: '^touch files$'}
    say: [{text: "I begin."}, {tool_use: {name: Write, input: {file_path: new.txt, content: "fresh\n"}}}]
  - when: {tool: Read, prompt: '^only read$'}
    say: [{text: "I have read it."}]
  - when: {prompt: '^only read$'}
    say: [{tool_use: {name: Read, input: {file_path: README.md}}}]
  - when: {tool: Write, prompt: '^touch silently$'}
    say: [{thinking: "That was it."}]
  - when: {prompt: '^touch silently$'}
    say: [{tool_use: {name: Write, input: {file_path: silent.txt, content: "x\n"}}}]
  - when: {tool: Read, prompt: '^fail to read$'}
    say: [{text: "It is not there."}]
  - when: {prompt: '^fail to read$'}
    say: [{text: "I look."}, {tool_use: {name: Read, input: {file_path: missing.txt}}}]
  - when: {tool: Bash, prompt: '^commit it$'}
    say: [{text: "Committed."}]
  - when: {tool: Write, prompt: '^commit it$'}
    say: [{tool_use: {name: Bash, input: {command: "git add -A && git -c user.name=t -c user.email=t@example.org commit -qm more"}}}]
  - when: {prompt: '^commit it$'}
    say: [{tool_use: {name: Write, input: {file_path: src/a.txt, content: "one\ntwo\nthree\n"}}}]
)";

class FileTracking : public Orchestrator {
 protected:
  std::string MoreScenes() const override { return kScenes; }

  void SetUp() override {
    Orchestrator::SetUp();
    agent_ = CreateAgent("builder");
  }

  void MakeRepository() {
    WriteFile("README.md", "title\n\ntext\n");
    WriteFile("src/a.txt", "one\ntwo\n");
    const std::string command = "cd '" + working_directory_ +
                                "' && export GIT_CONFIG_GLOBAL=/dev/null && git init -q && git add -A && git -c "
                                "user.name=t -c user.email=t@example.org commit -qm first";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  void WriteFile(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = std::filesystem::path(working_directory_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  // The messages of a turn.
  std::vector<Json> Turn(const std::string& command) {
    const int first = CommandAndWait("builder", command);
    const std::vector<std::string> all = client().messages();
    std::vector<Json> messages;
    for (std::size_t i = static_cast<std::size_t>(first); i < all.size(); ++i) {
      messages.push_back(std::move(*Json::Parse(all[i])));
    }
    return messages;
  }

  static std::vector<JsonView> Blocks(const std::vector<Json>& messages) {
    std::vector<JsonView> blocks;
    for (const Json& message : messages) {
      if (message["log"]["event_type"].AsString() == "FileTrackingBlock") {
        blocks.push_back(message["log"]);
      }
    }
    return blocks;
  }

  // The id of the turn's last text.
  static std::string LastText(const std::vector<Json>& messages) {
    std::string id;
    for (const Json& message : messages) {
      if (message["log"]["event_type"].AsString() == "TextBlock") {
        id = message["log"]["id"].AsString();
      }
    }
    return id;
  }

  // The row of /get_events with this id.
  Json Stored(const std::string& id) {
    const Json events = Get("/get_events?event_types=agent_logs&limit=300").json();
    std::string found = "null";
    events["events"].ForEach([&](JsonView row) { found = row["id"].AsString() == id ? row.Dump() : found; });
    return std::move(*Json::Parse(found));
  }

  static JsonView Entry(JsonView list, std::string_view path) {
    JsonView found;
    list.ForEach([&](JsonView entry) { found = entry["path"].AsString() == path ? entry : found; });
    return found;
  }

  static std::vector<std::string> Texts(JsonView list, std::string_view key) {
    std::vector<std::string> texts;
    list.ForEach([&](JsonView entry) { texts.emplace_back(entry[key].AsString()); });
    return texts;
  }

  std::string agent_;
};

TEST_F(FileTracking, O33_ChangedAndReadFilesStandBelowTheLastTextLiveAndAfterReload) {
  MakeRepository();
  const std::vector<Json> messages = Turn("touch files");
  const std::vector<JsonView> blocks = Blocks(messages);
  ASSERT_EQ(blocks.size(), 1U) << server().output();
  const JsonView log = blocks.front();
  EXPECT_EQ(log["parent_log_id"].AsString(), LastText(messages));
  EXPECT_EQ(log["agent_id"].AsString(), agent_);
  EXPECT_EQ(log["agent_name"].AsString(), "builder");
  EXPECT_TRUE(log["task_slug"].AsString().starts_with("touch-files-"));
  EXPECT_EQ(log["event_category"].AsString(), "file_tracking");
  EXPECT_EQ(log["summary"].AsString(), "File tracking: 2 modified, 1 read");
  EXPECT_FALSE(log["entry_index"]);

  const JsonView payload = log["payload"];
  EXPECT_EQ(payload["total_files_modified"].AsInt(), 2);
  EXPECT_EQ(payload["total_files_read"].AsInt(), 1);
  ASSERT_EQ(payload["file_changes"].size(), 2U) << payload.Dump();
  const JsonView created = Entry(payload["file_changes"], "new.txt");
  EXPECT_EQ(created["status"].AsString(), "created");
  EXPECT_EQ(created["lines_added"].AsInt(), 1);
  EXPECT_NE(created["diff"].AsString().find("+fresh"), std::string_view::npos) << created.Dump();
  const JsonView edited = Entry(payload["file_changes"], "src/a.txt");
  EXPECT_EQ(edited["status"].AsString(), "modified");
  EXPECT_EQ(edited["lines_added"].AsInt(), 2);
  EXPECT_EQ(edited["lines_removed"].AsInt(), 1);
  EXPECT_NE(edited["diff"].AsString().find("@@ -1,2 +1,3 @@\n one\n-two\n+2\n+3\n"), std::string_view::npos)
      << edited.Dump();
  EXPECT_EQ(edited["absolute_path"].AsString(), std::filesystem::canonical(working_directory_ + "/src/a.txt").string());
  EXPECT_FALSE(edited["summary"].AsString().empty());
  EXPECT_EQ(edited["agent_id"].AsString(), agent_);
  EXPECT_EQ(Entry(payload["read_files"], "README.md")["line_count"].AsInt(), 3);

  const Json row = Stored(LastText(messages));
  EXPECT_EQ(row["event_type"].AsString(), "text");
  EXPECT_EQ(row["payload"]["text"].AsString(), "All done.");
  for (const char* key : {"total_files_modified", "total_files_read", "generated_at"}) {
    EXPECT_EQ(row["payload"][key].Dump(), payload[key].Dump()) << key;
  }
  EXPECT_EQ(Texts(row["payload"]["file_changes"], "diff"), Texts(payload["file_changes"], "diff"));
  EXPECT_EQ(Texts(row["payload"]["file_changes"], "path"), Texts(payload["file_changes"], "path"));
  EXPECT_EQ(Texts(row["payload"]["read_files"], "path"), Texts(payload["read_files"], "path"));
}

TEST_F(FileTracking, O33_BlockComesBeforeTheTotalsAndTheStatus) {
  MakeRepository();
  std::vector<std::string> order;
  for (const Json& message : Turn("touch files")) {
    const std::string type(message["type"].AsString());
    if (type != "agent_log" || message["log"]["event_type"].AsString() == "FileTrackingBlock") {
      order.push_back(type);
    }
  }
  std::erase_if(order, [](const std::string& type) { return !type.starts_with("agent_"); });
  EXPECT_EQ(order,
            (std::vector<std::string>{"agent_status_changed", "agent_log", "agent_updated", "agent_status_changed"}));
}

TEST_F(FileTracking, O33_TheNextTurnShowsItsOwnFilesOnly) {
  MakeRepository();
  Turn("touch files");
  const std::vector<Json> messages = Turn("only read");
  const std::vector<JsonView> blocks = Blocks(messages);
  ASSERT_EQ(blocks.size(), 1U) << server().output();
  EXPECT_EQ(blocks.front()["payload"]["file_changes"].size(), 0U);
  EXPECT_EQ(blocks.front()["payload"]["read_files"].size(), 1U);
}

TEST_F(FileTracking, O33_WhatTheTurnCommitsItselfIsStillItsChange) {
  MakeRepository();
  const std::vector<Json> messages = Turn("commit it");
  const std::vector<JsonView> blocks = Blocks(messages);
  ASSERT_EQ(blocks.size(), 1U) << server().output();
  const JsonView change = blocks.front()["payload"]["file_changes"][0];
  EXPECT_EQ(change["status"].AsString(), "modified") << change.Dump();
  EXPECT_EQ(change["lines_added"].AsInt(), 1);
  EXPECT_EQ(change["lines_removed"].AsInt(), 0);
}

TEST_F(FileTracking, O33_WithoutACommitFilesAreCreated) {
  ASSERT_EQ(std::system(("git init -q '" + working_directory_ + "'").c_str()), 0);
  WriteFile("src/a.txt", "one\ntwo\n");
  WriteFile("README.md", "text\n");
  const std::vector<Json> messages = Turn("touch files");
  const std::vector<JsonView> blocks = Blocks(messages);
  ASSERT_EQ(blocks.size(), 1U) << server().output();
  const JsonView changes = blocks.front()["payload"]["file_changes"];
  EXPECT_EQ(Entry(changes, "new.txt")["status"].AsString(), "created");
  EXPECT_EQ(Entry(changes, "src/a.txt")["status"].AsString(), "created");
}

TEST_F(FileTracking, O33_OutsideOfARepositoryOnlyReadFilesAreShown) {
  WriteFile("src/a.txt", "one\ntwo\n");
  WriteFile("README.md", "text\n");
  const std::vector<Json> messages = Turn("touch files");
  const std::vector<JsonView> blocks = Blocks(messages);
  ASSERT_EQ(blocks.size(), 1U) << server().output();
  EXPECT_EQ(blocks.front()["payload"]["file_changes"].size(), 0U);
  EXPECT_EQ(blocks.front()["payload"]["read_files"].size(), 1U);
}

TEST_F(FileTracking, O34_NoTextOrNoFileNoBlock) {
  MakeRepository();
  for (const char* command : {"touch silently", "fail to read", "work", "say hello"}) {
    EXPECT_TRUE(Blocks(Turn(command)).empty()) << command;
  }
  // The tool had done its work.
  EXPECT_TRUE(std::filesystem::exists(working_directory_ + "/silent.txt"));
}

}  // namespace
}  // namespace tutti::test
