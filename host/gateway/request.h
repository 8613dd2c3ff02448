// A request as the gateway looks at it: target taken apart, headers found without case. Borrows from the tutti_request.
//
// Threads: a value, used by one thread. Nothing here fails: what is malformed is taken literally.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/abi/transport.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// Percent-decoding after RFC 3986 section 2.1; an incomplete escape stays as it is. NUL and invalid UTF-8 become
// U+FFFD.
std::string PercentDecode(std::string_view text);

// Name and value pairs in order, decoded, '+' as a space.
QueryParameters ParseQuery(std::string_view query);

// ASCII letters compared without case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Without leading and trailing spaces and tabs.
std::string_view Trim(std::string_view text);

// application/json or application/<any>+json, whatever the parameters.
bool IsJsonContentType(std::string_view content_type);

// The items of a comma-separated header, trimmed, empty ones left out.
std::vector<std::string_view> SplitList(std::string_view list);

// "::ffff:127.0.0.1" and "[::1]:80" and "127.0.0.1:80" -> the bare address.
std::string_view AddressOf(std::string_view endpoint);

// A JSON body with invalid UTF-8 and halves of surrogate pairs replaced by U+FFFD, as rows and messages carry it.
std::string CleanBody(std::string_view body);

class Request {
 public:
  explicit Request(const tutti_request& raw);

  [[nodiscard]] const tutti_request& raw() const { return raw_; }

  [[nodiscard]] std::string_view method() const { return View(raw_.method); }

  // As received, without the query.
  [[nodiscard]] std::string_view path() const { return path_; }

  [[nodiscard]] std::string_view query() const { return query_; }

  [[nodiscard]] std::string_view body() const { return View(raw_.body); }

  // Empty: absent, or empty. Of several the first.
  [[nodiscard]] std::string_view Header(std::string_view name) const;

  [[nodiscard]] bool Has(std::string_view name) const;

  // Of the Cookie header; empty: absent.
  [[nodiscard]] std::string_view Cookie(std::string_view name) const;

  [[nodiscard]] std::string_view host() const { return host_; }

  [[nodiscard]] std::string_view origin() const { return origin_; }

  // A Host header that stands twice is never right: proxies and servers disagree on which one counts.
  [[nodiscard]] bool has_several_hosts() const { return host_count_ > 1; }

 private:
  const tutti_request& raw_;
  std::string_view path_;
  std::string_view query_;
  std::string_view host_;
  std::string_view origin_;
  int host_count_ = 0;
};

}  // namespace tutti::host
