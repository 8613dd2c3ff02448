// Which events somebody asks for: the arguments that `/ws`, the event stream and the pages of events share.
//
// Threads: values.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {

struct EventQuery {
  static EventQuery Read(JsonView args);

  // Whether anything was asked for at all.
  [[nodiscard]] bool is_empty() const { return since.empty() && filter == "{}"; }

  std::string since;   // JSON: a number, or null for what happens from now on; empty: not named
  std::string filter;  // JSON object: {"agent","run","tree","types"}, only what was named
};

// What a client that follows `stream` is answered (websocket in tutti/abi/command.h); `first` is JSON, or empty. A
// client that `is_always_whole` gets whole events also when it asks for nothing.
std::string FollowAnswer(const EventQuery& query, std::string_view stream, std::string_view first,
                         bool is_always_whole);

// The operation that reads a page: {"op":"journal",...}.
std::string JournalOperation(const EventQuery& query, std::string_view stream, std::int64_t limit);

// The answer to GET /v1/events out of the operation's result: with "expired", a marker, when the journal does not hold
// all numbers that were asked for any more.
std::string EventPage(std::string_view result, std::string_view stream, std::int64_t since);

}  // namespace tutti::orchestrator
