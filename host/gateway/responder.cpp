#include "host/gateway/responder.h"

#include <array>

#include "host/gateway/transport_port.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

class Headers {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (count_ < list_.size()) {
      list_[count_++] = {Str(name), Str(value)};
    }
  }

  [[nodiscard]] const tutti_header* data() const { return list_.data(); }

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  std::array<tutti_header, 16> list_;
  std::size_t count_ = 0;
};

void AddOrigin(Headers& headers, const Exchange& exchange) {
  headers.Add("Vary", "Origin");
  if (!exchange.allow_origin.empty()) {
    headers.Add("Access-Control-Allow-Origin", exchange.allow_origin);
    headers.Add("Access-Control-Allow-Credentials", "true");
  }
}

void Send(const Exchange& exchange, std::uint32_t status, const Headers& headers, std::string_view body) {
  exchange.transport->Respond(exchange.id, {sizeof(tutti_response), status, headers.data(), headers.size(), Str(body)});
  if (exchange.on_answer) {
    exchange.on_answer(status);
  }
}

// One finding of the schema with the place it was found in put in front of its path.
void WriteError(JsonWriter& writer, JsonView error, std::string_view location) {
  writer.BeginObject();
  error.ForEachMember([&](std::string_view key, JsonView value) {
    writer.Key(key);
    if (key != "loc") {
      writer.Value(*value.raw());
      return;
    }
    writer.BeginArray();
    if (!location.empty()) {
      writer.Value(location);
    }
    value.ForEach([&](JsonView part) { writer.Value(*part.raw()); });
    writer.EndArray();
  });
  writer.EndObject();
}

// false: the status carries no findings, nothing was written.
bool WriteErrors(JsonWriter& writer, std::string_view key, const Status& status, std::string_view location) {
  if (status.details().empty()) {
    return false;
  }
  const Result<Json> details = Json::Parse(status.details());
  if (!details.ok() || !(*details)["errors"].is_array()) {
    return false;
  }
  writer.Key(key).BeginArray();
  (*details)["errors"].ForEach([&](JsonView error) { WriteError(writer, error, location); });
  writer.EndArray();
  return true;
}

const tutti_status_row& RowOf(const Status& status) {
  return *tutti_status_find(static_cast<tutti_code>(status.code()));
}

const char* TitleOf(int http) {
  switch (http) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 499:
      return "Client Closed Request";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

void RespondWith(const Exchange& exchange, std::uint32_t status, std::string_view content_type,
                 std::string_view cache_control, std::span<const ExtraHeader> extra, std::string_view body) {
  Headers headers;
  if (!content_type.empty()) {
    headers.Add("Content-Type", content_type);
  }
  headers.Add("X-Content-Type-Options", "nosniff");
  headers.Add("Cache-Control", cache_control);
  AddOrigin(headers, exchange);
  for (const ExtraHeader& header : extra) {
    headers.Add(header.name, header.value);
  }
  Send(exchange, status, headers, body);
}

void Respond(const Exchange& exchange, std::uint32_t status, std::string_view content_type, std::string_view body,
             ExtraHeader extra) {
  const std::size_t count = extra.name.empty() ? 0 : 1;
  RespondWith(exchange, status, content_type, "no-store", {&extra, count}, body);
}

Status BeginEvents(const Exchange& exchange) {
  Headers headers;
  headers.Add("Content-Type", "text/event-stream");
  headers.Add("Cache-Control", "no-store");
  headers.Add("X-Content-Type-Options", "nosniff");
  // Proxies that collect an answer before they pass it on must not do so here.
  headers.Add("X-Accel-Buffering", "no");
  AddOrigin(headers, exchange);
  const tutti_code code =
      exchange.transport->Begin(exchange.id, {sizeof(tutti_response), 200, headers.data(), headers.size(), {}});
  if (code == TUTTI_OK && exchange.on_answer) {
    exchange.on_answer(200);
  }
  switch (code) {
    case TUTTI_OK:
      return {};
    case TUTTI_UNIMPLEMENTED:
      return Status::Unimplemented("the transport of this connection has no answers without an end; use a WebSocket");
    case TUTTI_UNAVAILABLE:
      return Status::Unavailable("this server is stopping; try again later");
    default:
      return Status(static_cast<Code>(code), "the answer could not be begun");
  }
}

void RespondDetail(const Exchange& exchange, std::uint32_t status, std::string_view message, ExtraHeader extra) {
  Respond(exchange, status, kJson, JsonObject()("detail", message).Take(), extra);
}

void RespondUnauthenticated(const Exchange& exchange) {
  RespondDetail(exchange, 401, "expected a token this server knows, as 'Authorization: Bearer <token>'",
                {"WWW-Authenticate", "Bearer"});
}

void RespondPreflight(const Exchange& exchange, std::string_view requested_headers) {
  Headers headers;
  headers.Add("Content-Type", kPlainText);
  headers.Add("X-Content-Type-Options", "nosniff");
  AddOrigin(headers, exchange);
  headers.Add("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  if (!requested_headers.empty()) {
    headers.Add("Access-Control-Allow-Headers", requested_headers);
  }
  headers.Add("Access-Control-Max-Age", "600");
  Send(exchange, 200, headers, "OK");
}

void RespondFault(const Exchange& exchange, std::uint32_t status, ErrorBody form, std::string_view message) {
  if (form == ErrorBody::kDetail) {
    RespondDetail(exchange, status, message);
    return;
  }
  const auto http = static_cast<int>(status);
  Respond(exchange, status, kProblemJson,
          JsonObject()("type", "about:blank")("title", TitleOf(http))("status", http)("detail", message).Take());
}

void RespondStatus(const Exchange& exchange, const Status& status, ErrorBody form, std::string_view location) {
  const auto http = static_cast<std::uint32_t>(RowOf(status).http);
  std::string retry_after;
  ExtraHeader extra;
  if (status.retry_after().count() > 0) {
    retry_after = std::to_string((status.retry_after().count() + 999) / 1000);
    extra = {"Retry-After", retry_after};
  } else if (http == 401) {
    extra = {"WWW-Authenticate", "Bearer"};
  }
  const bool is_detail = form == ErrorBody::kDetail;
  Respond(exchange, http, is_detail ? kJson : kProblemJson,
          is_detail ? DetailBody(status, location) : ProblemBody(status, location), extra);
}

std::string DetailBody(const Status& status, std::string_view location) {
  JsonWriter writer;
  writer.BeginObject();
  if (!WriteErrors(writer, "detail", status, location)) {
    writer.Key("detail").Value(status.message());
  }
  return writer.EndObject().Take();
}

std::string ProblemBody(const Status& status, std::string_view location) {
  const int http = RowOf(status).http;
  JsonWriter writer;
  writer.BeginObject().Key("type").Value("about:blank").Key("title").Value(TitleOf(http)).Key("status").Value(http);
  writer.Key("detail").Value(status.message()).Key("code").Value(RowOf(status).name);
  WriteErrors(writer, "errors", status, location);
  return writer.EndObject().Take();
}

}  // namespace tutti::host
