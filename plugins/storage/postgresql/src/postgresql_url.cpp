#include "postgresql_url.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>

namespace tutti::storage::postgresql {
namespace {

// Values in a conninfo string: backslash and quote are escaped. Poco cuts at blanks, so those cannot be carried.
Result<std::string> Escaped(const std::string& keyword, const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '=') {
      if (c != '=') {
        return Status::InvalidArgument("url: the " + keyword +
                                       " holds a blank, which the client library cannot carry; "
                                       "choose one without");
      }
    }
    if (c == '\\' || c == '\'') {
      text += '\\';
    }
    text += c;
  }
  return text;
}

}  // namespace

Result<ConnectionTarget> ReadUrl(const std::string& url, std::chrono::milliseconds connect_timeout,
                                 std::chrono::milliseconds silence) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    return Status::InvalidArgument(url.empty()
                                       ? "url is empty: expected postgresql://user:password@host:port/database, for "
                                         "example from DATABASE_URL"
                                       : "url: expected postgresql://user:password@host:port/database");
  }
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), &error),
                                                                             &PQconninfoFree);
  PQfreemem(error);
  if (!options) {
    // libpq's sentence repeats the URL, and with it the password.
    return Status::InvalidArgument(
        "url: libpq cannot read it; expected postgresql://user:password@host:port/database?"
        "parameters, with special characters percent-encoded");
  }
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') {
      values[option->keyword] = option->val;
    }
  }
  if (values["port"].find_first_not_of("0123456789,") != std::string::npos) {
    // What stands there may be a piece of a password that was not encoded.
    return Status::InvalidArgument(
        "url: the port is no number; special characters of a password must be percent-encoded");
  }
  if (values["port"].empty()) {
    values.erase("port");
  }
  if (values["user"].empty()) {
    return Status::InvalidArgument("url: the user is missing; expected postgresql://user:password@host:port/database");
  }
  values.try_emplace("host", "localhost");
  values.try_emplace("port", "5432");
  values.try_emplace("dbname", values["user"]);
  values.try_emplace("application_name", "tutti");
  const auto seconds = [](std::chrono::milliseconds limit) {
    return std::to_string(std::max<std::int64_t>(2, (limit.count() + 999) / 1000));
  };
  values.try_emplace("connect_timeout", seconds(connect_timeout));
  values.try_emplace("keepalives_idle", "10");
  values.try_emplace("keepalives_interval", "5");
  values.try_emplace("keepalives_count", "3");
  values.try_emplace("tcp_user_timeout", std::to_string((silence + connect_timeout).count()));
  ConnectionTarget target;
  for (const auto& [keyword, value] : values) {
    auto escaped = Escaped(keyword, value);
    if (!escaped.ok()) {
      return escaped.status();
    }
    target.text += (target.text.empty() ? "" : " ") + keyword + "=" + *escaped;
  }
  target.shown = values["user"] + "@" + values["host"] + ":" + values["port"] + "/" + values["dbname"];
  return target;
}

}  // namespace tutti::storage::postgresql
