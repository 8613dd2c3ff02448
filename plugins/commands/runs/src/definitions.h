// The commands of the plugin, as the host is told of them.
#pragma once

namespace tutti::runs::definitions {

inline constexpr const char* kStart = R"({
  "name": "runs.start", "summary": "Starts a run and answers when it has ended.", "effects": "write", "surfaces": [],
  "timeout_ms": -1,
  "input": {"type": "object", "required": ["run", "conversation", "agent", "stream", "prompt"],
    "properties": {
      "run": {"type": "string", "format": "uuid"}, "conversation": {"type": "string"}, "agent": {"type": "string"},
      "stream": {"type": "string"}, "tree": {"type": "string"}, "labels": {"type": "object"},
      "model": {"type": "string"}, "system": {"type": "string"}, "thinking": {"type": "object"},
      "max_tokens": {"type": "integer"}, "tools": {"type": "array", "items": {"type": "string"}},
      "max_turns": {"type": "integer", "minimum": 1},
      "compact": {"type": "object", "properties": {"trigger": {"enum": ["manual", "auto"]},
        "instructions": {"type": "string"}}},
      "prompt": {"type": "string"}, "busy": {"enum": ["queue", "replace", "refuse"]}, "key": {"type": "string"},
      "accepted": {"type": "boolean", "description": "The caller's own batch has inserted the row."},
      "keep_prompt": {"type": "boolean",
        "description": "Interrupted before it begins, its prompt stays in the conversation."},
      "replaceable": {"type": "boolean", "default": true, "description": "Whether one that replaces interrupts it."},
      "wait": {"type": "boolean", "default": true,
        "description": "Answers when the run has ended; otherwise when it is taken up, and goes on without the caller."}}}})";

inline constexpr const char* kSelf = R"({
  "name": "runs.self", "summary": "In whose name this host holds runs, and for how long.", "effects": "read",
  "surfaces": [], "input": {"type": "object"}})";

inline constexpr const char* kWait = R"({
  "name": "runs.wait", "summary": "A run waits until what has this id is over.", "effects": "write",
  "idempotent": true, "surfaces": [],
  "input": {"type": "object", "required": ["run", "id"], "properties": {
    "run": {"type": "string"}, "id": {"type": "string"}, "reason": {"type": "string"}}}})";

inline constexpr const char* kGoOn = R"({
  "name": "runs.go_on", "summary": "What has this id is over; a run goes on when it waits for nothing else.",
  "effects": "write", "idempotent": true, "surfaces": [],
  "input": {"type": "object", "required": ["run", "id"], "properties": {
    "run": {"type": "string"}, "id": {"type": "string"}}}})";

inline constexpr const char* kInterrupt = R"({
  "name": "runs.interrupt",
  "summary": "Stops one tool call, a run, an agent with or without all agents below it, or everything, and answers when all of it has stopped.",
  "effects": "write", "idempotent": true, "surfaces": ["rest", "websocket"],
  "input": {"type": "object", "additionalProperties": false, "properties": {
    "run": {"type": "string"},
    "tool_use_id": {"type": "string", "description": "With run: only this tool call of it."},
    "agent": {"type": "string", "description": "All runs of this agent."},
    "tree": {"type": "string", "description": "All runs of this agent and of the agents below it."},
    "all": {"type": "boolean", "description": "Every run."}}},
  "rest": [{"method": "POST", "path": "/v1/interrupts", "errors": "problem"}]})";

inline constexpr const char* kGet = R"({
  "name": "runs.get", "summary": "One run with its state and totals.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/run RUN"},
  "input": {"type": "object", "required": ["run"], "properties": {"run": {"type": "string"}}},
  "rest": [{"method": "GET", "path": "/v1/runs/{run}", "errors": "problem"}]})";

inline constexpr const char* kCalls = R"({
  "name": "runs.calls", "summary": "The tool calls of a run, and what became of each.", "effects": "read",
  "surfaces": ["rest", "websocket"],
  "input": {"type": "object", "required": ["run"], "properties": {"run": {"type": "string"}}},
  "rest": [{"method": "GET", "path": "/v1/runs/{run}/calls", "errors": "problem"}]})";

inline constexpr const char* kList = R"({
  "name": "runs.list", "summary": "The newest runs first.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/runs [STATUS]"},
  "input": {"type": "object", "properties": {
    "agent": {"type": "string"}, "conversation": {"type": "string"},
    "status": {"enum": ["queued", "running", "waiting", "done", "failed", "interrupted"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}},
  "rest": [{"method": "GET", "path": "/v1/runs", "errors": "problem"}]})";

}  // namespace tutti::runs::definitions
