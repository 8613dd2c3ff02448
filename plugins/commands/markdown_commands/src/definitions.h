// The commands of this plugin, as tutti/abi/command.h describes them.
#pragma once

namespace tutti::markdown_commands {

inline constexpr const char* kListDefinition = R"({
  "name": "slash.list", "summary": "The slash commands that lie in files, by name.", "effects": "read",
  "surfaces": ["rest", "websocket"],
  "input": {"type": "object", "additionalProperties": false, "properties": {}}})";

inline constexpr const char* kExpandDefinition = R"({
  "name": "slash.expand", "summary": "The text that a slash command stands for, its arguments filled in and its shell commands run.",
  "effects": "write", "surfaces": ["rest", "websocket"],
  "input": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 4096},
    "arguments": {"type": "string", "default": ""},
    "session_id": {"type": ["string", "null"]},
    "by": {"enum": ["user", "model"], "default": "user"}}}})";

}  // namespace tutti::markdown_commands
