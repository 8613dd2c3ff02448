// The `host` section of etc/tutti.yaml: every bound of the host, with its default.
//
//   host:
//     data_dir: "${TUTTI_DATA}"            # one process holds it
//     stop_timeout_ms: 15000               # a stop takes at most this long
//     executor: {workers: 4, queue: 65536, lost_threads: 8}
//     calls: {timeout_ms: 600000, cancel_grace_ms: 5000, max_depth: 16, events_queue: 1024, max_running: 10000}
//     containment: {callback_limit_ms: 30000, strikes: 5, strike_window_ms: 600000, crash_files: 10}
//     isolation:                           # of each plugin in a process of its own
//       {workers: 4, windows: 256, heartbeat_ms: 1000, hang_ms: 10000, frame_bytes: 67108864, first_delay_ms: 250,
//        longest_delay_ms: 30000}
//     hooks: {timeout_ms: 5000, storage_patience_ms: 600000}
//     plugins: {drain_ms: 30000, pause_ms: 10000}
//     templates: {timeout_ms: 5000, most: 10000}  # per source: how long it may take, how many are listed
//     gateway:
//       tokens: [{token: "secret://console", principal: ada, scopes: ["*"]}]
//       origins: ["http://127.0.0.1:5175"] # one entry may hold several, separated by commas
//       hosts: [tutti.example.org]         # besides loopback and the listen addresses
//       trusted_proxies: [10.0.0.1]
//       max_subscribers: 10000           # WebSockets and event streams
//       replay_page: 256                 # events read at once for a client that catches up
//       replay_readers: 4                # clients that are read for at once
//       recent_events: 1024              # the last ones of a stream, kept for clients that catch up
//       recent_bytes: 4194304            # of them
//       heartbeat_ms: 15000              # between comments to clients of server-sent events; 0: none
//     trust:                               # which plugins may be loaded
//       lock: tutti.lock                   # relative to the manifest
//       keys: [BASE64]                     # public keys whose signatures count
//       require: none                      # none | third_party | all: who must be signed by one of them
//     log: {level: information, file: "", max_size_mb: 100, max_age_days: 14, max_files: 10, console: true, queue:
//     8192,
//           rotate_hours: 24}
//
// Plain values; no threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/node.h"
#include "host/manifest/variables.h"

namespace tutti::host {

struct ExecutorSettings {
  int workers = 4;  // 1 to 256
  int queue = 65536;
  int lost_threads = 8;  // that plugins do not give back and that are replaced

  bool operator==(const ExecutorSettings&) const = default;
};

struct CallSettings {
  std::chrono::milliseconds timeout{600000};
  std::chrono::milliseconds cancel_grace{5000};  // after a deadline, before the host ends the call itself
  int max_depth = 16;
  int events_queue = 1024;  // events of one call that its reader has not taken yet
  int max_running = 10000;

  bool operator==(const CallSettings&) const = default;
};

struct ContainmentSettings {
  std::chrono::milliseconds callback_limit{30000};  // for a plugin's function that belongs to no call; 0: none
  int strikes = 5;                                  // in `strike_window`, and the plugin is quarantined
  std::chrono::milliseconds strike_window{600000};
  int crash_files = 10;  // records of crashes that are kept

  bool operator==(const ContainmentSettings&) const = default;
};

struct IsolationSettings {
  int workers = 4;                                 // of a plugin's process, 1 to 256
  int windows = 256;                               // events of one call on their way between host and process
  std::chrono::milliseconds heartbeat{1000};       // between two looks at a process
  std::chrono::milliseconds hang{10000};           // without an answer, before it is killed
  int frame_bytes = 64 << 20;                      // of one message; twice as many may wait for the other end
  std::chrono::milliseconds first_delay{250};      // before a process that died is started again, doubled each time
  std::chrono::milliseconds longest_delay{30000};  // at most

  bool operator==(const IsolationSettings&) const = default;
};

struct TokenSettings {
  std::string token;  // text, or secret://name
  std::string principal;
  std::vector<std::string> scopes;

  bool operator==(const TokenSettings&) const = default;
};

struct GatewayOptions {
  std::vector<TokenSettings> tokens;
  std::vector<std::string> origins;
  std::vector<std::string> hosts;
  std::vector<std::string> trusted_proxies;
  int max_subscribers = 10000;
  int replay_page = 256;  // the next five: see EventStreams
  int replay_readers = 4;
  int recent_events = 1024;
  int recent_bytes = 4 << 20;
  std::chrono::milliseconds heartbeat{15000};

  bool operator==(const GatewayOptions&) const = default;
};

struct TrustSettings {
  enum class Require { kNone, kThirdParty, kAll };

  std::string lock = "tutti.lock";  // as it was written
  std::vector<std::string> keys;    // public keys, base64
  Require require = Require::kNone;

  bool operator==(const TrustSettings&) const = default;
};

struct LogSettings {
  std::string level = "information";
  std::string file;  // empty: none
  int max_size_mb = 100;
  int rotate_hours = 24;  // a file is closed when it is this old
  int max_age_days = 14;  // closed files older than this are removed
  int max_files = 10;     // closed files beyond this number are removed, oldest first
  bool console = true;
  int queue = 8192;  // lines waiting to be written; beyond, lines are dropped and counted

  bool operator==(const LogSettings&) const = default;
};

struct PluginSettings {
  std::chrono::milliseconds drain{30000};  // calls inside a plugin that was switched off have this long to end
  std::chrono::milliseconds pause{10000};  // and this long when its successor cannot start before

  bool operator==(const PluginSettings&) const = default;
};

struct HostSettings {
  std::string data_dir;
  std::chrono::milliseconds stop_timeout{15000};
  ExecutorSettings executor;
  CallSettings calls;
  ContainmentSettings containment;
  IsolationSettings isolation;
  std::chrono::milliseconds hook_timeout{5000};
  std::chrono::milliseconds storage_patience{600000};  // a run's step waits this long for a database that is away
  PluginSettings plugins;
  std::chrono::milliseconds template_timeout{5000};  // per template plugin
  int max_templates = 10000;                         // that one template plugin may list
  GatewayOptions gateway;
  TrustSettings trust;
  LogSettings log;

  bool operator==(const HostSettings&) const = default;
};

// `section` may be nullptr: defaults only.
HostSettings ReadHostSettings(const Node* section, const Variables& variables, Problems& problems);

}  // namespace tutti::host
