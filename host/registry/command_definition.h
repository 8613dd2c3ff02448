// A command as its plugin describes it (tutti/abi/command.h), checked and typed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

enum class Effects { kRead, kWrite, kDestructive };

enum class ErrorBody { kDetail, kProblem };

struct RestBinding {
  std::string method;
  std::string path;  // may hold {name} segments
  ErrorBody errors = ErrorBody::kProblem;
  int status = 200;
  bool is_raw = false;     // the result says content type and bytes (see gateway/raw_answer.h)
  bool is_events = false;  // the result says what is followed; the answer has no end (see gateway/following.h)
  bool is_public = false;  // needs no token
};

struct CommandDefinition {
  std::string name;
  std::string summary;
  std::string input = R"({"type":"object"})";  // JSON Schema
  std::string output;                          // JSON Schema, or empty
  Effects effects = Effects::kWrite;
  bool idempotent = false;
  bool nonblocking = false;
  bool confirm = false;
  std::vector<std::string> scopes;
  std::int64_t timeout_ms = 0;  // 0: the manifest's
  bool on_rest = true;
  bool on_websocket = true;
  bool on_slash = true;
  bool on_tool = true;
  std::string slash_usage;  // "/name ARG..."
  std::string tool_name;
  std::string tool_display;  // signature for listings, or empty
  std::vector<RestBinding> rest;
  std::string websocket_path;  // or empty
};

const char* ToString(Effects effects);

// Errors name the command and the member.
Result<CommandDefinition> ParseCommandDefinition(JsonView json);

}  // namespace tutti::host
