#include "host/server/settings_of.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

namespace tutti::host {

Result<std::unique_ptr<Logger>> MakeLogger(const LogSettings& settings) {
  LoggerOptions options;
  options.level = FindLogLevel(settings.level).value_or(LogLevel::kInformation);
  options.console = settings.console;
  options.queue = settings.queue;
  options.file.file = settings.file;
  options.file.max_bytes = static_cast<std::uint64_t>(settings.max_size_mb) << 20U;
  options.file.rotate_after = std::chrono::hours(settings.rotate_hours);
  options.file.max_age = std::chrono::hours(24 * settings.max_age_days);
  options.file.max_files = settings.max_files;
  return Logger::Create(std::move(options));
}

Result<CoreSettings> CoreSettingsOf(const HostSettings& host) {
  CoreSettings core;
  core.executor.workers = static_cast<std::size_t>(host.executor.workers);
  core.executor.queue = static_cast<std::size_t>(host.executor.queue);
  core.executor.lost_threads = static_cast<std::size_t>(host.executor.lost_threads);
  core.calls.max_depth = static_cast<std::uint32_t>(host.calls.max_depth);
  core.calls.max_running = static_cast<std::size_t>(host.calls.max_running);
  core.calls.events_queue = static_cast<std::size_t>(host.calls.events_queue);
  core.calls.cancel_grace = host.calls.cancel_grace;
  core.conduct.strikes = host.containment.strikes;
  core.conduct.window = host.containment.strike_window;
  core.callback_limit = host.containment.callback_limit;
  core.dispatcher.timeout_ms = host.calls.timeout.count();
  core.hooks.timeout = host.hook_timeout;
  core.hooks.storage_patience = host.storage_patience;
  core.templates.timeout = host.template_timeout;
  core.templates.most = static_cast<std::size_t>(host.max_templates);
  core.gateway.origins = host.gateway.origins;
  core.gateway.hosts = host.gateway.hosts;
  core.gateway.trusted_proxies = host.gateway.trusted_proxies;
  core.gateway.max_subscribers = static_cast<std::size_t>(host.gateway.max_subscribers);
  core.gateway.streams.page = static_cast<std::size_t>(host.gateway.replay_page);
  core.gateway.streams.readers = static_cast<std::size_t>(host.gateway.replay_readers);
  core.gateway.streams.recent_events = static_cast<std::size_t>(host.gateway.recent_events);
  core.gateway.streams.recent_bytes = static_cast<std::size_t>(host.gateway.recent_bytes);
  core.gateway.streams.heartbeat = host.gateway.heartbeat;
  core.gateway.version = TUTTI_VERSION;
  for (const TokenSettings& token : host.gateway.tokens) {
    std::string value = token.token;
    if (value.starts_with("secret://")) {
      Result<std::string> secret = Secrets().Find(value);
      if (!secret.ok()) {
        return secret.status();
      }
      value = std::move(*secret);
    }
    core.gateway.tokens.push_back({std::move(value), token.principal, token.scopes});
  }
  return core;
}

ProcessPlugins::Settings ProcessSettingsOf(const HostSettings& host, std::chrono::milliseconds tick) {
  ProcessPlugins::Settings settings;
  settings.scratch = std::filesystem::path(host.data_dir) / "scratch";
  settings.first_delay = host.isolation.first_delay;
  settings.longest_delay = host.isolation.longest_delay;
  settings.plugin.workers = static_cast<std::size_t>(host.isolation.workers);
  settings.plugin.supervisor.heartbeat = host.isolation.heartbeat;
  settings.plugin.supervisor.hang = host.isolation.hang;
  settings.plugin.supervisor.callback_limit = host.containment.callback_limit;
  if (host.containment.callback_limit.count() > 0) {
    // The limit is looked at with every heartbeat.
    settings.plugin.supervisor.heartbeat =
        std::min(host.isolation.heartbeat, std::max<std::chrono::milliseconds>(tick, host.containment.callback_limit));
  }
  WorkerSession::Settings& session = settings.plugin.supervisor.session;
  session.channel.max_frame = static_cast<std::size_t>(host.isolation.frame_bytes);
  session.channel.max_waiting = 2 * session.channel.max_frame;
  session.calls.event_window = static_cast<std::uint32_t>(host.isolation.windows);
  session.services.event_window = session.calls.event_window;
  return settings;
}

}  // namespace tutti::host
