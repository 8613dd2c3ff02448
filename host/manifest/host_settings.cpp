#include "host/manifest/host_settings.h"

#include <algorithm>

#include "host/manifest/schema.h"
#include "host/trust/signing_key.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

const Schema& SettingsSchema() {
  static const Schema kSchema = Schema::BuiltIn(R"(
type: object
properties:
  data_dir: {type: string, default: ""}
  stop_timeout_ms: {type: integer, minimum: 100, maximum: 600000, default: 15000}
  executor:
    type: object
    properties:
      workers: {type: integer, minimum: 1, maximum: 256, default: 4}
      queue: {type: integer, minimum: 16, maximum: 10000000, default: 65536}
      lost_threads: {type: integer, minimum: 0, maximum: 256, default: 8}
  calls:
    type: object
    properties:
      timeout_ms: {type: integer, minimum: 1, maximum: 86400000, default: 600000}
      cancel_grace_ms: {type: integer, minimum: 0, maximum: 600000, default: 5000}
      max_depth: {type: integer, minimum: 1, maximum: 256, default: 16}
      events_queue: {type: integer, minimum: 1, maximum: 1000000, default: 1024}
      max_running: {type: integer, minimum: 1, maximum: 1000000, default: 10000}
  containment:
    type: object
    properties:
      callback_limit_ms: {type: integer, minimum: 0, maximum: 86400000, default: 30000}
      strikes: {type: integer, minimum: 1, maximum: 1000000, default: 5}
      strike_window_ms: {type: integer, minimum: 1, maximum: 86400000, default: 600000}
      crash_files: {type: integer, minimum: 1, maximum: 10000, default: 10}
  isolation:
    type: object
    properties:
      workers: {type: integer, minimum: 1, maximum: 256, default: 4}
      windows: {type: integer, minimum: 1, maximum: 100000, default: 256}
      heartbeat_ms: {type: integer, minimum: 10, maximum: 60000, default: 1000}
      hang_ms: {type: integer, minimum: 100, maximum: 3600000, default: 10000}
      frame_bytes: {type: integer, minimum: 1048576, maximum: 1073741824, default: 67108864}
      first_delay_ms: {type: integer, minimum: 1, maximum: 3600000, default: 250}
      longest_delay_ms: {type: integer, minimum: 1, maximum: 3600000, default: 30000}
  hooks:
    type: object
    properties:
      timeout_ms: {type: integer, minimum: 1, maximum: 600000, default: 5000}
      storage_patience_ms: {type: integer, minimum: 0, maximum: 86400000, default: 600000}
  plugins:
    type: object
    properties:
      drain_ms: {type: integer, minimum: 0, maximum: 3600000, default: 30000}
      pause_ms: {type: integer, minimum: 0, maximum: 30000, default: 10000}
  templates:
    type: object
    properties:
      timeout_ms: {type: integer, minimum: 1, maximum: 600000, default: 5000}
      most: {type: integer, minimum: 1, maximum: 1000000, default: 10000}
  gateway:
    type: object
    properties:
      tokens:
        type: array
        default: []
        items:
          type: object
          required: [token]
          properties:
            token: {type: string, minLength: 1, description: "text, or secret://name"}
            principal: {type: string, minLength: 1, default: operator}
            scopes: {type: array, items: {type: string, minLength: 1}, default: ["*"]}
      origins:
        type: array
        items: {type: string}
        default: ["http://127.0.0.1:5175", "http://localhost:5175"]
      hosts: {type: array, items: {type: string}, default: []}
      trusted_proxies: {type: array, items: {type: string}, default: []}
      max_subscribers: {type: integer, minimum: 1, maximum: 1000000, default: 10000}
      replay_page: {type: integer, minimum: 1, maximum: 10000, default: 256}
      replay_readers: {type: integer, minimum: 1, maximum: 1000, default: 4}
      recent_events: {type: integer, minimum: 0, maximum: 1000000, default: 1024}
      recent_bytes: {type: integer, minimum: 0, maximum: 1073741824, default: 4194304}
      heartbeat_ms: {type: integer, minimum: 0, maximum: 3600000, default: 15000}
  trust:
    type: object
    properties:
      lock: {type: string, minLength: 1, default: tutti.lock}
      keys: {type: array, items: {type: string}, default: []}
      require: {enum: [none, third_party, all], default: none}
  log:
    type: object
    properties:
      level: {enum: [trace, debug, information, warning, error], default: information}
      file: {type: string, default: ""}
      max_size_mb: {type: integer, minimum: 1, maximum: 100000, default: 100}
      rotate_hours: {type: integer, minimum: 1, maximum: 8760, default: 24}
      max_age_days: {type: integer, minimum: 1, maximum: 3650, default: 14}
      max_files: {type: integer, minimum: 1, maximum: 10000, default: 10}
      console: {type: boolean, default: true}
      queue: {type: integer, minimum: 16, maximum: 1000000, default: 8192}
)");
  return kSchema;
}

std::vector<std::string> Texts(JsonView list) {
  std::vector<std::string> texts;
  list.ForEach([&](JsonView item) { texts.emplace_back(item.AsString()); });
  return texts;
}

// One environment variable holds a whole list, so each entry may; spaces around a name and empty names fall away.
std::vector<std::string> SplitByCommas(const std::vector<std::string>& entries) {
  std::vector<std::string> names;
  for (std::string_view entry : entries) {
    while (!entry.empty()) {
      const std::size_t comma = std::min(entry.find(','), entry.size());
      const std::string_view name = entry.substr(0, comma);
      const std::size_t begin = name.find_first_not_of(' ');
      if (begin != std::string_view::npos) {
        names.emplace_back(name.substr(begin, name.find_last_not_of(' ') - begin + 1));
      }
      entry.remove_prefix(std::min(comma + 1, entry.size()));
    }
  }
  return names;
}

int Number(JsonView value, int fallback) {
  return static_cast<int>(value.AsInt(fallback));
}

std::chrono::milliseconds Milliseconds(JsonView value, std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds(value.AsInt(fallback.count()));
}

GatewayOptions ReadGateway(JsonView json) {
  GatewayOptions gateway;
  json["tokens"].ForEach([&](JsonView token) {
    gateway.tokens.push_back(
        {std::string(token["token"].AsString()), std::string(token["principal"].AsString()), Texts(token["scopes"])});
  });
  gateway.origins = SplitByCommas(Texts(json["origins"]));
  gateway.hosts = SplitByCommas(Texts(json["hosts"]));
  gateway.trusted_proxies = SplitByCommas(Texts(json["trusted_proxies"]));
  gateway.max_subscribers = Number(json["max_subscribers"], gateway.max_subscribers);
  gateway.replay_page = Number(json["replay_page"], gateway.replay_page);
  gateway.replay_readers = Number(json["replay_readers"], gateway.replay_readers);
  gateway.recent_events = Number(json["recent_events"], gateway.recent_events);
  gateway.recent_bytes = Number(json["recent_bytes"], gateway.recent_bytes);
  gateway.heartbeat = Milliseconds(json["heartbeat_ms"], gateway.heartbeat);
  return gateway;
}

IsolationSettings ReadIsolation(JsonView json) {
  IsolationSettings isolation;
  isolation.workers = Number(json["workers"], isolation.workers);
  isolation.windows = Number(json["windows"], isolation.windows);
  isolation.heartbeat = Milliseconds(json["heartbeat_ms"], isolation.heartbeat);
  isolation.hang = Milliseconds(json["hang_ms"], isolation.hang);
  isolation.frame_bytes = Number(json["frame_bytes"], isolation.frame_bytes);
  isolation.first_delay = Milliseconds(json["first_delay_ms"], isolation.first_delay);
  isolation.longest_delay = Milliseconds(json["longest_delay_ms"], isolation.longest_delay);
  return isolation;
}

TrustSettings ReadTrust(JsonView json) {
  TrustSettings trust;
  trust.lock = json["lock"].AsString(trust.lock);
  trust.keys = Texts(json["keys"]);
  const std::string_view require = json["require"].AsString();
  if (require == "all") {
    trust.require = TrustSettings::Require::kAll;
  } else if (require == "third_party") {
    trust.require = TrustSettings::Require::kThirdParty;
  }
  return trust;
}

void CheckTrust(const Node* section, Problems& problems) {
  const Node* trust = section == nullptr ? nullptr : section->Find("trust");
  const Node* keys = trust == nullptr ? nullptr : trust->Find("keys");
  if (keys != nullptr) {
    for (const Node& key : keys->items) {
      if (key.is_scalar() && !IsPublicKey(key.text)) {
        problems.push_back(ProblemAt(
            key, "expected a public key in base64, as `tutti plugin keygen` prints it, found " + Describe(key)));
      }
    }
  }
  const std::string require = trust == nullptr ? std::string() : trust->TextAt("require");
  if ((require == "third_party" || require == "all") && (keys == nullptr || keys->items.empty())) {
    problems.push_back(
        ProblemAt(*trust->Find("require"), "require: " + require +
                                               " asks for signatures, and trust.keys names no key that could make "
                                               "one; add a public key"));
  }
}

LogSettings ReadLog(JsonView json) {
  LogSettings log;
  log.level = json["level"].AsString(log.level);
  log.file = json["file"].AsString();
  log.max_size_mb = Number(json["max_size_mb"], log.max_size_mb);
  log.rotate_hours = Number(json["rotate_hours"], log.rotate_hours);
  log.max_age_days = Number(json["max_age_days"], log.max_age_days);
  log.max_files = Number(json["max_files"], log.max_files);
  log.console = json["console"].AsBool(log.console);
  log.queue = Number(json["queue"], log.queue);
  return log;
}

}  // namespace

HostSettings ReadHostSettings(const Node* section, const Variables& variables, Problems& problems) {
  Node empty;
  empty.kind = Node::Kind::kMap;
  const Result<Json> json =
      Json::Parse(SettingsSchema().Apply(section == nullptr ? empty : *section, &variables, problems));
  HostSettings settings;
  if (!json.ok()) {
    return settings;
  }
  settings.data_dir = (*json)["data_dir"].AsString();
  if (settings.data_dir.empty()) {
    const auto data = variables.find("TUTTI_DATA");
    settings.data_dir = data == variables.end() ? std::string() : data->second;
  }
  settings.stop_timeout = Milliseconds((*json)["stop_timeout_ms"], settings.stop_timeout);
  settings.executor.workers = Number((*json)["executor"]["workers"], settings.executor.workers);
  settings.executor.queue = Number((*json)["executor"]["queue"], settings.executor.queue);
  settings.executor.lost_threads = Number((*json)["executor"]["lost_threads"], settings.executor.lost_threads);
  const JsonView calls = (*json)["calls"];
  settings.calls.timeout = Milliseconds(calls["timeout_ms"], settings.calls.timeout);
  settings.calls.cancel_grace = Milliseconds(calls["cancel_grace_ms"], settings.calls.cancel_grace);
  settings.calls.max_depth = Number(calls["max_depth"], settings.calls.max_depth);
  settings.calls.events_queue = Number(calls["events_queue"], settings.calls.events_queue);
  settings.calls.max_running = Number(calls["max_running"], settings.calls.max_running);
  const JsonView containment = (*json)["containment"];
  settings.containment.callback_limit =
      Milliseconds(containment["callback_limit_ms"], settings.containment.callback_limit);
  settings.containment.strikes = Number(containment["strikes"], settings.containment.strikes);
  settings.containment.strike_window =
      Milliseconds(containment["strike_window_ms"], settings.containment.strike_window);
  settings.containment.crash_files = Number(containment["crash_files"], settings.containment.crash_files);
  settings.isolation = ReadIsolation((*json)["isolation"]);
  settings.hook_timeout = Milliseconds((*json)["hooks"]["timeout_ms"], settings.hook_timeout);
  settings.storage_patience = Milliseconds((*json)["hooks"]["storage_patience_ms"], settings.storage_patience);
  settings.plugins.drain = Milliseconds((*json)["plugins"]["drain_ms"], settings.plugins.drain);
  settings.plugins.pause = Milliseconds((*json)["plugins"]["pause_ms"], settings.plugins.pause);
  settings.template_timeout = Milliseconds((*json)["templates"]["timeout_ms"], settings.template_timeout);
  settings.max_templates = Number((*json)["templates"]["most"], settings.max_templates);
  settings.gateway = ReadGateway((*json)["gateway"]);
  settings.trust = ReadTrust((*json)["trust"]);
  CheckTrust(section, problems);
  settings.log = ReadLog((*json)["log"]);
  return settings;
}

}  // namespace tutti::host
