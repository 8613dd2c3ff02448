// Replies of the fake peer, read from JSON, for tests that start it as a process.
//
// {"replies": [{
//    "contains": [text, ...], "lacks": [text, ...]   which request bodies it answers; default all
//    "times": 1                                      0 = any number
//    "message": {"content": [...], "stop_reason", "usage": {...}, "model"}   streamed as events; or
//    "events": [{...}, ...]                                                  exactly these events; or
//    "body": text                                                            exactly these bytes
//    "status": 200, "headers": {name: value}
//    "split": "whole" | "lines" | "bytes", "framing": "chunked" | "length" | "close"
//    "end": "complete" | "cut" | "hang", "pause_ms": 0, "line_end": "lf" | "crlf" | "cr", "piece_bytes": 5}]}
#pragma once

#include <string_view>
#include <vector>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tutti/sdk/status.hpp"

namespace tutti::fake_anthropic {

Result<std::vector<Reply>> ParseReplies(std::string_view json);

}  // namespace tutti::fake_anthropic
