#include "host/gateway/authenticator.h"

#include <openssl/crypto.h>

#include <utility>

namespace tutti::host {

namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::string_view kProtocol = "bearer.";

Principal Known(const GatewayToken& token, std::string subprotocol = {}) {
  return {token.principal, token.scopes, std::move(subprotocol)};
}

}  // namespace

Authenticator::Authenticator(std::vector<GatewayToken> tokens, GatewayToken own)
    : tokens_(std::move(tokens)), own_(std::move(own)) {}

std::optional<Principal> Authenticator::Identify(const Request& request) const {
  if (tokens_.empty()) {
    return Principal{{}, {"*"}, {}};
  }
  const std::string_view authorization = request.Header("authorization");
  if (authorization.size() > kBearer.size() && EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) {
    const GatewayToken* token = Find(Trim(authorization.substr(kBearer.size())));
    return token == nullptr ? std::nullopt : std::optional(Known(*token));
  }
  if (request.raw().is_upgrade == 0) {
    return std::nullopt;
  }
  for (const std::string_view protocol : SplitList(request.Header("sec-websocket-protocol"))) {
    if (protocol.substr(0, kProtocol.size()) == kProtocol) {
      const GatewayToken* token = Find(protocol.substr(kProtocol.size()));
      return token == nullptr ? std::nullopt : std::optional(Known(*token, std::string(protocol)));
    }
  }
  const GatewayToken* token = Find(request.Cookie("tutti_token"));
  return token == nullptr ? std::nullopt : std::optional(Known(*token));
}

const GatewayToken* Authenticator::Find(std::string_view token) const {
  const GatewayToken* found = nullptr;
  // Every token is compared, so that the time tells nothing about which one came near.
  const auto compare = [&](const GatewayToken& known) {
    if (!token.empty() && known.token.size() == token.size() &&
        CRYPTO_memcmp(known.token.data(), token.data(), token.size()) == 0) {
      found = &known;
    }
  };
  for (const GatewayToken& known : tokens_) {
    compare(known);
  }
  compare(own_);
  return found;
}

}  // namespace tutti::host
