// One HTTP request to a local server.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tutti/sdk/json.hpp"

namespace tutti::test {

struct HttpAnswer {
  // The body as JSON; a failed test when it is none.
  [[nodiscard]] Json json() const;

  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

// Throws Poco exceptions when there is no answer. `body` is sent as application/json when not empty.
HttpAnswer Request(std::uint16_t port, const std::string& method, const std::string& target,
                   const std::string& body = {}, const std::map<std::string, std::string>& headers = {});

}  // namespace tutti::test
