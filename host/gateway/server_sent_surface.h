// Clients of server-sent events: an answer to GET that has no end.
//
// The command behind a route with "answer": "events" says what the client follows (following.h). A client that comes
// back names the last number it has in Last-Event-ID, which is the command's argument `since`.
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "host/gateway/event_streams.h"
#include "host/gateway/responder.h"
#include "host/gateway/seats.h"

namespace tutti::host {

class ServerSentSurface : public std::enable_shared_from_this<ServerSentSurface> {
 public:
  ServerSentSurface(std::shared_ptr<EventStreams> streams, std::shared_ptr<Seats> seats)
      : streams_(std::move(streams)), seats_(std::move(seats)) {}

  // Answers the request for which the command answered this.
  void Open(const Exchange& exchange, const std::string& answer, bool is_head, ErrorBody form);

  void OnWritable(const ConnectionKey& key);

  // false: not one of the clients.
  bool OnClose(const ConnectionKey& key);

 private:
  [[nodiscard]] bool IsOpen(const ConnectionKey& key) const;

  const std::shared_ptr<EventStreams> streams_;
  const std::shared_ptr<Seats> seats_;
  mutable std::mutex mutex_;
  std::set<ConnectionKey> open_;  // guarded by mutex_
};

}  // namespace tutti::host
