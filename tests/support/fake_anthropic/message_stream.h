// Writes the server-sent events of one streamed message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti {
class JsonView;
}

namespace tutti::fake_anthropic {

// "event: NAME" and "data: JSON" and a blank line, per event; each event is JSON with a `type`.
std::string ToSse(const std::vector<std::string>& events, std::string_view line_end = "\n");

// The events of a whole message given as the API returns it without streaming: {"id","model","content":[...],
// "stop_reason","usage":{...}}. Every text, thinking and argument text comes in pieces of at most piece_bytes, a
// signature in one.
std::vector<std::string> MessageEvents(const JsonView& message, std::size_t piece_bytes = 5);

// The same from JSON text, which must be valid.
std::vector<std::string> MessageEvents(std::string_view message_json, std::size_t piece_bytes = 5);

}  // namespace tutti::fake_anthropic
