// Reads the server's live messages during one chat turn: turns them into lines for a terminal and knows when all is
// done.
//
// Not thread-safe. Text from the server is data: control characters never reach the terminal.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

class ChatWatch {
 public:
  // `message` as it will be sent. `use_color` dims what is not an answer.
  ChatWatch(std::string message, bool use_color) : message_(std::move(message)), use_color_(use_color) {}

  // An agent that is there already, so that its lines can carry its name.
  void Know(std::string_view agent, std::string_view name);

  // Lines to print for one message, each ended; empty when there is nothing to show.
  std::string Take(std::string_view json);

  // The server greeted this client, so that nothing will be missed from now on.
  [[nodiscard]] bool is_connected() const { return is_connected_; }

  // The turn of our message has ended.
  [[nodiscard]] bool is_turn_over() const { return phase_ == Phase::kOver; }

  // An agent that was seen at work has not come to rest.
  [[nodiscard]] bool has_busy_agents() const { return !busy_.empty(); }

  // The turn failed, or an agent was blocked.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

  // One line about cost and tokens; empty when the server told nothing.
  [[nodiscard]] const std::string& usage() const { return usage_; }

 private:
  // A turn that our message replaces ends between its echo and the start of ours.
  enum class Phase { kSent, kEchoed, kRunning, kOver };

  std::string TakeChat(JsonView message);
  std::string TakeLog(JsonView log);
  std::string TakeStatus(JsonView event);
  std::string TakeUpdate(JsonView orchestrator);
  std::string TakeTyping(bool is_typing);
  std::string EndTurn();
  [[nodiscard]] std::string NameOf(std::string_view agent) const;
  [[nodiscard]] std::string Dim(std::string_view text) const;

  const std::string message_;
  const bool use_color_;
  bool is_connected_ = false;
  bool has_failed_ = false;
  Phase phase_ = Phase::kSent;
  std::string usage_;
  std::set<std::string> busy_;
  std::map<std::string, std::string> names_;
};

// The text with control characters, other than newline and tab, replaced by U+FFFD.
std::string TerminalText(std::string_view text);

}  // namespace tutti::host
