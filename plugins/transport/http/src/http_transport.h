// The plugin: a Server behind the C boundary of a transport.
//
// Each Listen makes a new Server, so that the plugin can be deactivated and activated again; numbers of a former one
// answer NOT_FOUND.
#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "handler.h"
#include "metrics_reporter.h"
#include "server.h"
#include "settings.h"
#include "tutti/abi/transport.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::transport::http {

class HttpTransport : private Handler {
 public:
  explicit HttpTransport(Host host);
  ~HttpTransport() override;

  Status Init(const Config& config);
  Status Activate();
  void Deactivate();
  const void* Extension(std::string_view id);

  // The functions of tutti_transport, which says what they do.
  [[nodiscard]] Result<std::vector<std::string>> Listen();
  void Pause();
  [[nodiscard]] Status Respond(std::uint64_t exchange, const tutti_response& response);
  [[nodiscard]] Status Begin(std::uint64_t exchange, const tutti_response& head);
  [[nodiscard]] Status Upgrade(std::uint64_t exchange, std::string_view protocol, const tutti_header* headers,
                               std::size_t count);
  void Send(const std::uint64_t* connections, std::size_t count, std::string_view message, tutti_code* accepted);
  [[nodiscard]] Status Close(std::uint64_t connection, std::uint32_t code, std::string_view reason);

 private:
  void OnRequest(const RequestView& request) override;
  void OnMessage(std::uint64_t connection, std::string_view message, bool is_text) override;
  void OnWritable(std::uint64_t connection) override;
  void OnClose(std::uint64_t connection, std::uint16_t code) override;

  // nullptr before Listen.
  [[nodiscard]] std::shared_ptr<Server> server() const;

  Host host_;
  const tutti_host_gateway* gateway_;
  Settings settings_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<Server> server_;  // guarded by mutex_
  std::shared_ptr<MetricsReporter> metrics_;
};

}  // namespace tutti::transport::http
