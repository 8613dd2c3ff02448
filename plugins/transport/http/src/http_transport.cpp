#include "http_transport.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::transport::http {
namespace {

std::vector<HeaderView> ToHeaders(const tutti_header* headers, std::size_t count) {
  std::vector<HeaderView> views;
  views.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    views.push_back({View(headers[i].name), View(headers[i].value)});
  }
  return views;
}

tutti_code ToCode(Acceptance acceptance) {
  switch (acceptance) {
    case Acceptance::kAccepted:
      return TUTTI_OK;
    case Acceptance::kWouldBlock:
      return TUTTI_WOULD_BLOCK;
    case Acceptance::kNotFound:
      break;
  }
  return TUTTI_NOT_FOUND;
}

// Runs fn() -> Status or void; what is thrown becomes INTERNAL, as nothing may be thrown through the table.
template <typename Fn>
Status Guarded(Fn&& fn) {
  try {
    if constexpr (std::is_void_v<decltype(fn())>) {
      fn();
      return {};
    } else {
      return fn();
    }
  } catch (const std::exception& error) {
    return Status::Internal(std::string("the HTTP transport failed: ") + error.what());
  }
}

HttpTransport& Self(void* self) {
  return PluginOf<HttpTransport>(self);
}

tutti_code ListenEntry(void* self, const tutti_sink* bound, const tutti_sink* error) {
  const Status status = Guarded([&]() -> Status {
    const Result<std::vector<std::string>> addresses = Self(self).Listen();
    if (!addresses.ok()) {
      return addresses.status();
    }
    JsonWriter json;
    json.BeginArray();
    for (const std::string& address : *addresses) {
      json.Value(address);
    }
    Write(bound, json.EndArray().view());
    return {};
  });
  Write(error, status.message());
  return static_cast<tutti_code>(status.code());
}

void PauseEntry(void* self) {
  (void)Guarded([&] { Self(self).Pause(); });
}

tutti_code RespondEntry(void* self, std::uint64_t exchange, const tutti_response* response) {
  const Status status = Guarded([&]() -> Status {
    if (!TUTTI_HAS(response, tutti_response, body)) {
      return Status::InvalidArgument("expected a tutti_response with a body field");
    }
    return Self(self).Respond(exchange, *response);
  });
  return static_cast<tutti_code>(status.code());
}

tutti_code BeginEntry(void* self, std::uint64_t exchange, const tutti_response* head) {
  const Status status = Guarded([&]() -> Status {
    if (!TUTTI_HAS(head, tutti_response, header_count)) {
      return Status::InvalidArgument("expected a tutti_response with headers");
    }
    return Self(self).Begin(exchange, *head);
  });
  return static_cast<tutti_code>(status.code());
}

tutti_code UpgradeEntry(void* self, std::uint64_t exchange, tutti_str protocol, const tutti_header* headers,
                        std::size_t count) {
  const Status status = Guarded([&] { return Self(self).Upgrade(exchange, View(protocol), headers, count); });
  return static_cast<tutti_code>(status.code());
}

void SendEntry(void* self, const std::uint64_t* connections, std::size_t count, tutti_str message,
               tutti_code* accepted) {
  const Status status = Guarded([&] { Self(self).Send(connections, count, View(message), accepted); });
  for (std::size_t i = 0; !status.ok() && i < count; ++i) {
    accepted[i] = TUTTI_INTERNAL;
  }
}

tutti_code CloseEntry(void* self, std::uint64_t connection, std::uint32_t code, tutti_str reason) {
  const Status status = Guarded([&] { return Self(self).Close(connection, code, View(reason)); });
  return static_cast<tutti_code>(status.code());
}

}  // namespace

HttpTransport::HttpTransport(Host host)
    : host_(std::move(host)), gateway_(host_.Find<tutti_host_gateway>(TUTTI_SERVICE_GATEWAY)) {}

HttpTransport::~HttpTransport() {
  Deactivate();
}

Status HttpTransport::Init(const Config& config) {
  Result<Settings> settings = ParseSettings(config.view().Dump());
  if (!settings.ok()) {
    return settings.status();
  }
  settings_ = *std::move(settings);
  return {};
}

Status HttpTransport::Activate() {
  if (gateway_ == nullptr) {
    return Status::FailedPrecondition(std::string("expected the host service ") + TUTTI_SERVICE_GATEWAY +
                                      ", which this host does not have");
  }
  return {};
}

void HttpTransport::Deactivate() {
  if (const std::shared_ptr<Server> current = server()) {
    current->Stop(settings_.stop_timeout);
  }
  if (const std::shared_ptr<MetricsReporter> metrics = std::exchange(metrics_, nullptr)) {
    metrics->Stop();
  }
}

const void* HttpTransport::Extension(std::string_view id) {
  static constexpr tutti_transport kTable{sizeof kTable, &ListenEntry, &PauseEntry, &RespondEntry,
                                          &UpgradeEntry, &SendEntry,   &CloseEntry, &BeginEntry};
  return id == TUTTI_KIND_TRANSPORT ? &kTable : nullptr;
}

Result<std::vector<std::string>> HttpTransport::Listen() {
  Deactivate();
  auto fresh = std::make_shared<Server>(settings_, static_cast<Handler&>(*this));
  // Known before it serves, so that the first request can be answered.
  {
    const std::unique_lock lock(mutex_);
    server_ = fresh;
  }
  Result<Server::Listening> listening = fresh->Listen();
  if (!listening.ok()) {
    return listening.status();
  }
  for (const std::string& warning : listening->warnings) {
    host_.Log(TUTTI_LOG_WARNING, "a configured address is not available", JsonObject()("reason", warning).Take());
  }
  metrics_ = std::make_shared<MetricsReporter>(host_, fresh);
  metrics_->Start();
  return std::move(listening->addresses);
}

void HttpTransport::Pause() {
  if (const std::shared_ptr<Server> current = server()) {
    current->Pause();
  }
}

Status HttpTransport::Respond(std::uint64_t exchange, const tutti_response& response) {
  const std::shared_ptr<Server> current = server();
  if (!current) {
    return Status::NotFound("nothing is open: the transport does not listen");
  }
  const std::vector<HeaderView> headers = ToHeaders(response.headers, response.header_count);
  return current->Respond(
      exchange, {.status = static_cast<int>(response.status), .headers = headers, .body = View(response.body)});
}

Status HttpTransport::Begin(std::uint64_t exchange, const tutti_response& head) {
  const std::shared_ptr<Server> current = server();
  if (!current) {
    return Status::NotFound("nothing is open: the transport does not listen");
  }
  const std::vector<HeaderView> headers = ToHeaders(head.headers, head.header_count);
  return current->Begin(exchange, {.status = static_cast<int>(head.status), .headers = headers, .body = {}});
}

Status HttpTransport::Upgrade(std::uint64_t exchange, std::string_view protocol, const tutti_header* headers,
                              std::size_t count) {
  const std::shared_ptr<Server> current = server();
  if (!current) {
    return Status::NotFound("nothing is open: the transport does not listen");
  }
  return current->Upgrade(exchange, protocol, ToHeaders(headers, count));
}

void HttpTransport::Send(const std::uint64_t* connections, std::size_t count, std::string_view message,
                         tutti_code* accepted) {
  std::vector<Acceptance> acceptances(count, Acceptance::kNotFound);
  if (const std::shared_ptr<Server> current = server()) {
    current->Send({connections, count}, message, acceptances);
  }
  std::transform(acceptances.begin(), acceptances.end(), accepted, &ToCode);
}

Status HttpTransport::Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) {
  const std::shared_ptr<Server> current = server();
  if (!current) {
    return Status::NotFound("nothing is open: the transport does not listen");
  }
  if (code > 0xFFFF) {
    return Status::InvalidArgument("expected a close code of two bytes, found " + std::to_string(code));
  }
  return current->Close(connection, static_cast<std::uint16_t>(code), reason);
}

void HttpTransport::OnRequest(const RequestView& request) {
  thread_local std::vector<tutti_header> headers;
  headers.clear();
  for (const HeaderView& header : request.headers) {
    headers.push_back({Str(header.name), Str(header.value)});
  }
  const tutti_request raw{.size = sizeof raw,
                          .exchange = request.exchange,
                          .is_upgrade = request.is_upgrade ? 1U : 0U,
                          .is_secure = 0,
                          .method = Str(request.method),
                          .target = Str(request.target),
                          .headers = headers.data(),
                          .header_count = headers.size(),
                          .body = Str(request.body),
                          .peer = Str(request.peer),
                          .local = Str(request.local)};
  gateway_->on_request(host_.raw(), &raw);
}

void HttpTransport::OnMessage(std::uint64_t connection, std::string_view message, bool is_text) {
  gateway_->on_message(host_.raw(), connection, Str(message), is_text ? 1 : 0);
}

void HttpTransport::OnWritable(std::uint64_t connection) {
  gateway_->on_writable(host_.raw(), connection);
}

void HttpTransport::OnClose(std::uint64_t connection, std::uint16_t code) {
  gateway_->on_close(host_.raw(), connection, code);
}

std::shared_ptr<Server> HttpTransport::server() const {
  const std::shared_lock lock(mutex_);
  return server_;
}

}  // namespace tutti::transport::http
