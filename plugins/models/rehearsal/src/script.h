// Rehearsal scripts: the scenes that the rehearsal model plays, read from YAML.
//
// Ownership: a Script owns everything it holds and is immutable once loaded; it may be read from any thread.
// Errors: INVALID_ARGUMENT with one sentence per fault, each with file and line, all found in one pass.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace re2 {
class RE2;
}

namespace tutti::rehearsal {

using Pattern = std::shared_ptr<const re2::RE2>;

// All that is given must hold. A scene without `tool`, `result`, `is_error` and `turn` answers prompts only, never tool
// results. Patterns are searched for, without case; absent ones match everything.
struct Condition {
  Pattern prompt;  // the last user message that is not tool results
  Pattern tool;    // name of the tool whose result came last; must match in full
  Pattern result;  // text of the last tool result
  Pattern system;  // the system prompt
  std::optional<bool> is_error;
  std::optional<std::int64_t> turn;  // model calls since the prompt, from 1
  std::vector<std::string> offers;   // tools that the request must offer
};

struct Block {
  enum class Kind { kText, kThinking, kToolUse };
  Kind kind = Kind::kText;
  std::string text;        // kText, kThinking; ${...} is filled in when played
  std::string tool_name;   // kToolUse
  std::string input_json;  // kToolUse; an object, ${...} inside its strings is filled in when played
};

struct Failure {
  Code code = Code::kUnavailable;
  std::string message;
  std::chrono::milliseconds retry_after{0};
  std::int64_t after_deltas = 0;  // how many events are sent before it
};

struct Scene {
  std::string name;  // for messages
  Condition when;
  std::vector<Block> say;
  std::string stop_reason;                         // empty: tool_use when a tool is used, else end_turn
  std::map<std::string, std::int64_t> usage;       // what is absent is estimated
  std::optional<std::chrono::milliseconds> delay;  // between events; absent: the configured one
  std::optional<Failure> fail;
  std::int64_t times = 0;  // how often it may be played in this process; 0 = no limit
};

struct Script {
  std::vector<Scene> scenes;
};

// `origin` names the text in errors, usually its path.
Result<Script> ParseScript(std::string_view yaml, const std::string& origin);

// Reads one file, or every *.yaml of a directory in the order of their names. A file may have 1 MiB.
Result<std::vector<Script>> LoadScripts(const std::string& path);

}  // namespace tutti::rehearsal
