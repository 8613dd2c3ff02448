#include "settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kPlaceholder = "{{SUBAGENT_MAP}}";
constexpr std::string_view kNoTemplates = "There are no templates; describe each agent with a `system_prompt`.";
constexpr std::string_view kShortPrompt =
    "You lead a team of agents: create them, command them and report to the user what comes of it.";
constexpr std::uintmax_t kMostPromptBytes = 1U << 20U;
// A prompt is paid for in every turn; a folder may hold thousands.
constexpr std::size_t kMostTemplatesInPrompt = 200;

// On one line, so that it cannot look like a part of the prompt.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return line;
}

std::string TemplateMap(const std::vector<AgentTemplate>& templates) {
  std::string map;
  for (std::size_t i = 0; i < std::min(templates.size(), kMostTemplatesInPrompt); ++i) {
    const AgentTemplate& item = templates[i];
    map += (map.empty() ? "- **" : "\n- **") + OneLine(item.name) + "**: " + OneLine(item.description);
  }
  if (templates.size() > kMostTemplatesInPrompt) {
    map += "\n- and " + std::to_string(templates.size() - kMostTemplatesInPrompt) +
           " more, which can be used by name as well; ask the user for it";
  }
  return map.empty() ? std::string(kNoTemplates) : map;
}

std::vector<std::string> Names(JsonView list) {
  std::vector<std::string> names;
  list.ForEach([&](JsonView name) { names.emplace_back(name.AsString()); });
  return names;
}

Result<std::string> ReadPrompt(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) {
    return Status::NotFound("system_prompt_path: cannot read \"" + path + "\": " + error.message() +
                            "; give the path of a text file, or leave it empty for the prompt that is shipped");
  }
  if (size > kMostPromptBytes) {
    return Status::InvalidArgument("system_prompt_path: \"" + path + "\" has " + std::to_string(size) +
                                   " bytes; a prompt may have 1 MiB");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Status::Unavailable("system_prompt_path: reading \"" + path + "\" failed");
  }
  return CleanUtf8(text.str());
}

Result<std::string> FindWorkingDirectory(std::string_view configured) {
  std::error_code error;
  const std::filesystem::path path =
      configured.empty() ? std::filesystem::current_path(error) : std::filesystem::path(configured);
  const std::filesystem::path absolute = std::filesystem::canonical(path, error);
  if (error || !std::filesystem::is_directory(absolute, error)) {
    return Status::NotFound("working_dir: \"" + path.string() + "\" is no directory; name one that exists");
  }
  return absolute.string();
}

}  // namespace

Result<Settings> Settings::FromConfig(JsonView config) {
  Settings settings;
  const Result<std::string> directory = FindWorkingDirectory(config["working_dir"].AsString());
  if (!directory.ok()) {
    return directory.status();
  }
  settings.working_dir = *directory;
  settings.session = config["session"].AsString();
  settings.system_prompt = config["system_prompt"].AsString();
  if (settings.system_prompt.empty()) {
    settings.system_prompt_path = config["system_prompt_path"].AsString();
  }
  if (!settings.system_prompt_path.empty()) {
    Result<std::string> prompt = ReadPrompt(settings.system_prompt_path);
    // A session that is resumed has had its prompt.
    if (!prompt.ok() && settings.session.empty()) {
      return prompt.status();
    }
    settings.system_prompt = prompt.ok() ? std::move(*prompt) : std::string(kShortPrompt);
  }
  if (settings.system_prompt.empty()) {
    settings.system_prompt = kDefaultPrompt;
  }
  settings.model = config["model"].AsString();
  settings.agent_model = config["agent_model"].AsString();
  settings.chat_tools = Names(config["chat_tools"]);
  settings.agent_tools = Names(config["agent_tools"]);
  settings.max_chat_turns = config["max_chat_turns"].AsInt(settings.max_chat_turns);
  settings.max_agent_turns = config["max_agent_turns"].AsInt(settings.max_agent_turns);
  settings.history_limit = config["history_limit"].AsInt(settings.history_limit);
  settings.chat_history_limit = config["chat_history_limit"].AsInt(settings.chat_history_limit);
  settings.agent_log_limit = config["agent_log_limit"].AsInt(settings.agent_log_limit);
  settings.system_log_limit = config["system_log_limit"].AsInt(settings.system_log_limit);
  settings.max_waiting_messages = static_cast<std::size_t>(config["max_waiting_messages"].AsInt(16));
  settings.max_waiting_commands = static_cast<std::size_t>(config["max_waiting_commands"].AsInt(16));
  settings.stop_timeout = std::chrono::milliseconds(config["stop_timeout_ms"].AsInt(10000));
  return settings;
}

std::string Settings::Prompt(const Host& host) const {
  if (system_prompt_path.empty()) {
    return system_prompt;
  }
  Result<std::string> prompt = ReadPrompt(system_prompt_path);
  if (prompt.ok()) {
    return std::move(*prompt);
  }
  host.Log(TUTTI_LOG_WARNING, "the orchestrator's prompt could not be read; a short one takes its place",
           JsonObject()("error", prompt.status().ToString()).Take());
  return std::string(kShortPrompt);
}

bool NamesTemplates(std::string_view prompt) {
  return prompt.find(kPlaceholder) != std::string_view::npos;
}

std::string FillPrompt(std::string_view prompt, const std::vector<AgentTemplate>& templates) {
  const std::string map = TemplateMap(templates);
  std::string text(prompt);
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at)) {
    text.replace(at, kPlaceholder.size(), map);
    at += map.size();
  }
  return text;
}

}  // namespace tutti::orchestrator
