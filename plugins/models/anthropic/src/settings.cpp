#include "settings.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

using std::chrono::milliseconds;

milliseconds Time(JsonView config, std::string_view key, milliseconds fallback) {
  return milliseconds(config[key].AsInt(fallback.count()));
}

std::size_t Size(JsonView config, std::string_view key, std::size_t fallback) {
  return static_cast<std::size_t>(config[key].AsInt(static_cast<std::int64_t>(fallback)));
}

}  // namespace

Result<Settings> ReadSettings(const JsonView& config) {
  Settings settings;
  auto endpoint = ParseBaseUrl(config["base_url"].AsString("https://api.anthropic.com"));
  if (!endpoint.ok()) {
    return endpoint.status();
  }
  ClientSettings& client = settings.client;
  client.endpoint = std::move(*endpoint);
  ConnectionSettings& connection = client.connection;
  connection.connect_timeout = Time(config, "connect_timeout_ms", connection.connect_timeout);
  connection.idle_timeout = Time(config, "idle_timeout_ms", connection.idle_timeout);
  connection.keep_alive = Time(config, "keep_alive_ms", connection.keep_alive);
  connection.max_idle = Size(config, "max_idle_connections", connection.max_idle);
  connection.ca_file = config["ca_file"].AsString();
  client.retry.max_retries = static_cast<int>(config["max_retries"].AsInt(client.retry.max_retries));
  client.retry.max_retry_after = Time(config, "max_retry_after_ms", client.retry.max_retry_after);
  client.builder.default_model = config["model"].AsString("sonnet");
  client.builder.default_max_tokens = config["max_tokens"].AsInt(client.builder.default_max_tokens);
  client.builder.prompt_caching = config["prompt_caching"].AsBool(true);
  client.max_event_bytes = Size(config, "max_event_bytes", client.max_event_bytes);
  client.max_response_bytes = Size(config, "max_response_bytes", client.max_response_bytes);
  settings.api_key_reference = config["api_key"].AsString("secret://ANTHROPIC_API_KEY");
  settings.max_concurrent = Size(config, "max_concurrent", settings.max_concurrent);
  settings.max_queued = Size(config, "max_queued", settings.max_queued);
  settings.emit_timeout = Time(config, "emit_timeout_ms", settings.emit_timeout);
  if (Status status = settings.models.Configure(config["models"], config["aliases"]); !status.ok()) {
    return status;
  }
  return settings;
}

Status ReadApiKey(std::string_view secret, ClientSettings& client) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  const std::size_t begin = secret.find_first_not_of(kWhiteSpace);
  const std::size_t end = secret.find_last_not_of(kWhiteSpace);
  const std::string_view key = begin == std::string_view::npos ? "" : secret.substr(begin, end - begin + 1);
  if (std::any_of(key.begin(), key.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return Status::InvalidArgument(
        "expected the API key to be one word of printable ASCII, found something else; "
        "correct the secret that `api_key` names");
  }
  client.api_key = key;
  return {};
}

}  // namespace tutti::anthropic
