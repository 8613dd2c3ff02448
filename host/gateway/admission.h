// Decides whether a request gets in: Host, then Origin, then who it is. What does not is answered here.
//
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/gateway/authenticator.h"
#include "host/gateway/host_policy.h"
#include "host/gateway/origin_policy.h"
#include "host/gateway/responder.h"

namespace tutti::host {

struct AdmissionSettings {
  std::vector<GatewayToken> tokens;
  std::vector<std::string> origins;
  std::vector<std::string> hosts;
  std::vector<std::string> trusted_proxies;
  GatewayToken own;  // see Authenticator
};

struct Admitted {
  Exchange exchange;
  Principal principal;
  bool is_anonymous = false;  // came without a token this server knows, to a route that was public then
};

class Admission {
 public:
  explicit Admission(AdmissionSettings settings);

  void SetListenAddresses(const std::vector<std::string>& addresses);

  // `is_public`: nobody needs a token for this route. Empty: the request was refused, or was a preflight, and
  // `exchange` has been answered.
  [[nodiscard]] std::optional<Admitted> Admit(Exchange exchange, const Request& request, bool is_public) const;

  [[nodiscard]] bool needs_token() const { return authenticator_.needs_token(); }

 private:
  struct Policies {
    HostPolicy hosts;
    OriginPolicy origins;
  };

  [[nodiscard]] std::shared_ptr<const Policies> Current() const;
  // false: answered.
  bool PassesOrigin(const Policies& policies, std::string_view host, Exchange& exchange, const Request& request) const;

  const AdmissionSettings settings_;
  const Authenticator authenticator_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Policies> policies_;  // guarded by mutex_
};

}  // namespace tutti::host
