#include "settings.h"

#include <cstdint>

#include "tutti/sdk/json.hpp"

namespace tutti::transport::http {
namespace {

// Reads keys one by one and keeps the first error.
class Reader {
 public:
  explicit Reader(JsonView config) : config_(config) {}

  void Size(std::string_view key, std::int64_t least, std::int64_t most, std::size_t& target) {
    std::int64_t number = static_cast<std::int64_t>(target);
    Number(key, least, most, number);
    target = static_cast<std::size_t>(number);
  }

  void Time(std::string_view key, std::int64_t most, std::chrono::milliseconds& target) {
    std::int64_t number = target.count();
    Number(key, 1, most, number);
    target = std::chrono::milliseconds(number);
  }

  void Listen(std::vector<std::string>& target) {
    const JsonView value = config_["listen"];
    if (!value) {
      return;
    }
    if (value.is_string()) {
      target = {std::string(value.AsString())};
      return;
    }
    std::vector<std::string> addresses;
    bool all_strings = value.is_array() && value.size() > 0;
    value.ForEach([&](JsonView item) {
      all_strings = all_strings && item.is_string();
      addresses.emplace_back(item.AsString());
    });
    if (!all_strings) {
      Fail("expected an address such as \"127.0.0.1:9403\" or a list of them at listen, found " + value.Dump());
      return;
    }
    target = std::move(addresses);
  }

  void RefuseTls() {
    if (config_["tls"]) {
      Fail(
          "TLS is not offered yet, found a tls key: remove it, listen on loopback, and put a proxy that ends TLS in "
          "front");
    }
  }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void Number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& target) {
    const JsonView value = config_[key];
    if (!value) {
      return;
    }
    if (!value.is_int() || value.AsInt() < least || value.AsInt() > most) {
      Fail("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " at " +
           std::string(key) + ", found " + value.Dump());
      return;
    }
    target = value.AsInt();
  }

  void Fail(std::string sentence) {
    if (status_.ok()) {
      status_ = Status::InvalidArgument(std::move(sentence));
    }
  }

  JsonView config_;
  Status status_;
};

}  // namespace

Result<Settings> ParseSettings(std::string_view config_json) {
  constexpr std::int64_t kKibi = 1024;
  constexpr std::int64_t kGibi = kKibi * kKibi * kKibi;
  constexpr std::int64_t kHour = 3'600'000;
  Result<Json> parsed = Json::Parse(config_json.empty() ? "{}" : config_json);
  if (!parsed) {
    return parsed.status();
  }
  if (!parsed->view().is_object()) {
    return Status::InvalidArgument("expected an object as configuration, found " + parsed->view().Dump());
  }
  Settings settings;
  Reader reader(parsed->view());
  reader.RefuseTls();
  reader.Listen(settings.listen);
  reader.Size("io_threads", 1, 64, settings.io_threads);
  reader.Size("workers", 1, 256, settings.workers);
  reader.Size("worker_queue", 1, 1'000'000, settings.worker_queue);
  reader.Size("max_connections", 1, 1'000'000, settings.max_connections);
  reader.Size("target_bytes", 64, kKibi * kKibi, settings.target_bytes);
  reader.Size("header_bytes", 256, kKibi * kKibi, settings.header_bytes);
  reader.Size("header_count", 1, 10'000, settings.header_count);
  reader.Size("body_bytes", 0, 4 * kGibi, settings.body_bytes);
  reader.Size("request_memory_bytes", kKibi * kKibi, 64 * kGibi, settings.request_memory_bytes);
  reader.Size("response_bytes", kKibi, 4 * kGibi, settings.response_bytes);
  reader.Time("header_timeout_ms", kHour, settings.header_timeout);
  reader.Time("body_timeout_ms", kHour, settings.body_timeout);
  reader.Time("write_timeout_ms", kHour, settings.write_timeout);
  reader.Size("min_bytes_per_second", 1, kGibi, settings.min_bytes_per_second);
  reader.Time("idle_timeout_ms", 24 * kHour, settings.idle_timeout);
  reader.Time("half_close_grace_ms", kHour, settings.half_close_grace);
  reader.Time("linger_timeout_ms", kHour, settings.linger_timeout);
  reader.Time("stop_timeout_ms", kHour, settings.stop_timeout);
  reader.Size("ws_message_bytes", 125, 4 * kGibi, settings.ws_message_bytes);
  reader.Size("ws_queue_bytes", kKibi, kGibi, settings.ws_queue_bytes);
  reader.Size("ws_queue_frames", 1, 1'000'000, settings.ws_queue_frames);
  reader.Time("ws_ping_interval_ms", kHour, settings.ws_ping_interval);
  reader.Time("ws_pong_timeout_ms", kHour, settings.ws_pong_timeout);
  reader.Time("ws_close_timeout_ms", kHour, settings.ws_close_timeout);
  if (!reader.status().ok()) {
    return reader.status();
  }
  return settings;
}

}  // namespace tutti::transport::http
