#include "host/server/run_server.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "host/dispatch/plugin_call.h"
#include "host/isolation/process_plugins.h"
#include "host/logging/logger.h"
#include "host/manifest/manifest.h"
#include "host/server/data_lock.h"
#include "host/server/host_metrics.h"
#include "host/server/loopback.h"
#include "host/server/plugin_set.h"
#include "host/server/process_limits.h"
#include "host/server/readiness.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr auto kSweep = std::chrono::milliseconds(100);

// Lines for the operator at the terminal.
void Say(const std::string& line) {
  std::cout << line << std::endl;
}

class HostLog final : public LogSink {
 public:
  explicit HostLog(Logger& logger) : logger_(logger) {}

  void Write(std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) override {
    const bool is_notice = level == TUTTI_LOG_NOTICE;
    if (is_notice) {
      Say(std::string(message));
    }
    const LogLevel at = is_notice ? LogLevel::kInformation : static_cast<LogLevel>(level);
    if (plugin.empty()) {
      logger_.WriteJson(at, message, fields);
    } else {
      logger_.WriteJson(at, message, fields, {{"plugin", plugin}});
    }
  }

  [[nodiscard]] bool Enabled(std::int32_t level) const override {
    return logger_.IsEnabled(level == TUTTI_LOG_NOTICE ? LogLevel::kInformation : static_cast<LogLevel>(level));
  }

 private:
  Logger& logger_;
};

// At debug level: a busy server answers more requests than anybody reads lines.
void LogAccess(LogSink& log, const Access& access) {
  if (log.Enabled(TUTTI_LOG_DEBUG)) {
    log.Write(TUTTI_LOG_DEBUG, "", "request",
              JsonObject()("method", access.method)("path", CleanUtf8(access.path))("client", access.client)(
                  "status", access.status)("us", access.duration_us)
                  .Take());
  }
}

// SIGTERM, SIGINT and SIGHUP come to the control thread only, which waits for them.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that goes away is an error of write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

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

Result<CoreSettings> ToCoreSettings(const HostSettings& host) {
  CoreSettings core;
  core.executor.workers = static_cast<std::size_t>(host.executor.workers);
  core.executor.queue = static_cast<std::size_t>(host.executor.queue);
  core.calls.max_depth = static_cast<std::uint32_t>(host.calls.max_depth);
  core.calls.max_running = static_cast<std::size_t>(host.calls.max_running);
  core.calls.events_queue = static_cast<std::size_t>(host.calls.events_queue);
  core.dispatcher.timeout_ms = host.calls.timeout.count();
  core.hooks.timeout = host.hook_timeout;
  core.hooks.storage_patience = host.storage_patience;
  core.gateway.origins = host.gateway.origins;
  core.gateway.hosts = host.gateway.hosts;
  core.gateway.trusted_proxies = host.gateway.trusted_proxies;
  core.gateway.max_subscribers = static_cast<std::size_t>(host.gateway.max_subscribers);
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

// --listen wins over what the manifest says.
void OverrideListen(Manifest& manifest, const std::string& listen) {
  for (PluginEntry& entry : manifest.plugins) {
    if (listen.empty() || !entry.manifest.Serves("transport")) {
      continue;
    }
    if (Result<Json> config = Json::Parse(entry.config_json); config.ok()) {
      rapidjson::Document& document = config->document();
      document.RemoveMember("listen");
      document.AddMember("listen", rapidjson::Value(listen, document.GetAllocator()), document.GetAllocator());
      entry.config_json = config->view().Dump();
    }
  }
}

// Whoever reaches the server may run commands on this machine, so only loopback goes without a token.
Status CheckExposure(const Manifest& manifest) {
  if (!manifest.host.gateway.tokens.empty()) {
    return {};
  }
  Status status;
  for (const PluginEntry& entry : manifest.plugins) {
    if (!entry.manifest.Serves("transport")) {
      continue;
    }
    const Result<Json> config = Json::Parse(entry.config_json);
    if (!config.ok()) {
      continue;
    }
    const auto check = [&](JsonView address) {
      if (address.is_string() && !IsLoopback(address.AsString())) {
        status = Status::FailedPrecondition(
            entry.manifest.id + " would listen on " + std::string(address.AsString()) +
            ", which other machines can reach, and host.gateway.tokens is empty: anybody there could run commands as "
            "you. Configure a token, or listen on 127.0.0.1 or [::1]");
      }
    };
    check((*config)["listen"]);
    (*config)["listen"].ForEach(check);
  }
  return status;
}

int Refuse(const Status& status) {
  std::cerr << "tutti: " << status.message() << std::endl;
  return 1;
}

// Cancels what is past its deadline, again and again until the executor stops.
void ScheduleSweep(Core& core) {
  core.executor.SubmitAfter(kSweep, [&core] {
    core.calls.Sweep(NowMillis());
    ScheduleSweep(core);
  });
}

void WaitForCalls(Core& core, std::chrono::steady_clock::time_point deadline) {
  while (core.calls.running() > 0 && std::chrono::steady_clock::now() < deadline) {
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
}

std::string Greeting(const Manifest& manifest, const std::vector<std::string>& addresses) {
  std::string text = "tutti " TUTTI_VERSION " listens on";
  for (const std::string& address : addresses) {
    text += " http://" + address;
  }
  text += "\nmodel: " + (manifest.roles.model.empty() ? std::string("none") : manifest.roles.model);
  if (manifest.roles.model == "tutti.models.rehearsal") {
    text += " (scripted answers, no key needed; set ANTHROPIC_API_KEY for a real model)";
  }
  return text + "\nstorage: " + manifest.roles.storage;
}

}  // namespace

int RunServer(const RunOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  const sigset_t signals = BlockSignals();
  SetProcessLimits();

  LoadedManifest loaded = LoadManifest(options.manifest);
  if (!loaded.ok()) {
    for (const Problem& problem : loaded.problems) {
      std::cerr << ToString(problem) << '\n';
    }
    return 2;
  }
  Manifest& manifest = loaded.manifest;
  OverrideListen(manifest, options.listen);
  if (Status status = CheckExposure(manifest); !status.ok()) {
    return Refuse(status);
  }
  DataLock lock;
  if (Status status = lock.Take(manifest.host.data_dir); !status.ok()) {
    return Refuse(status);
  }
  Result<std::unique_ptr<Logger>> logger = MakeLogger(manifest.host.log);
  if (!logger.ok()) {
    return Refuse(logger.status());
  }
  Result<CoreSettings> settings = ToCoreSettings(manifest.host);
  if (!settings.ok()) {
    return Refuse(settings.status());
  }

  HostLog log(**logger);
  HostMetrics metrics;
  Core* reached = nullptr;
  settings->calls.on_overdue = [&reached](const CallNode& node) {
    if (reached->processes != nullptr) {
      reached->processes->EndOverdue(node);
    }
  };
  Core core(*settings, log,
            {[&reached] { return CheckDependencies(*reached); },
             [&] {
               metrics.Update(*reached, (*logger)->dropped());
               return reached->metrics.Text();
             },
             [&log](const Access& access) { LogAccess(log, access); }});
  reached = &core;
  ProcessPlugins::Settings isolation;
  isolation.scratch = std::filesystem::path(manifest.host.data_dir) / "scratch";
  ProcessPlugins processes(
      isolation, core.calls,
      [&log](std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) {
        log.Write(level, plugin, message, fields);
      },
      core.faults);
  core.processes = &processes;
  ScheduleSweep(core);

  int exit_code = 0;
  {
    PluginSet plugins(core, manifest);
    Status status = plugins.Start(std::filesystem::path(manifest.host.data_dir) / "plugins");
    std::vector<std::string> addresses;
    if (status.ok()) {
      core.gateway.SetListenAddresses({});
      Result<std::vector<std::string>> bound = plugins.Listen();
      status = bound.status();
      if (bound.ok()) {
        addresses = std::move(*bound);
        core.gateway.SetListenAddresses(addresses);
      }
    }
    if (status.ok()) {
      Say(Greeting(manifest, addresses));
      for (const auto& [id, reason] : plugins.failed()) {
        Say("not started: " + id + ": " + reason);
      }
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
      log.Write(TUTTI_LOG_INFORMATION, "", "started", JsonObject()("ms", took.count())("pid", ::getpid()).Take());
      Say("ready");
      int signal = 0;
      do {
        sigwait(&signals, &signal);
        if (signal == SIGHUP) {
          (*logger)->Reopen();
        }
      } while (signal == SIGHUP);
    } else {
      exit_code = Refuse(status);
    }

    const auto deadline = std::chrono::steady_clock::now() + manifest.host.stop_timeout;
    log.Write(TUTTI_LOG_INFORMATION, "", "stopping", {});
    plugins.Pause();
    core.calls.CancelAll();
    WaitForCalls(core, deadline);
    const bool drained = plugins.Stop(deadline);
    core.executor.Stop();
    if (!drained && exit_code == 0) {
      exit_code = 1;
    }
  }
  log.Write(TUTTI_LOG_INFORMATION, "", "stopped", JsonObject()("exit_code", exit_code).Take());
  return exit_code;
}

}  // namespace tutti::host
