// Who stands behind a request.
//
// Without tokens everybody is the local user and may do everything; the server then listens on loopback only.
// Immutable, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/request.h"

namespace tutti::host {

struct GatewayToken {
  std::string token;  // compared in constant time
  std::string principal;
  std::vector<std::string> scopes;
};

struct Principal {
  std::string name;  // empty: the local user
  std::vector<std::string> scopes;
  std::string subprotocol;  // to be echoed by the upgrade; empty: none
};

class Authenticator {
 public:
  // `own` is known besides, and its being there does not close a server without tokens; empty: none.
  explicit Authenticator(std::vector<GatewayToken> tokens, GatewayToken own = {});

  // By `Authorization: Bearer`; an upgrade also by the cookie `tutti_token` or the subprotocol `bearer.<token>`,
  // because a page cannot set headers there. Empty: nobody this server knows.
  [[nodiscard]] std::optional<Principal> Identify(const Request& request) const;

  [[nodiscard]] bool needs_token() const { return !tokens_.empty(); }

 private:
  [[nodiscard]] const GatewayToken* Find(std::string_view token) const;

  const std::vector<GatewayToken> tokens_;
  const GatewayToken own_;
};

}  // namespace tutti::host
