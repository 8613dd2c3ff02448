// A transport that remembers what it was told, with queues as small as a test wants them.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/transport_port.h"

namespace tutti::host {

struct SentResponse {
  std::uint32_t status = 0;
  std::multimap<std::string, std::string> headers;
  std::string body;

  // Empty: absent.
  [[nodiscard]] std::string Header(const std::string& name) const;
};

struct SentClose {
  std::uint32_t code = 0;
  std::string reason;
};

class FakeTransport : public TransportPort {
 public:
  void Respond(std::uint64_t exchange, const tutti_response& response) override;
  tutti_code Begin(std::uint64_t exchange, const tutti_response& head) override;
  bool Upgrade(std::uint64_t exchange, std::string_view protocol) override;
  void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
            std::vector<tutti_code>& accepted) override;
  void Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) override;

  // From now on the connection takes `count` more messages and then answers WOULD_BLOCK.
  void SetRoom(std::uint64_t connection, std::size_t count);
  // Sends answer NOT_FOUND from now on.
  void Drop(std::uint64_t connection);
  void RefuseUpgrades();
  // Begin answers this from now on.
  void RefuseBegin(tutti_code code);

  // Wait for it; empty after ten seconds without.
  std::optional<SentResponse> WaitForResponse(std::uint64_t exchange);
  std::optional<SentClose> WaitForClose(std::uint64_t connection);
  // At least `count` messages, or what there is after ten seconds.
  std::vector<std::string> WaitForMessages(std::uint64_t connection, std::size_t count);

  [[nodiscard]] bool has_response(std::uint64_t exchange) const;
  [[nodiscard]] std::optional<std::string> protocol(std::uint64_t connection) const;
  // Calls of Send so far.
  [[nodiscard]] std::size_t sends() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, SentResponse> responses_;
  std::map<std::uint64_t, std::string> upgrades_;
  std::map<std::uint64_t, std::vector<std::string>> messages_;
  std::map<std::uint64_t, SentClose> closes_;
  std::map<std::uint64_t, std::size_t> room_;
  std::set<std::uint64_t> dropped_;
  bool refuses_upgrades_ = false;
  tutti_code begin_code_ = TUTTI_OK;
  std::size_t sends_ = 0;
};

}  // namespace tutti::host
