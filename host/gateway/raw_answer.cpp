#include "host/gateway/raw_answer.h"

#include <algorithm>
#include <array>

#include "host/gateway/request.h"
#include "host/trust/base64.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

Status Wrong(std::string_view what) {
  return Status::Internal("the command's raw answer: " + std::string(what));
}

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// Visible ASCII and blanks: nothing that could end the header.
bool IsHeaderValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool IsEtag(std::string_view text) {
  if (text.starts_with("W/")) {
    text.remove_prefix(2);
  }
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' && IsHeaderValue(text) &&
         text.substr(1, text.size() - 2).find_first_of("\",") == std::string_view::npos;
}

// What the gateway or the transport decides.
bool IsReserved(std::string_view name) {
  constexpr std::array<std::string_view, 13> kNames = {"cache-control",
                                                       "connection",
                                                       "content-length",
                                                       "content-type",
                                                       "date",
                                                       "etag",
                                                       "keep-alive",
                                                       "set-cookie",
                                                       "trailer",
                                                       "transfer-encoding",
                                                       "upgrade",
                                                       "vary",
                                                       "x-content-type-options"};
  constexpr std::string_view kCors = "access-control-";
  return EqualsIgnoreCase(name.substr(0, kCors.size()), kCors) ||
         std::any_of(kNames.begin(), kNames.end(), [&](std::string_view own) { return EqualsIgnoreCase(own, name); });
}

Status ReadHeaders(JsonView json, RawAnswer& answer) {
  Status status;
  json.ForEachMember([&](std::string_view name, JsonView value) {
    if (!IsToken(name) || IsReserved(name) || !value.is_string() || !IsHeaderValue(value.AsString())) {
      status = Wrong("headers: '" + std::string(name) +
                     "' is no header a command may set, or its value is no text of visible ASCII");
      return;
    }
    answer.headers.emplace_back(name, value.AsString());
  });
  if (answer.headers.size() > RawAnswer::kMostHeaders) {
    return Wrong("headers: expected at most " + std::to_string(RawAnswer::kMostHeaders) + ", found " +
                 std::to_string(answer.headers.size()));
  }
  return status;
}

}  // namespace

Result<RawAnswer> RawAnswer::Parse(std::string_view result) {
  const Result<Json> json = Json::Parse(result);
  if (!json.ok() || !json->view().is_object()) {
    return Wrong("expected a JSON object {\"content_type\", \"body\"}, found something else");
  }
  RawAnswer answer;
  answer.content_type = (*json)["content_type"].AsString();
  if (answer.content_type.empty() || !IsHeaderValue(answer.content_type)) {
    return Wrong("content_type: expected a media type, found " + (*json)["content_type"].Dump());
  }
  if ((*json)["body"].is_string()) {
    answer.body = (*json)["body"].AsString();
  } else if (std::optional<std::string> bytes = FromBase64((*json)["base64"].AsString());
             (*json)["base64"].is_string() && bytes) {
    answer.body = std::move(*bytes);
  } else {
    return Wrong("expected \"body\" with text, or \"base64\" with bytes");
  }
  answer.etag = (*json)["etag"].AsString();
  if (!answer.etag.empty() && !IsEtag(answer.etag)) {
    return Wrong("etag: expected text in double quotes, found " + (*json)["etag"].Dump());
  }
  answer.cache_control = (*json)["cache_control"].AsString("no-store");
  if (!IsHeaderValue(answer.cache_control)) {
    return Wrong("cache_control: expected visible ASCII");
  }
  if (Status status = ReadHeaders((*json)["headers"], answer); !status.ok()) {
    return status;
  }
  return answer;
}

bool NamesEtag(std::string_view if_none_match, std::string_view etag) {
  const auto strong = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
  if (etag.empty()) {
    return false;
  }
  const std::vector<std::string_view> tags = SplitList(if_none_match);
  return std::any_of(tags.begin(), tags.end(),
                     [&](std::string_view tag) { return tag == "*" || strong(tag) == strong(etag); });
}

void RawAnswer::Send(const Exchange& exchange, std::uint32_t status, std::string_view if_none_match) const {
  std::vector<ExtraHeader> extra;
  if (!etag.empty()) {
    extra.push_back({"ETag", etag});
  }
  for (const auto& [name, value] : headers) {
    extra.push_back({name, value});
  }
  const bool is_unchanged = NamesEtag(if_none_match, etag);
  RespondWith(exchange, is_unchanged ? 304 : status, is_unchanged ? std::string_view() : content_type, cache_control,
              extra, is_unchanged ? std::string_view() : body);
}

}  // namespace tutti::host
