// Which web pages may talk to this server, and the CORS headers that tell their browser so.
//
// An absent Origin passes: it is no page, or a plain GET of one. Allowed are the configured origins (of a loopback one
// every loopback name of its port), the loopback names of the ports listened at, and the same origin, whose host and
// port equal those of the already accepted Host header. "*" in the configuration allows every origin.
// Immutable, any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

class OriginPolicy {
 public:
  OriginPolicy(const std::vector<std::string>& origins, const std::vector<std::string>& addresses);

  [[nodiscard]] bool Accepts(std::string_view origin, std::string_view host) const;

  // The value of Access-Control-Allow-Origin for an accepted origin: itself, or "*" when every origin is allowed and
  // the request has no cookie.
  [[nodiscard]] std::string_view AllowOrigin(std::string_view origin, bool has_cookie) const {
    return allows_all_ && !has_cookie ? std::string_view("*") : origin;
  }

 private:
  bool allows_all_ = false;
  std::set<std::string, std::less<>> origins_;
  std::set<std::string, std::less<>> loopback_ports_;
};

}  // namespace tutti::host
