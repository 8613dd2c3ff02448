#include "tests/host/gateway/fake_transport.h"

#include <chrono>

#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

constexpr std::chrono::seconds kPatience{10};

}  // namespace

std::string SentResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

void FakeTransport::Respond(std::uint64_t exchange, const tutti_response& response) {
  SentResponse sent{response.status, {}, std::string(View(response.body))};
  for (std::size_t i = 0; i < response.header_count; ++i) {
    sent.headers.emplace(View(response.headers[i].name), View(response.headers[i].value));
  }
  const std::lock_guard lock(mutex_);
  responses_.emplace(exchange, std::move(sent));
  changed_.notify_all();
}

tutti_code FakeTransport::Begin(std::uint64_t exchange, const tutti_response& head) {
  {
    const std::lock_guard lock(mutex_);
    if (begin_code_ != TUTTI_OK) {
      return begin_code_;
    }
  }
  Respond(exchange, head);
  return TUTTI_OK;
}

bool FakeTransport::Upgrade(std::uint64_t exchange, std::string_view protocol) {
  const std::lock_guard lock(mutex_);
  if (refuses_upgrades_) {
    return false;
  }
  upgrades_.emplace(exchange, protocol);
  return true;
}

void FakeTransport::Send(const std::vector<std::uint64_t>& connections, std::string_view message,
                         std::vector<tutti_code>& accepted) {
  const std::lock_guard lock(mutex_);
  ++sends_;
  accepted.assign(connections.size(), TUTTI_OK);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const auto room = room_.find(connections[i]);
    if (dropped_.contains(connections[i])) {
      accepted[i] = TUTTI_NOT_FOUND;
    } else if (room != room_.end() && room->second == 0) {
      accepted[i] = TUTTI_WOULD_BLOCK;
    } else {
      if (room != room_.end()) {
        --room->second;
      }
      messages_[connections[i]].emplace_back(message);
    }
  }
  changed_.notify_all();
}

void FakeTransport::Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  closes_.emplace(connection, SentClose{code, std::string(reason)});
  changed_.notify_all();
}

void FakeTransport::SetRoom(std::uint64_t connection, std::size_t count) {
  const std::lock_guard lock(mutex_);
  room_[connection] = count;
}

void FakeTransport::Drop(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  dropped_.insert(connection);
}

void FakeTransport::RefuseBegin(tutti_code code) {
  const std::lock_guard lock(mutex_);
  begin_code_ = code;
}

void FakeTransport::RefuseUpgrades() {
  const std::lock_guard lock(mutex_);
  refuses_upgrades_ = true;
}

std::optional<SentResponse> FakeTransport::WaitForResponse(std::uint64_t exchange) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return responses_.contains(exchange); })) {
    return std::nullopt;
  }
  return responses_.at(exchange);
}

std::optional<SentClose> FakeTransport::WaitForClose(std::uint64_t connection) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return closes_.contains(connection); })) {
    return std::nullopt;
  }
  return closes_.at(connection);
}

std::vector<std::string> FakeTransport::WaitForMessages(std::uint64_t connection, std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return messages_[connection].size() >= count; });
  return messages_[connection];
}

bool FakeTransport::has_response(std::uint64_t exchange) const {
  const std::lock_guard lock(mutex_);
  return responses_.contains(exchange);
}

std::optional<std::string> FakeTransport::protocol(std::uint64_t connection) const {
  const std::lock_guard lock(mutex_);
  const auto found = upgrades_.find(connection);
  return found == upgrades_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t FakeTransport::sends() const {
  const std::lock_guard lock(mutex_);
  return sends_;
}

}  // namespace tutti::host
