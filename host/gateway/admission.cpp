#include "host/gateway/admission.h"

#include <utility>

#include "host/gateway/client_address.h"

namespace tutti::host {

Admission::Admission(AdmissionSettings settings)
    : settings_(std::move(settings)), authenticator_(settings_.tokens, settings_.own) {
  SetListenAddresses({});
}

void Admission::SetListenAddresses(const std::vector<std::string>& addresses) {
  auto policies = std::make_shared<const Policies>(
      Policies{HostPolicy(settings_.hosts, addresses), OriginPolicy(settings_.origins, addresses)});
  const std::lock_guard lock(mutex_);
  policies_.swap(policies);
}

std::shared_ptr<const Admission::Policies> Admission::Current() const {
  const std::lock_guard lock(mutex_);
  return policies_;
}

std::optional<Admitted> Admission::Admit(Exchange exchange, const Request& request, bool is_public) const {
  const std::shared_ptr<const Policies> policies = Current();
  const std::string_view host = EffectiveHost(request, settings_.trusted_proxies);
  if (request.has_several_hosts() || !policies->hosts.Accepts(host)) {
    RespondDetail(exchange, 403,
                  "expected one Host header that names this server: a loopback name, an address it listens at, or a "
                  "name of the configured hosts; add the name to `hosts` if it is right");
    return std::nullopt;
  }
  if (!request.origin().empty() && !PassesOrigin(*policies, host, exchange, request)) {
    return std::nullopt;
  }
  std::optional<Principal> principal = authenticator_.Identify(request);
  if (!principal && is_public) {
    return Admitted{std::move(exchange), {}, true};
  }
  if (!principal) {
    RespondUnauthenticated(exchange);
    return std::nullopt;
  }
  return Admitted{std::move(exchange), std::move(*principal), false};
}

bool Admission::PassesOrigin(const Policies& policies, std::string_view host, Exchange& exchange,
                             const Request& request) const {
  // A browser sends its credentials after the preflight only, so this comes before the token.
  const bool is_preflight = request.method() == "OPTIONS" && !request.Header("access-control-request-method").empty();
  if (!policies.origins.Accepts(request.origin(), host)) {
    if (is_preflight) {
      Respond(exchange, 400, kPlainText, "Disallowed CORS origin");
    } else {
      RespondDetail(exchange, 403,
                    "this web page's origin is not allowed here; add it to `origins` if it is to be trusted");
    }
    return false;
  }
  exchange.allow_origin = policies.origins.AllowOrigin(request.origin(), !request.Header("cookie").empty());
  if (is_preflight) {
    RespondPreflight(exchange, request.Header("access-control-request-headers"));
  }
  return !is_preflight;
}

}  // namespace tutti::host
