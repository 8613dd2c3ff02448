// Which Host names this server answers to. A page whose name was rebound to a loopback address sends its own name, and
// is refused here.
//
// Immutable, any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

class HostPolicy {
 public:
  // `hosts`: names besides loopback, with or without a port (without: any port). `addresses`: "address:port" listened
  // at.
  HostPolicy(const std::vector<std::string>& hosts, const std::vector<std::string>& addresses);

  // `host` is the header's value. Loopback names pass with any port.
  [[nodiscard]] bool Accepts(std::string_view host) const;

 private:
  std::set<std::string, std::less<>> any_port_;
  std::set<std::pair<std::string, std::string>> with_port_;
};

}  // namespace tutti::host
