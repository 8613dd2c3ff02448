#include "request_head.h"

#include <algorithm>
#include <charconv>

#include "handshake.h"

namespace tutti::transport::http {
namespace {

using MaybeRefusal = std::optional<Refusal>;

Refusal Bad(std::string detail) {
  return {400, std::move(detail), {}};
}

bool IsTargetText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F && byte != '#';
  });
}

// uri-host with an optional port; enough to keep anything else out of logs and comparisons.
bool IsHost(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || std::string_view("-._~!$&'()*+,;=:[]%").find(c) != std::string_view::npos;
  });
}

class HeadParser {
 public:
  HeadParser(const HeadLimits& limits, Request& request) : limits_(limits), request_(request) {}

  MaybeRefusal Parse() {
    std::string_view rest = request_.head;
    const std::size_t end = rest.find("\r\n");
    if (MaybeRefusal refusal = RequestLine(rest.substr(0, end))) {
      return refusal;
    }
    rest.remove_prefix(end + 2);
    while (rest != "\r\n") {
      const std::size_t line_end = rest.find("\r\n");
      if (MaybeRefusal refusal = HeaderLine(rest.substr(0, line_end))) {
        return refusal;
      }
      rest.remove_prefix(line_end + 2);
    }
    if (MaybeRefusal refusal = Routing()) {
      return refusal;
    }
    if (MaybeRefusal refusal = Framing()) {
      return refusal;
    }
    request_.is_http_1_0 = is_http_1_0_;
    request_.keeps_alive = is_http_1_0_ ? wants_keep_alive_ && !wants_close_ : !wants_close_;
    return CheckHandshake(request_, is_http_1_0_);
  }

 private:
  MaybeRefusal RequestLine(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
      return Bad("expected a request line of method, target and version, each one space apart");
    }
    request_.method = line.substr(0, first);
    request_.target = line.substr(first + 1, last - first - 1);
    if (!IsToken(request_.method)) {
      return Bad("expected a method made of token characters in the request line");
    }
    if (request_.target.size() > limits_.target_bytes) {
      return Refusal{414,
                     "expected a request target of at most " + std::to_string(limits_.target_bytes) + " bytes, found " +
                         std::to_string(request_.target.size()),
                     {}};
    }
    if (request_.target.empty() || !IsTargetText(request_.target)) {
      return Bad("expected a request target of visible ASCII characters without a fragment; percent-encode others");
    }
    request_.is_head_method = request_.method == "HEAD";
    return Version(line.substr(last + 1));
  }

  MaybeRefusal Version(std::string_view version) {
    const bool is_form = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[6] == '.' &&
                         version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
    if (!is_form) {
      return Bad("expected the request line to end with HTTP/1.1 or HTTP/1.0");
    }
    if (version[5] != '1') {
      return Refusal{505, "expected HTTP/1.1 or HTTP/1.0, found " + std::string(version), {}};
    }
    is_http_1_0_ = version[7] == '0';
    return std::nullopt;
  }

  MaybeRefusal HeaderLine(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
      return Bad("expected a header field, found a folded line; write the field on one line");
    }
    if (request_.headers.size() == limits_.header_count) {
      return Refusal{431, "expected at most " + std::to_string(limits_.header_count) + " header fields", {}};
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
      return Bad("expected a header field name of token characters, directly followed by a colon");
    }
    const HeaderView header{line.substr(0, colon), Trim(line.substr(colon + 1))};
    if (!IsFieldValue(header.value)) {
      return Bad("expected no control characters in the value of header field " + std::string(header.name));
    }
    request_.headers.push_back(header);
    return Known(header);
  }

  MaybeRefusal Known(const HeaderView& header) {
    switch (header.name.size()) {
      case 4:
        return EqualIgnoringCase(header.name, "Host") ? Host(header.value) : std::nullopt;
      case 6:
        return EqualIgnoringCase(header.name, "Expect") ? Expect(header.value) : std::nullopt;
      case 10:
        if (EqualIgnoringCase(header.name, "Connection")) {
          wants_close_ = wants_close_ || ListContains(header.value, "close");
          wants_keep_alive_ = wants_keep_alive_ || ListContains(header.value, "keep-alive");
        }
        return std::nullopt;
      case 14:
        return EqualIgnoringCase(header.name, "Content-Length") ? ContentLength(header.value) : std::nullopt;
      case 17:
        return EqualIgnoringCase(header.name, "Transfer-Encoding") ? TransferEncoding(header.value) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  MaybeRefusal Host(std::string_view value) {
    if (has_host_) {
      return Bad("expected one Host header field, found several");
    }
    if (!IsHost(value)) {
      return Bad("expected a host name or address with an optional port in Host");
    }
    has_host_ = true;
    host_ = value;
    return std::nullopt;
  }

  MaybeRefusal Expect(std::string_view value) {
    if (!EqualIgnoringCase(value, "100-continue")) {
      return Refusal{417, "expected no Expect header field but 100-continue", {}};
    }
    expects_continue_ = true;
    return std::nullopt;
  }

  MaybeRefusal ContentLength(std::string_view value) {
    constexpr std::size_t kMostDigits = 18;
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || value.size() > kMostDigits || error != std::errc() || end != value.data() + value.size()) {
      return Bad("expected a decimal number in Content-Length");
    }
    if (has_content_length_ && length != request_.content_length) {
      return Bad("expected one Content-Length, found two that differ");
    }
    has_content_length_ = true;
    request_.content_length = length;
    return std::nullopt;
  }

  MaybeRefusal TransferEncoding(std::string_view value) {
    if (has_transfer_encoding_) {
      return Bad("expected one Transfer-Encoding header field, found several");
    }
    has_transfer_encoding_ = true;
    if (!EqualIgnoringCase(value, "chunked")) {
      return Refusal{501, "expected the transfer encoding chunked and no other", {}};
    }
    request_.is_chunked = true;
    return std::nullopt;
  }

  // RFC 9112 section 3.2: which form the target has, and that Host agrees with it.
  MaybeRefusal Routing() {
    if (!has_host_ && !is_http_1_0_) {
      return Bad("expected a Host header field, as HTTP/1.1 requires");
    }
    if (request_.method == "CONNECT") {
      return Refusal{501, "CONNECT is not offered: this server is no proxy", {}};
    }
    if (request_.target.front() == '/' || (request_.target == "*" && request_.method == "OPTIONS")) {
      return std::nullopt;
    }
    constexpr std::string_view kScheme = "http://";
    if (!EqualIgnoringCase(request_.target.substr(0, kScheme.size()), kScheme)) {
      return Bad("expected a request target that begins with a slash");
    }
    std::string_view rest = request_.target.substr(kScheme.size());
    const std::size_t path = rest.find('/');
    if (path == std::string_view::npos || !EqualIgnoringCase(rest.substr(0, path), host_)) {
      return Bad("expected an absolute request target with a path, and its authority equal to Host");
    }
    request_.target = rest.substr(path);
    return std::nullopt;
  }

  // RFC 9112 section 6: where the body ends. Any doubt is refused.
  MaybeRefusal Framing() {
    if (has_transfer_encoding_ && has_content_length_) {
      return Bad("expected either Content-Length or Transfer-Encoding, found both");
    }
    if (has_transfer_encoding_ && is_http_1_0_) {
      return Bad("expected no Transfer-Encoding in an HTTP/1.0 request");
    }
    if (request_.content_length > limits_.body_bytes) {
      return Refusal{413,
                     "expected a body of at most " + std::to_string(limits_.body_bytes) + " bytes, found " +
                         std::to_string(request_.content_length),
                     {}};
    }
    const bool has_body = request_.is_chunked || request_.content_length > 0;
    request_.expects_continue = expects_continue_ && has_body && !is_http_1_0_;
    return std::nullopt;
  }

  const HeadLimits& limits_;
  Request& request_;
  std::string_view host_;
  bool is_http_1_0_ = false;
  bool has_host_ = false;
  bool has_content_length_ = false;
  bool has_transfer_encoding_ = false;
  bool wants_close_ = false;
  bool wants_keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace

std::optional<Refusal> ParseHead(const HeadLimits& limits, Request& request) {
  return HeadParser(limits, request).Parse();
}

}  // namespace tutti::transport::http
