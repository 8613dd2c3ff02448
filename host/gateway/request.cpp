#include "host/gateway/request.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "tutti/sdk/surrogates.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string Decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 && HexValue(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return CleanUtf8(out);
}

}  // namespace

std::string PercentDecode(std::string_view text) {
  return Decode(text, false);
}

QueryParameters ParseQuery(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) {
      continue;
    }
    const std::size_t equals = std::min(item.find('='), item.size());
    parameters.emplace_back(Decode(item.substr(0, equals), true),
                            Decode(item.substr(std::min(equals + 1, item.size())), true));
  }
  return parameters;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool IsJsonContentType(std::string_view content_type) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  if (EqualsIgnoreCase(type, "application/json")) {
    return true;
  }
  constexpr std::string_view kPrefix = "application/";
  constexpr std::string_view kSuffix = "+json";
  return type.size() > kPrefix.size() + kSuffix.size() && EqualsIgnoreCase(type.substr(0, kPrefix.size()), kPrefix) &&
         EqualsIgnoreCase(type.substr(type.size() - kSuffix.size()), kSuffix);
}

std::vector<std::string_view> SplitList(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (const std::string_view item = Trim(list.substr(0, end)); !item.empty()) {
      items.push_back(item);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return items;
}

std::string_view AddressOf(std::string_view endpoint) {
  if (!endpoint.empty() && endpoint.front() == '[') {
    endpoint = endpoint.substr(1, endpoint.find(']') - 1);
  } else if (endpoint.find(':') == endpoint.rfind(':')) {
    endpoint = endpoint.substr(0, endpoint.find(':'));
  }
  constexpr std::string_view kMapped = "::ffff:";
  if (endpoint.size() > kMapped.size() && EqualsIgnoreCase(endpoint.substr(0, kMapped.size()), kMapped) &&
      endpoint.find('.') != std::string_view::npos) {
    endpoint.remove_prefix(kMapped.size());
  }
  return endpoint;
}

std::string CleanBody(std::string_view body) {
  std::string clean = simdjson::validate_utf8(body.data(), body.size()) ? std::string(body) : CleanUtf8(body);
  return ReplaceLoneSurrogates(std::move(clean));
}

Request::Request(const tutti_request& raw) : raw_(raw) {
  const std::string_view target = View(raw.target);
  const std::size_t mark = target.find('?');
  path_ = target.substr(0, mark);
  query_ = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  for (std::size_t i = 0; i < raw.header_count; ++i) {
    const std::string_view name = View(raw.headers[i].name);
    if (name.size() == 4 && EqualsIgnoreCase(name, "host")) {
      host_ = host_count_++ == 0 ? Trim(View(raw.headers[i].value)) : host_;
    } else if (name.size() == 6 && EqualsIgnoreCase(name, "origin")) {
      origin_ = Trim(View(raw.headers[i].value));
    }
  }
}

std::string_view Request::Header(std::string_view name) const {
  for (std::size_t i = 0; i < raw_.header_count; ++i) {
    if (EqualsIgnoreCase(View(raw_.headers[i].name), name)) {
      return Trim(View(raw_.headers[i].value));
    }
  }
  return {};
}

bool Request::Has(std::string_view name) const {
  return std::any_of(raw_.headers, raw_.headers + raw_.header_count,
                     [&](const tutti_header& header) { return EqualsIgnoreCase(View(header.name), name); });
}

std::string_view Request::Cookie(std::string_view name) const {
  std::string_view cookies = Header("cookie");
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    const std::string_view item = Trim(cookies.substr(0, end));
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos && item.substr(0, equals) == name) {
      return item.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace tutti::host
