// RawAnswer: what a command behind a route with "answer": "raw" wants to be sent, for pages, pictures and files.
//
// The command's result is {"content_type": string, "body": text or "base64": text, "etag": string, "cache_control":
// string, "headers": {name: value}}, all but the first two optional. The gateway's own headers stay the gateway's: a
// command cannot set CORS, cookies, framing or nosniff.
// Threads: a value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/gateway/responder.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct RawAnswer {
  static constexpr std::size_t kMostHeaders = 8;

  // INTERNAL, naming the member: the plugin broke the form.
  static Result<RawAnswer> Parse(std::string_view result);

  // 304 without a body when `if_none_match` names the etag.
  void Send(const Exchange& exchange, std::uint32_t status, std::string_view if_none_match) const;

  std::string content_type;
  std::string body;
  std::string etag;  // with its quotes; empty: none
  std::string cache_control;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Whether an If-None-Match header names `etag`, compared weakly (RFC 9110 section 13.1.2).
bool NamesEtag(std::string_view if_none_match, std::string_view etag);

}  // namespace tutti::host
