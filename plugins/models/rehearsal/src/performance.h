// A chosen scene worked out: the events to send, with what pause between them, and how the call ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "playbook.h"
#include "tutti/sdk/status.hpp"

namespace tutti::rehearsal {

struct Staging {
  std::chrono::milliseconds delay{10};  // between events, unless the scene says otherwise
  std::size_t piece_characters = 24;    // text per delta
  std::size_t max_text_bytes = 65536;   // of one filled-in text; the rest is cut
};

struct Performance {
  std::vector<std::string> events;  // JSON as in tutti/abi/model.h
  std::chrono::milliseconds delay{0};
  Status failure;      // not OK: the call fails after the events
  std::string result;  // OK: the call's result as JSON
};

// `id` makes the message's request id and tool_use ids unique.
Performance Stage(const Choice& choice, const Situation& situation, const Staging& staging, const std::string& id);

}  // namespace tutti::rehearsal
