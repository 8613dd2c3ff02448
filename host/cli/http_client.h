// One request after another to a Tutti server, answers as JSON.
//
// Threads: one at a time. Every request is a connection of its own.
#pragma once

#include <chrono>
#include <string>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class HttpClient {
 public:
  struct Options {
    std::string url;         // http://host:port, an optional path before the routes
    std::string token;       // bearer token; empty: none
    std::string token_hint;  // what to do about 401
    std::chrono::seconds timeout{30};
  };

  explicit HttpClient(Options options) : options_(std::move(options)) {}

  // INVALID_ARGUMENT when the URL is none of a server.
  [[nodiscard]] Status CheckUrl() const;

  // `body` is JSON or empty. UNAVAILABLE when there is no answer, when it is 400 or above (the body is in the status'
  // details then), or when it is no JSON; the sentence is fit for a terminal.
  [[nodiscard]] Result<Json> Request(const std::string& method, const std::string& route,
                                     const std::string& body) const;

  // The path of a route at this server.
  [[nodiscard]] std::string Target(const std::string& route) const;

  // What a connection that failed is told as.
  static Status Unreachable(const std::string& url, const std::string& reason);

 private:
  Options options_;
};

}  // namespace tutti::host
