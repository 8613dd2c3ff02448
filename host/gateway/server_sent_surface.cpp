#include "host/gateway/server_sent_surface.h"

#include <utility>

namespace tutti::host {

void ServerSentSurface::Open(const Exchange& exchange, const std::string& answer, bool is_head, ErrorBody form) {
  Result<Following> following = Following::Parse(answer, Following::Client::kServerSent);
  if (!following.ok()) {
    RespondStatus(exchange, following.status(), form, {});
    return;
  }
  if (is_head) {
    // The transport ends the answer with its headers.
    if (const Status begun = BeginEvents(exchange); !begun.ok()) {
      RespondStatus(exchange, begun, form, {});
    }
    return;
  }
  if (!seats_->Take()) {
    RespondStatus(exchange,
                  Status::Unavailable("expected at most " + std::to_string(seats_->most()) +
                                      " clients of WebSockets and event streams, all places are taken; try again later")
                      .WithRetryAfter(kSeatRetry),
                  form, {});
    return;
  }
  // Before the answer begins, so that its end finds it.
  const ConnectionKey key{exchange.transport, exchange.id};
  {
    const std::lock_guard lock(mutex_);
    open_.insert(key);
  }
  if (const Status begun = BeginEvents(exchange); !begun.ok()) {
    OnClose(key);
    RespondStatus(exchange, begun, form, {});
    return;
  }
  streams_->Follow(key, std::make_shared<const Following>(std::move(*following)),
                   [self = shared_from_this(), key] { return !self->IsOpen(key); });
}

void ServerSentSurface::OnWritable(const ConnectionKey& key) {
  if (IsOpen(key)) {
    streams_->Resume(key);
  }
}

bool ServerSentSurface::OnClose(const ConnectionKey& key) {
  {
    const std::lock_guard lock(mutex_);
    if (open_.erase(key) == 0) {
      return false;
    }
  }
  seats_->GiveBack();
  streams_->Remove(key);
  return true;
}

bool ServerSentSurface::IsOpen(const ConnectionKey& key) const {
  const std::lock_guard lock(mutex_);
  return open_.contains(key);
}

}  // namespace tutti::host
