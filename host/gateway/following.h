// What a client follows: the answer of the command that a WebSocket or an event stream is opened through.
//
//   {"first": JSON sent first, optional, "streams": [string], "since": number or null, "filter": object}
// With "since" or "filter" a WebSocket client gets EVENT objects, else only the events' data (event_frame.h). With a
// number the client gets all events behind it, stored ones first: then there is exactly one stream.
// Threads: a value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/event_filter.h"
#include "host/gateway/event_frame.h"

namespace tutti::host {

struct Following {
  // Of a client's streams more are left out.
  static constexpr std::size_t kMaxStreams = 64;

  enum class Client : std::uint8_t { kWebSocket, kServerSent };

  // INTERNAL names the member: the plugin broke the form.
  static Result<Following> Parse(std::string_view answer, Client client);

  std::string first;  // empty: none
  std::vector<std::string> streams;
  std::optional<std::uint64_t> since;
  EventFilter filter;
  FrameForm form = FrameForm::kMessage;
};

using FollowingPtr = std::shared_ptr<const Following>;

}  // namespace tutti::host
