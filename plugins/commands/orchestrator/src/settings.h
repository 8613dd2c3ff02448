// Settings: the plugin's configuration, read in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent_template.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::orchestrator {

// The prompt that the plugin ships (system_prompt.md).
extern const char* const kDefaultPrompt;

struct Settings {
  // `config` as plugin.yaml's schema accepted it. Reads the prompt file; the error names it.
  static Result<Settings> FromConfig(JsonView config);

  // The prompt for the next turn: that of the file as it is now, where it is one. What cannot be read is logged, and a
  // prompt of one line takes its place.
  [[nodiscard]] std::string Prompt(const Host& host) const;

  std::string session;      // empty: a new one; "last"; or an id
  std::string working_dir;  // absolute
  std::string model;
  std::string agent_model;
  std::string system_prompt;       // as read at the start; placeholders not filled in
  std::string system_prompt_path;  // empty: the prompt is no file
  std::vector<std::string> chat_tools;
  std::vector<std::string> agent_tools;
  std::int64_t max_chat_turns = 200;
  std::int64_t max_agent_turns = 500;
  std::int64_t history_limit = 1000;
  std::int64_t chat_history_limit = 50;  // where a question names none
  std::int64_t agent_log_limit = 50;
  std::int64_t system_log_limit = 50;
  std::size_t max_waiting_messages = 16;
  std::size_t max_waiting_commands = 16;
  std::chrono::milliseconds stop_timeout{10000};
};

// Whether the prompt has a place for the templates.
bool NamesTemplates(std::string_view prompt);

// The prompt with {{SUBAGENT_MAP}} filled in: a line per template.
std::string FillPrompt(std::string_view prompt, const std::vector<AgentTemplate>& templates);

}  // namespace tutti::orchestrator
