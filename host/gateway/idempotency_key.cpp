#include "host/gateway/idempotency_key.h"

#include <algorithm>

#include "host/trust/digest.h"

namespace tutti::host {

namespace {

std::string Part(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

}  // namespace

Result<std::string> ParseIdempotencyKey(std::string_view header) {
  std::string key;
  const bool is_quoted = header.size() >= 2 && header.front() == '"' && header.back() == '"';
  const std::string_view inner = is_quoted ? header.substr(1, header.size() - 2) : header;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    // RFC 8941 section 3.3.3: a backslash stands before a quote or another one.
    const bool is_escape = is_quoted && inner[i] == '\\' && i + 1 < inner.size();
    key += inner[is_escape ? ++i : i];
  }
  const bool is_visible = std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > kLongestIdempotencyKey || !is_visible) {
    return Status::InvalidArgument("expected Idempotency-Key to be 1 to " + std::to_string(kLongestIdempotencyKey) +
                                   " visible ASCII characters, found " + std::to_string(key.size()) +
                                   (is_visible ? " of them" : " bytes with others among them"));
  }
  return key;
}

RequestKey MakeRequestKey(std::string_view principal, std::string_view where, std::string_view key,
                          std::string_view sent) {
  RequestKey request;
  request.id = Sha256(Part(principal) + Part(where) + Part(key));
  request.fingerprint = Sha256(sent);
  request.request = where.substr(0, 200);
  return request;
}

}  // namespace tutti::host
