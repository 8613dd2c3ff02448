#include "response_writer.h"

#include <Poco/Net/HTTPResponse.h>

#include <charconv>
#include <ctime>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::transport::http {
namespace {

void AppendNumber(std::size_t number, std::string& out) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void AppendStatusLine(int status, std::string& out) {
  using Poco::Net::HTTPResponse;
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::size_t>(status), out);
  out.push_back(' ');
  out.append(HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status)));
  out.append("\r\n");
}

// Formatted once per second and thread. Not strftime, whose names depend on the locale.
void AppendDate(std::string& out) {
  thread_local std::time_t formatted = -1;
  thread_local char text[64];
  const std::time_t now = std::time(nullptr);
  if (now != formatted) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", kDays[utc.tm_wday], utc.tm_mday,
                  kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    formatted = now;
  }
  out.append(text);
}

bool IsOwn(std::string_view name) {
  return EqualIgnoringCase(name, "Date") || EqualIgnoringCase(name, "Content-Length") ||
         EqualIgnoringCase(name, "Connection") || EqualIgnoringCase(name, "Transfer-Encoding");
}

void AppendHeader(const HeaderView& header, std::string& out) {
  out.append(header.name).append(": ").append(header.value).append("\r\n");
}

// Status line and the caller's headers.
void AppendCommonHead(const ResponseView& response, std::string& out) {
  AppendStatusLine(response.status, out);
  AppendDate(out);
  for (const HeaderView& header : response.headers) {
    if (!IsOwn(header.name)) {
      AppendHeader(header, out);
    }
  }
}

// Said in either case, as an HTTP/1.0 client needs to be told of keep-alive.
void AppendConnection(bool keeps_alive, std::string& out) {
  out.append(keeps_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace

Status CheckHeaders(std::span<const HeaderView> headers) {
  for (const HeaderView& header : headers) {
    if (!IsToken(header.name) || !IsFieldValue(header.value)) {
      return Status::InvalidArgument(
          "expected a header name of token characters and a value without control "
          "characters, found them in the field \"" +
          std::string(header.name) + "\" of an answer");
    }
  }
  return {};
}

Status CheckResponse(const ResponseView& response) {
  if (response.status < 200 || response.status > 599) {
    return Status::InvalidArgument("expected a final status from 200 to 599, found " + std::to_string(response.status));
  }
  return CheckHeaders(response.headers);
}

bool HasBody(int status) {
  return status != 204 && status != 304;
}

void AppendHead(const ResponseView& response, bool keeps_alive, std::string& out) {
  AppendCommonHead(response, out);
  if (HasBody(response.status)) {
    out.append("Content-Length: ");
    AppendNumber(response.body.size(), out);
    out.append("\r\n");
  }
  AppendConnection(keeps_alive, out);
}

void AppendStreamHead(const ResponseView& response, bool is_chunked, bool keeps_alive, std::string& out) {
  AppendCommonHead(response, out);
  if (is_chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  AppendConnection(keeps_alive, out);
}

std::string EncodeChunk(std::string_view piece) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, piece.size(), 16);
  std::string chunk(digits, end);
  chunk.append("\r\n").append(piece).append("\r\n");
  return chunk;
}

void AppendUpgrade(std::string_view accept_key, std::string_view protocol, std::span<const HeaderView> headers,
                   std::string& out) {
  AppendStatusLine(101, out);
  AppendDate(out);
  out.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ").append(accept_key).append("\r\n");
  if (!protocol.empty()) {
    out.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
  }
  for (const HeaderView& header : headers) {
    if (!IsOwn(header.name)) {
      AppendHeader(header, out);
    }
  }
  out.append("\r\n");
}

std::string RefusalBytes(const Refusal& refusal, bool is_head_method) {
  const std::string body = JsonObject()("detail", CleanUtf8(refusal.detail)).Take();
  std::string out;
  AppendStatusLine(refusal.status, out);
  AppendDate(out);
  out.append("Content-Type: application/json\r\n").append(refusal.extra_headers).append("Content-Length: ");
  AppendNumber(body.size(), out);
  out.append("\r\nConnection: close\r\n\r\n");
  if (!is_head_method) {
    out.append(body);
  }
  return out;
}

}  // namespace tutti::transport::http
