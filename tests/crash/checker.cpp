#include "tests/crash/checker.h"

#include <map>
#include <set>

#include "tutti/sdk/json.hpp"

namespace tutti::test {
namespace {

using Findings = std::vector<std::string>;

// No acknowledged message is lost, and none is there twice.
void CheckMessages(const CrashServer& server, const Ledger& ledger, Findings& findings) {
  std::map<std::string, int> rows;
  for (const auto& row : server.Rows("SELECT message FROM orchestrator_chat WHERE sender_type = 'user'")) {
    ++rows[row.at("message")];
  }
  for (const std::string& text : ledger.acknowledged) {
    if (rows[text] == 0) {
      findings.push_back("the message \"" + text + "\" was acknowledged and is not stored");
    }
  }
  for (const std::string& text : ledger.sent) {
    if (rows[text] > 1) {
      findings.push_back("the message \"" + text + "\" is stored " + std::to_string(rows[text]) + " times");
    }
  }
  std::map<std::string, int> heard;
  for (const auto& row : server.Rows("SELECT content FROM runs_messages WHERE role = 'user'")) {
    const Result<Json> content = Json::Parse(row.at("content"));
    content->view().ForEach([&](JsonView block) { ++heard[std::string(block["text"].AsString())]; });
  }
  for (const std::string& text : ledger.acknowledged) {
    if (heard[text] != 1) {
      findings.push_back("the message \"" + text + "\" stands in the conversation " + std::to_string(heard[text]) +
                         " times instead of once");
    }
  }
}

// Numbers of each stream go from 1 to its head, and what a row announces is announced once.
void CheckJournal(const CrashServer& server, const Ledger& ledger, Findings& findings) {
  std::map<std::string, long> next;
  std::map<std::string, int> announced;
  for (const auto& row : server.Rows("SELECT stream, seq, type, data FROM tutti_journal ORDER BY stream, seq")) {
    const long seq = std::stol(row.at("seq"));
    long& expected = next.try_emplace(row.at("stream"), 1).first->second;
    if (seq != expected) {
      findings.push_back("stream " + row.at("stream") + " goes on with " + std::to_string(seq) + " instead of " +
                         std::to_string(expected));
    }
    expected = seq + 1;
    if (row.at("type") == "orchestrator_chat") {
      const Result<Json> data = Json::Parse(row.at("data"));
      if ((*data)["message"]["sender_type"].AsString() == "user") {
        ++announced[std::string((*data)["message"]["message"].AsString())];
      }
    }
  }
  for (const auto& row : server.Rows("SELECT stream, head FROM tutti_streams")) {
    const auto found = next.find(row.at("stream"));
    if (found != next.end() && found->second != std::stol(row.at("head")) + 1) {
      findings.push_back("stream " + row.at("stream") + " ends before its head " + row.at("head"));
    }
  }
  for (const std::string& text : ledger.acknowledged) {
    if (announced[text] != 1) {
      findings.push_back("the message \"" + text + "\" was announced " + std::to_string(announced[text]) + " times");
    }
  }
}

// No side effect twice; one that was recorded as done happened; one that was denied did not.
void CheckEffects(const CrashServer& server, const Ledger& ledger, Findings& findings) {
  std::map<std::string, int> marks;
  for (const char* file : {"marks", "risky"}) {
    for (const std::string& line : server.Lines(file)) {
      if (++marks[std::string(file) + "/" + line] > 1) {
        findings.push_back("the side effect " + line + " in " + file + " happened more than once");
      }
    }
  }
  std::map<std::string, std::string> verdicts;  // by run and tool call
  for (const auto& row : server.Rows("SELECT id, run, tool_use_id, status FROM approvals_approvals")) {
    const auto answered = ledger.answered.find(row.at("id"));
    const std::string expected = answered == ledger.answered.end() ? row.at("status")
                                 : answered->second == "allow"     ? "allowed"
                                                                   : "denied";
    if (row.at("status") != expected) {
      findings.push_back("approval " + row.at("id") + " was acknowledged as " + expected + " and is " +
                         row.at("status"));
    }
    if (row.at("status") == "pending") {
      findings.push_back("approval " + row.at("id") + " is pending though all work has ended");
    }
    verdicts[row.at("run") + row.at("tool_use_id")] = row.at("status");
  }
  for (const auto& row :
       server.Rows("SELECT run, tool_use_id, tool_name, input, status, is_error FROM runs_tool_calls")) {
    if (row.at("status") == "started") {
      findings.push_back("the tool call " + row.at("tool_use_id") + " of run " + row.at("run") +
                         " never came to an end");
    }
    if (row.at("tool_name") != "Bash") {
      continue;
    }
    const Result<Json> input = Json::Parse(row.at("input"));
    const std::string command((*input)["command"].AsString());
    const std::size_t arrow = command.find(" >> ");
    const std::string mark = command.substr(arrow + 4) + "/" + command.substr(5, arrow - 5);
    if (row.at("status") == "done" && marks[mark] != 1) {
      findings.push_back("the call \"" + command + "\" is recorded as done and its effect is there " +
                         std::to_string(marks[mark]) + " times");
    }
    const auto verdict = verdicts.find(row.at("run") + row.at("tool_use_id"));
    if (verdict != verdicts.end() && verdict->second != "allowed" && marks[mark] != 0) {
      findings.push_back("the call \"" + command + "\" took effect though its approval is " + verdict->second);
    }
  }
}

// No run is stuck and no agent seems to work.
void CheckRuns(const CrashServer& server, Findings& findings) {
  for (const auto& row :
       server.Rows("SELECT id, status FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')")) {
    findings.push_back("run " + row.at("id") + " is " + row.at("status"));
  }
  for (const auto& row : server.Rows("SELECT id, error FROM runs_runs WHERE status = 'failed'")) {
    findings.push_back("run " + row.at("id") + " failed: " + row.at("error"));
  }
  for (const auto& row : server.Rows("SELECT name, status FROM agents WHERE status NOT IN ('idle', 'blocked')")) {
    findings.push_back("agent " + row.at("name") + " is " + row.at("status"));
  }
}

// Numbers are dense, and every tool call is answered, in the very next message, once.
void CheckConversations(const CrashServer& server, Findings& findings) {
  std::map<std::string, long> next;
  std::map<std::string, std::set<std::string>> open;
  for (const auto& row :
       server.Rows("SELECT conversation, number, role, content FROM runs_messages ORDER BY conversation, number")) {
    const std::string& conversation = row.at("conversation");
    const std::string where = "message " + row.at("number") + " of conversation " + conversation;
    long& expected = next[conversation];
    if (std::stol(row.at("number")) != expected) {
      findings.push_back(where + " follows number " + std::to_string(expected - 1));
    }
    expected = std::stol(row.at("number")) + 1;
    std::set<std::string>& calls = open[conversation];
    const Result<Json> content = Json::Parse(row.at("content"));
    std::set<std::string> asked;
    content->view().ForEach([&](JsonView block) {
      const std::string_view type = block["type"].AsString();
      if (type == "tool_use") {
        asked.emplace(block["id"].AsString());
      } else if (type == "tool_result" && calls.erase(std::string(block["tool_use_id"].AsString())) == 0) {
        findings.push_back(where + " answers a tool call that is not open");
      }
    });
    if (!calls.empty()) {
      findings.push_back(where + " leaves the tool call " + *calls.begin() + " without an answer");
    }
    calls = std::move(asked);
  }
  for (const auto& [conversation, calls] : open) {
    if (!calls.empty()) {
      findings.push_back("conversation " + conversation + " ends with an unanswered tool call");
    }
  }
}

}  // namespace

std::vector<std::string> CheckAll(const CrashServer& server, const Ledger& ledger) {
  Findings findings;
  CheckMessages(server, ledger, findings);
  CheckJournal(server, ledger, findings);
  CheckEffects(server, ledger, findings);
  CheckRuns(server, findings);
  CheckConversations(server, findings);
  return findings;
}

}  // namespace tutti::test
