// One completion over the Messages API, from the normalised request to the normalised result.
//
// Threads: Complete from any number of threads at once; it blocks until the completion has ended.
// Secrets: the key goes into one request header and nowhere else; it is cut out of whatever a peer echoes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cancellation.h"
#include "connection_pool.h"
#include "message_assembler.h"
#include "model_table.h"
#include "request_builder.h"
#include "retry_policy.h"

namespace tutti::anthropic {

struct ClientSettings {
  Endpoint endpoint;
  ConnectionSettings connection;
  RetrySettings retry;
  BuilderSettings builder;
  std::string api_key;
  std::size_t max_event_bytes = 8 << 20;
  std::size_t max_response_bytes = 64 << 20;
};

class Client {
 public:
  Client(ClientSettings settings, ModelTable models);

  // `emit` takes the events of tutti/abi/model.h; its failure ends the completion. CANCELLED when cancelled.
  Result<std::string> Complete(std::string_view request, Cancellation& cancellation,
                               const MessageAssembler::Emit& emit);

  [[nodiscard]] const ModelTable& models() const { return models_; }

  // REQUIRES: no Complete is running.
  void CloseIdleConnections() { connections_.CloseIdle(); }

 private:
  struct Exchange;

  std::optional<Failure> Run(Exchange& exchange, Cancellation& cancellation);
  std::optional<Failure> RunOn(std::unique_ptr<Connection> connection, Exchange& exchange);
  std::optional<Failure> ReadStream(std::streambuf& body, Exchange& exchange) const;
  Result<std::string> ToResult(Exchange& exchange) const;
  [[nodiscard]] Status WithoutKey(const Status& status) const;

  const ClientSettings settings_;
  const ModelTable models_;
  const RetryPolicy retry_policy_;
  ConnectionPool connections_;
};

}  // namespace tutti::anthropic
