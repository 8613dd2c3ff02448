#include "host/server/run_server.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <optional>

#include "host/containment/crash_handler.h"
#include "host/containment/in_plugin.h"
#include "host/containment/last_crash.h"
#include "host/containment/life_thread.h"
#include "host/isolation/process_plugins.h"
#include "host/lifecycle/admin_desk.h"
#include "host/lifecycle/control_loop.h"
#include "host/lifecycle/plugin_manager.h"
#include "host/logging/logger.h"
#include "host/manifest/manifest.h"
#include "host/sandbox/confinement_text.h"
#include "host/server/data_lock.h"
#include "host/server/exposure.h"
#include "host/server/host_file.h"
#include "host/server/host_id.h"
#include "host/server/host_log.h"
#include "host/server/host_metrics.h"
#include "host/server/process_limits.h"
#include "host/server/readiness.h"
#include "host/server/say.h"
#include "host/server/settings_of.h"
#include "host/server/sweeper.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr auto kSweep = std::chrono::milliseconds(100);

// What a stop still waits for when its time is up.
constexpr auto kLastPatience = std::chrono::milliseconds(500);

// The signals of the control loop come to the control thread only, which reads them.
void BlockSignals() {
  const sigset_t set = ControlLoop::Signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that goes away is an error of write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow (ulimit -f) is an error of write too: the database says so, and goes on when it may.
  std::signal(SIGXFSZ, SIG_IGN);
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

// The manifest as the command line wants it.
LoadedManifest Load(const RunOptions& options, std::optional<Overlay> switched) {
  LoadOptions with = options.manifest;
  with.switched = std::move(switched);
  LoadedManifest loaded = LoadManifest(with);
  OverrideListen(loaded.manifest, options.listen);
  return loaded;
}

int Refuse(const Status& status) {
  std::cerr << "tutti: " << status.message() << std::endl;
  return 1;
}

// A crash of the last run, said once.
void TellLastCrash(const HostSettings& host, LogSink& log) {
  const std::optional<LastCrash> crash =
      TakeLastCrash(host.data_dir, static_cast<std::size_t>(host.containment.crash_files));
  if (!crash) {
    return;
  }
  log.Write(
      TUTTI_LOG_ERROR, crash->plugin, "the last run ended by a crash",
      JsonObject()("operation", crash->operation)("reason", CleanUtf8(crash->sentence))("record", crash->kept.string())
          .Take());
  Say("the last run " + CleanUtf8(crash->sentence) + (crash->kept.empty() ? "" : " (" + crash->kept.string() + ")"));
}

// Ends the process without taking apart what threads that never came back still use.
[[noreturn]] void LeaveAsItIs(LogSink& log, Logger& logger, std::chrono::milliseconds patience) {
  for (const ThreadInside& thread : ThreadsInside()) {
    const PluginFrame& frame = thread.frames.back();
    log.Write(TUTTI_LOG_ERROR, "", "a thread is still inside a plugin",
              JsonObject()("plugin", frame.plugin->id)("version", frame.plugin->version)("operation", Describe(frame))(
                  "call", frame.call)("thread", thread.thread)
                  .Take());
  }
  log.Write(TUTTI_LOG_INFORMATION, "", "stopped", JsonObject()("exit_code", 1).Take());
  (void)logger.Flush(patience);
  std::cout.flush();
  std::_Exit(1);
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

// What the supervisor knows of a plugin in a process of its own.
PluginLife LifeOf(const PluginInstance& plugin, const ProcessPlugins& processes) {
  PluginLife life;
  const std::optional<WorkerReport> report = processes.Report(plugin.id());
  if (!report || plugin.spec().isolation != Isolation::kProcess) {
    return life;
  }
  if (report->state != WorkerReport::State::kRunning) {
    life.state = report->state == WorkerReport::State::kRestarting ? "restarting" : "failed";
    life.reason = report->last_death;
  }
  life.confinement = DescribeConfinement(report->confinement.level, plugin.spec().grants);
  for (const std::string& note : report->confinement.notes) {
    life.confinement += "; " + note;
  }
  life.restarts = report->restarts;
  return life;
}

PluginManager::Options ManagerOptions(const RunOptions& options, const Manifest& manifest, ControlLoop& loop,
                                      Core& core, HostFile& host_file, LifeThread& life) {
  PluginManager::Options with;
  with.life_thread = &life;
  with.settings = manifest.host.plugins;
  with.create =
      [&core, store = LibraryStore(std::filesystem::path(manifest.host.data_dir) / "plugins")](PluginInstance& plugin) {
        return plugin.spec().isolation == Isolation::kProcess ? core.processes->Create(plugin, store)
                                                              : plugin.Create(store);
      };
  with.life = [&core](const PluginInstance& plugin) { return LifeOf(plugin, *core.processes); };
  with.load = [options, has_tokens = !manifest.host.gateway.tokens.empty()](std::optional<Overlay> switched) {
    LoadedManifest loaded = Load(options, std::move(switched));
    if (const Status status = CheckExposure(loaded.manifest, has_tokens); !status.ok()) {
      loaded.problems.push_back({{loaded.manifest.file, 0, 0}, "", std::string(status.message()), ""});
    }
    return loaded;
  };
  with.on_addresses = [&core, &host_file](const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
      Say("listens on http://" + address);
    }
    if (const Status status = host_file.Write(addresses); !status.ok()) {
      core.log.Write(TUTTI_LOG_ERROR, "", "host file not written", JsonObject()("reason", status.message()).Take());
    }
  };
  with.is_interrupted = [&loop] { return loop.IsStopRequested(); };
  with.later = [&loop](std::function<void()> run) {
    static_cast<void>(loop.Post([run = std::move(run)](bool is_stopping) {
      if (!is_stopping) {
        run();
      }
    }));
  };
  return with;
}

// What reaches the manager from other threads, from before the first client comes until the last has gone.
class Management {
 public:
  Management(ControlLoop& loop, PluginManager& plugins, Core& core) : loop_(loop), core_(core), desk_(loop, plugins) {
    core.admin = &desk_;
    core.faults.SetHandler([&loop, &plugins](std::string id, std::string reason) {
      static_cast<void>(loop.Post([&plugins, id = std::move(id), reason = std::move(reason)](bool is_stopping) {
        if (!is_stopping) {
          plugins.Quarantine(id, reason);
        }
      }));
    });
  }

  ~Management() {
    core_.faults.SetHandler({});
    core_.admin = nullptr;
    loop_.Close();
  }

  Management(const Management&) = delete;
  Management& operator=(const Management&) = delete;

 private:
  ControlLoop& loop_;
  Core& core_;
  AdminDesk desk_;
};

// Serves until SIGTERM or SIGINT.
void Serve(ControlLoop& loop, PluginManager& plugins, Core& core, Logger& logger) {
  loop.Run({.on_hangup =
                [&] {
                  logger.Reopen();
                  const ChangeReport report = plugins.Apply({});
                  core.log.Write(report.problems.empty() ? TUTTI_LOG_INFORMATION : TUTTI_LOG_ERROR, "",
                                 "manifest applied", report.ToJson());
                  Say("the manifest was read again:\n" + report.ToText());
                },
            .on_tick = [&plugins] { return plugins.Tick(); }});
  // Nobody is answered any more by a loop that has ended.
  loop.Close();
}

}  // namespace

int RunServer(const RunOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  BlockSignals();
  ControlLoop loop;
  SetProcessLimits();

  LoadedManifest loaded = Load(options, std::nullopt);
  if (!loaded.ok()) {
    for (const Problem& problem : loaded.problems) {
      std::cerr << ToString(problem) << '\n';
    }
    return 2;
  }
  const Manifest& manifest = loaded.manifest;
  if (Status status = CheckExposure(manifest, !manifest.host.gateway.tokens.empty()); !status.ok()) {
    return Refuse(status);
  }
  DataLock lock;
  if (Status status = lock.Take(manifest.host.data_dir); !status.ok()) {
    return Refuse(status);
  }
  Result<std::string> host_id = HostIdOf(manifest.host.data_dir);
  if (!host_id.ok()) {
    return Refuse(host_id.status());
  }
  Result<std::unique_ptr<Logger>> logger = MakeLogger(manifest.host.log);
  if (!logger.ok()) {
    return Refuse(logger.status());
  }
  Result<CoreSettings> settings = CoreSettingsOf(manifest.host);
  if (!settings.ok()) {
    return Refuse(settings.status());
  }
  Result<GatewayToken> token = HostFile::NewToken();
  if (!token.ok()) {
    return Refuse(token.status());
  }
  settings->gateway.own = *token;
  HostFile host_file(manifest.host.data_dir, std::move(*token));

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
  core.host_id = std::move(*host_id);
  core.idempotent.SetHost(core.host_id);
  TellLastCrash(manifest.host, log);
  if (Status status = InstallCrashHandler(CrashRecord(manifest.host.data_dir)); !status.ok()) {
    log.Write(TUTTI_LOG_WARNING, "", "crashes will not be recorded", JsonObject()("reason", status.message()).Take());
  }
  ProcessPlugins processes(
      ProcessSettingsOf(manifest.host, kSweep), core.calls,
      [&log](std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) {
        log.Write(level, plugin, message, fields);
      },
      core.faults);
  core.processes = &processes;
  std::optional<Sweeper> sweeper(std::in_place, core, kSweep);

  LifeThread life(manifest.host.containment.callback_limit,
                  [&core](const PluginTag& plugin, const PluginOperation& operation, const std::string& reason) {
                    core.log.Write(TUTTI_LOG_ERROR, "", "a thread is lost in a plugin",
                                   JsonObject()("plugin", plugin.id)("version", plugin.version)(
                                       "operation", operation.name)("reason", reason)
                                       .Take());
                    core.conduct.Misused(plugin.id, "hang");
                  });
  int exit_code = 0;
  {
    PluginManager plugins(core, manifest, ManagerOptions(options, manifest, loop, core, host_file, life));
    const Management management(loop, plugins, core);
    Status status = plugins.Start();
    std::vector<std::string> addresses;
    if (status.ok()) {
      core.is_serving = true;
      core.gateway.SetListenAddresses({});
      Result<std::vector<std::string>> bound = plugins.Listen();
      status = bound.status();
      if (bound.ok()) {
        addresses = std::move(*bound);
        core.gateway.SetListenAddresses(addresses);
        status = host_file.Write(addresses);
      }
    }
    if (status.ok()) {
      Say(Greeting(manifest, addresses));
      for (const auto& [id, reason] : plugins.failed()) {
        Say("not started: " + id + ": " + reason);
      }
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
      log.Write(TUTTI_LOG_INFORMATION, "", "started", JsonObject()("ms", took.count())("pid", ::getpid()).Take());
      // Reading manifests and schemas leaves half of the heap free but with the process: it goes back once, when no
      // request pays for it.
      malloc_trim(0);
      Say("ready");
      Serve(loop, plugins, core, **logger);
    } else {
      exit_code = Refuse(status);
    }

    const auto deadline = std::chrono::steady_clock::now() + manifest.host.stop_timeout;
    log.Write(TUTTI_LOG_INFORMATION, "", "stopping", {});
    plugins.Pause();
    core.calls.CancelAll();
    core.journal_keeper.Stop();
    WaitForCalls(core, deadline);
    const bool drained = plugins.Stop(deadline);
    sweeper.reset();
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    // For a thread that is lost already there is nothing to wait for.
    if (!core.executor.Stop(core.executor.lost() > 0 ? kLastPatience : std::max(left, kLastPatience))) {
      host_file.Remove();
      LeaveAsItIs(log, **logger, kLastPatience);
    }
    if (!drained && exit_code == 0) {
      exit_code = 1;
    }
  }
  if (life.lost() > 0) {
    host_file.Remove();
    LeaveAsItIs(log, **logger, kLastPatience);
  }
  log.Write(TUTTI_LOG_INFORMATION, "", "stopped", JsonObject()("exit_code", exit_code).Take());
  return exit_code;
}

}  // namespace tutti::host
