// Host: the host's services as an ordinary object. Copies are cheap and refer to the same host.
//
// Whatever starts another call comes in two forms: awaitable (co_await host.Execute(...)) and, as a free choice of
// continuation, Begin(host.Execute(...), on_finish). Neither holds a thread while it waits.
//
// Calls of a service that the plugin was not granted (`permissions` in plugin.yaml) end with PERMISSION_DENIED; what
// has no end does nothing.
#pragma once

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tutti/abi/admin.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/config.h"
#include "tutti/abi/events.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/model.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti {

// A call that is about to be made. Await it, or give it to Begin. Its result is the outcome's body, or its Status.
class [[nodiscard]] Pending {
 public:
  using Starter = std::function<void(const tutti_reply*, tutti_call*)>;
  using OnEvent = std::function<void(std::string_view)>;

  explicit Pending(Starter starter) : starter_(std::move(starter)) {}

  // A call that cannot be made: its result is there already.
  explicit Pending(Status refusal) : result_(std::move(refusal)) {}

  // Events of the call, JSON, in order, on worker threads, all before the result.
  Pending&& Events(OnEvent on_event) && {
    on_event_ = std::move(on_event);
    return std::move(*this);
  }

  bool await_ready() const noexcept { return !starter_; }

  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    const tutti_reply reply{sizeof(tutti_reply), this, on_event_ ? &HandleEvent : nullptr, &HandleFinish};
    const Starter starter = std::move(starter_);
    starter(&reply, &started_);
    // The frame this object lives in may be gone by now.
  }

  Result<std::string> await_resume() { return std::move(result_); }

 private:
  friend tutti_call Begin(Pending pending, std::function<void(Result<std::string>)> on_finish);

  static void HandleEvent(void* user, tutti_str event) { static_cast<Pending*>(user)->on_event_(View(event)); }

  static void HandleFinish(void* user, const tutti_outcome* outcome) {
    auto* self = static_cast<Pending*>(user);
    self->result_ = FromOutcome(*outcome);
    self->waiter_.resume();
  }

  Starter starter_;
  OnEvent on_event_;
  std::coroutine_handle<> waiter_;
  tutti_call started_ = 0;
  Result<std::string> result_ = Status::Internal("not finished");
};

// Starts the call and returns its handle, for Host::Cancel; `on_finish` runs once, on a worker thread (here and now
// when the host has no such service).
inline tutti_call Begin(Pending pending, std::function<void(Result<std::string>)> on_finish) {
  struct Running {
    Pending::OnEvent on_event;
    std::function<void(Result<std::string>)> on_finish;
  };

  if (!pending.starter_) {
    on_finish(std::move(pending.result_));
    return 0;
  }
  auto running = std::make_unique<Running>(Running{std::move(pending.on_event_), std::move(on_finish)});
  tutti_reply reply{sizeof(tutti_reply), running.get(), nullptr, [](void* user, const tutti_outcome* outcome) {
                      std::unique_ptr<Running> owned(static_cast<Running*>(user));
                      owned->on_finish(FromOutcome(*outcome));
                    }};
  if (running->on_event) {
    reply.on_event = [](void* user, tutti_str event) { static_cast<Running*>(user)->on_event(View(event)); };
  }
  tutti_call started = 0;
  running.release();  // NOLINT(bugprone-unused-return-value): on_finish owns it from here
  pending.starter_(&reply, &started);
  return started;
}

// A function that waits for its time. Destroying or replacing the Timer before then cancels it; a function that is
// running goes on. Must be gone when the plugin is deactivated. Not thread-safe.
class Timer {
 public:
  Timer() = default;

  Timer(const tutti_host* host, const tutti_host_executor* executor, std::uint64_t id, std::function<void()>* fn)
      : host_(host), executor_(executor), id_(id), fn_(fn) {}

  Timer(Timer&& other) noexcept { *this = std::move(other); }

  Timer& operator=(Timer&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(executor_, other.executor_);
    std::swap(id_, other.id_);
    std::swap(fn_, other.fn_);
    return *this;
  }

  ~Timer() {
    // Not found: it ran, or is running, and frees its function itself.
    if (fn_ != nullptr && executor_->cancel_timer(host_, id_) == TUTTI_OK) {
      delete fn_;
    }
  }

  explicit operator bool() const { return fn_ != nullptr; }

 private:
  const tutti_host* host_ = nullptr;
  const tutti_host_executor* executor_ = nullptr;
  std::uint64_t id_ = 0;
  std::function<void()>* fn_ = nullptr;
};

class Host {
 public:
  explicit Host(const tutti_host* raw)
      : raw_(raw),
        log_(Find<tutti_host_log>(TUTTI_SERVICE_LOG)),
        calls_(Find<tutti_host_calls>(TUTTI_SERVICE_CALLS)),
        executor_(Find<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR)),
        commands_(Find<tutti_host_commands>(TUTTI_SERVICE_COMMANDS)),
        slash_(Find<tutti_host_slash>(TUTTI_SERVICE_SLASH)),
        events_(Find<tutti_host_events>(TUTTI_SERVICE_EVENTS)),
        store_(Find<tutti_host_store>(TUTTI_SERVICE_STORE)),
        models_(Find<tutti_host_models>(TUTTI_SERVICE_MODELS)),
        runtimes_(Find<tutti_host_runtimes>(TUTTI_SERVICE_RUNTIMES)),
        templates_(Find<tutti_host_templates>(TUTTI_SERVICE_TEMPLATES)),
        hooks_(Find<tutti_host_hooks>(TUTTI_SERVICE_HOOKS)),
        config_(Find<tutti_host_config>(TUTTI_SERVICE_CONFIG)),
        metrics_(Find<tutti_host_metrics>(TUTTI_SERVICE_METRICS)),
        admin_(Find<tutti_host_admin>(TUTTI_SERVICE_ADMIN)),
        house_(Find<tutti_host_house>(TUTTI_SERVICE_HOUSE)) {}

  [[nodiscard]] const tutti_host* raw() const { return raw_; }

  [[nodiscard]] const tutti_host_calls* calls() const { return calls_; }

  // A service this host has under an id of its own; nullptr when it has none, does not grant it to this plugin, or has
  // an older one that ends before Table does.
  template <typename Table>
  [[nodiscard]] const Table* Find(const char* id) const {
    const auto* table = static_cast<const Table*>(raw_->get_service(raw_, id));
    return table != nullptr && table->size >= sizeof(Table) ? table : nullptr;
  }

  // `message` is a constant sentence; `fields` a flat JSON object or empty. TUTTI_LOG_*.
  void Log(std::int32_t level, std::string_view message, std::string_view fields = {}) const {
    if (log_ != nullptr) {
      log_->write(raw_, level, Str(message), Str(fields));
    }
  }

  // Runs `fn` on a worker thread. RESOURCE_EXHAUSTED when the queue is full: then it does not run.
  [[nodiscard]] Status Post(std::function<void()> fn) const {
    if (executor_ == nullptr) {
      return MissingStatus(TUTTI_SERVICE_EXECUTOR);
    }
    auto owned = std::make_unique<std::function<void()>>(std::move(fn));
    const tutti_code code = executor_->post(raw_, &RunOwned, owned.get());
    return Posted(code, std::move(owned));
  }

  // Runs `fn` on a worker thread after `delay`, unless the Timer is gone by then. An empty one: the host took it not.
  [[nodiscard]] Timer PostAfter(std::chrono::milliseconds delay, std::function<void()> fn) const {
    if (executor_ == nullptr) {
      return {};
    }
    auto owned = std::make_unique<std::function<void()>>(std::move(fn));
    std::uint64_t id = 0;
    const auto delay_ms = static_cast<std::uint32_t>(delay.count());
    if (executor_->post_after(raw_, delay_ms, &RunOwned, owned.get(), &id) != TUTTI_OK) {
      return {};
    }
    return Timer(raw_, executor_, id, owned.release());
  }

  // co_await: go on after the delay, on a worker thread.
  [[nodiscard]] auto Delay(std::chrono::milliseconds delay) const {
    struct Awaiter {
      const Host* host;
      std::chrono::milliseconds delay;

      bool await_ready() const noexcept { return host->executor_ == nullptr; }

      bool await_suspend(std::coroutine_handle<> waiter) const {
        std::uint64_t timer = 0;
        return host->executor_->post_after(
                   host->raw_, static_cast<std::uint32_t>(delay.count()),
                   [](void* user) { std::coroutine_handle<>::from_address(user).resume(); }, waiter.address(),
                   &timer) == TUTTI_OK;
      }

      void await_resume() const noexcept {}
    };

    return Awaiter{this, delay};
  }

  // Storage: `ops` is a JSON array of operations (tutti/abi/storage.h); see also tutti/sdk/store.hpp.
  Pending Execute(tutti_call parent, std::string batch) const {
    if (store_ == nullptr) {
      return Denied("store");
    }
    return Pending([raw = raw_, store = store_, parent, batch = std::move(batch)](
                       const tutti_reply* reply, tutti_call*) { store->execute(raw, parent, Str(batch), reply); });
  }

  // `surface`: TUTTI_SURFACE_SLASH when somebody typed it.
  Pending InvokeCommand(tutti_call parent, std::string name, std::string args,
                        std::uint32_t surface = TUTTI_SURFACE_INTERNAL) const {
    if (commands_ == nullptr) {
      return Denied("commands");
    }
    return Pending([raw = raw_, commands = commands_, parent, name = std::move(name), args = std::move(args), surface](
                       const tutti_reply* reply, tutti_call* started) {
      const tutti_command_request request{sizeof request, parent, Str(name), Str(args), surface, {}, {}, {}};
      commands->invoke(raw, &request, reply, started);
    });
  }

  // For the plugin that serves approvals.ask: a client's command that a person has allowed. `behalf` as in
  // tutti/abi/command.h.
  Pending InvokeOnBehalf(std::string name, std::string args, std::uint32_t surface, std::string behalf) const {
    if (commands_ == nullptr) {
      return Denied("commands");
    }
    return Pending([raw = raw_, commands = commands_, name = std::move(name), args = std::move(args), surface,
                    behalf = std::move(behalf)](const tutti_reply* reply, tutti_call* started) {
      const tutti_command_request request{sizeof request, 0, Str(name), Str(args), surface, {}, {}, Str(behalf)};
      commands->invoke(raw, &request, reply, started);
    });
  }

  // JSON array of what may be typed as a slash command; see tutti/abi/slash.h.
  [[nodiscard]] std::string SlashCommands() const {
    if (slash_ == nullptr) {
      return "[]";
    }
    return Collect([this](const tutti_sink* sink) { slash_->list(raw_, sink); });
  }

  // {"command", "args"} for typed text; NOT_FOUND or INVALID_ARGUMENT with a sentence for who typed it.
  [[nodiscard]] Result<std::string> ParseSlash(std::string_view text) const {
    if (slash_ == nullptr) {
      return MissingStatus(TUTTI_SERVICE_SLASH);
    }
    tutti_code code = TUTTI_UNIMPLEMENTED;
    std::string answer = Collect([&](const tutti_sink* sink) { code = slash_->parse(raw_, Str(text), sink); });
    if (code != TUTTI_OK) {
      return Status(static_cast<Code>(code), answer);
    }
    return answer;
  }

  // An agent's tool call; `allowed_tools` a JSON array of names.
  Pending InvokeTool(tutti_call parent, std::string name, std::string args, std::string tool_use_id,
                     std::string allowed_tools) const {
    if (commands_ == nullptr) {
      return Denied("commands");
    }
    return Pending([raw = raw_, commands = commands_, parent, name = std::move(name), args = std::move(args),
                    tool_use_id = std::move(tool_use_id),
                    allowed_tools = std::move(allowed_tools)](const tutti_reply* reply, tutti_call* started) {
      const tutti_command_request request{sizeof request,     parent,           Str(name),          Str(args),
                                          TUTTI_SURFACE_TOOL, Str(tool_use_id), Str(allowed_tools), {}};
      commands->invoke(raw, &request, reply, started);
    });
  }

  // JSON array of the tools agents can be given.
  [[nodiscard]] std::string Tools() const {
    if (commands_ == nullptr) {
      return "[]";
    }
    return Collect([this](const tutti_sink* sink) { commands_->tools(raw_, sink); });
  }

  Pending Complete(tutti_call parent, std::string request) const {
    if (models_ == nullptr) {
      return Denied("models");
    }
    return Pending([raw = raw_, models = models_, parent, request = std::move(request)](const tutti_reply* reply,
                                                                                        tutti_call* started) {
      models->complete(raw, parent, Str(request), reply, started);
    });
  }

  // What the active model plugin lists.
  [[nodiscard]] std::string Models() const {
    if (models_ == nullptr) {
      return R"({"models":[]})";
    }
    return Collect([this](const tutti_sink* sink) { models_->models(raw_, sink); });
  }

  Pending StartRuntime(tutti_call parent, std::string request) const {
    if (runtimes_ == nullptr) {
      return Denied("runtimes");
    }
    return Pending([raw = raw_, runtimes = runtimes_, parent, request = std::move(request)](const tutti_reply* reply,
                                                                                            tutti_call* started) {
      runtimes->start(raw, parent, Str(request), reply, started);
    });
  }

  // Stops one tool call of a run; see tutti/abi/runtime.h.
  Pending StopTool(std::string run, std::string tool_use_id) const {
    if (runtimes_ == nullptr) {
      return Denied("runtimes");
    }
    return Pending(
        [raw = raw_, runtimes = runtimes_, run = std::move(run), tool_use_id = std::move(tool_use_id)](
            const tutti_reply* reply, tutti_call*) { runtimes->stop_tool(raw, Str(run), Str(tool_use_id), reply); });
  }

  // TUTTI_PHASE_*; SERVING for a plugin without the permission `runtimes`.
  [[nodiscard]] std::int32_t Phase() const {
    return runtimes_ == nullptr ? static_cast<std::int32_t>(TUTTI_PHASE_SERVING) : runtimes_->phase(raw_);
  }

  // Of this host, as long as its data directory lives; empty for a plugin without the permission `runtimes`.
  [[nodiscard]] std::string HostId() const {
    return runtimes_ == nullptr ? std::string()
                                : Collect([this](const tutti_sink* sink) { runtimes_->host_id(raw_, sink); });
  }

  // {"templates": [...], "failed": [...]} of all template plugins, by name; see tutti/abi/template.h. UNAVAILABLE when
  // this plugin was not granted the service.
  Pending ListTemplates(tutti_call parent) const {
    if (templates_ == nullptr) {
      return Denied("templates");
    }
    return Pending([raw = raw_, templates = templates_, parent](const tutti_reply* reply, tutti_call*) {
      templates->list(raw, parent, reply);
    });
  }

  // One whole template, or NOT_FOUND.
  Pending GetTemplate(tutti_call parent, std::string name) const {
    if (templates_ == nullptr) {
      return Denied("templates");
    }
    return Pending([raw = raw_, templates = templates_, parent, name = std::move(name)](
                       const tutti_reply* reply, tutti_call*) { templates->get(raw, parent, Str(name), reply); });
  }

  // `entries`: JSON array of {"point","payload"}; see tutti/abi/hook.h.
  Pending Fire(tutti_call parent, std::string entries, std::string ops = {}) const {
    if (hooks_ == nullptr) {
      return Denied("hooks");
    }
    return Pending([raw = raw_, hooks = hooks_, parent, entries = std::move(entries), ops = std::move(ops)](
                       const tutti_reply* reply, tutti_call*) {
      const tutti_fire fire{sizeof fire, parent, Str(entries), Str(ops)};
      hooks->fire(raw, &fire, reply);
    });
  }

  // Whether this plugin was granted `admin`; Manage may be used only then.
  [[nodiscard]] bool CanManage() const { return admin_ != nullptr; }

  // `operation` as in tutti/abi/admin.h.
  Pending Manage(tutti_call parent, std::string operation) const {
    return Pending([raw = raw_, admin = admin_, parent, operation = std::move(operation)](
                       const tutti_reply* reply, tutti_call*) { admin->manage(raw, parent, Str(operation), reply); });
  }

  // Whether this plugin was granted `house`; KeepHouse may be used only then.
  [[nodiscard]] bool CanKeepHouse() const { return house_ != nullptr; }

  // `request` is one of MAINTENANCE in tutti/abi/storage.h.
  Pending KeepHouse(tutti_call parent, std::string request) const {
    return Pending([raw = raw_, house = house_, parent, request = std::move(request)](
                       const tutti_reply* reply, tutti_call*) { house->maintain(raw, parent, Str(request), reply); });
  }

  // Stops a call that Begin started; it still ends through its on_finish.
  void Cancel(tutti_call started) const { calls_->cancel(raw_, started); }

  // A transient event for the subscribers of `stream`.
  void Publish(std::string_view stream, std::string_view type, std::string_view data) const {
    if (events_ == nullptr) {
      return;
    }
    tutti_event event{};
    event.size = sizeof event;
    event.stream = Str(stream);
    event.type = Str(type);
    event.data = Str(data);
    events_->publish(raw_, &event);
  }

  // Open WebSocket connections.
  [[nodiscard]] std::uint32_t connections() const { return events_ == nullptr ? 0 : events_->connections(raw_); }

  // What a configured "secret://name" stands for.
  [[nodiscard]] Result<std::string> Secret(std::string_view reference) const {
    if (config_ == nullptr) {
      return MissingStatus(TUTTI_SERVICE_CONFIG);
    }
    tutti_code code = TUTTI_UNIMPLEMENTED;
    std::string value = Collect([&](const tutti_sink* sink) { code = config_->secret(raw_, Str(reference), sink); });
    if (code != TUTTI_OK) {
      return Status(static_cast<Code>(code), "no secret named " + std::string(reference) +
                                                 "; set it in the environment or in the secrets directory");
    }
    return value;
  }

  void Count(std::string_view name, double value = 1, std::string_view labels = {}) const {
    if (metrics_ != nullptr) {
      metrics_->add(raw_, Str(name), Str(labels), value);
    }
  }

  void Gauge(std::string_view name, double value, std::string_view labels = {}) const {
    if (metrics_ != nullptr) {
      metrics_->set(raw_, Str(name), Str(labels), value);
    }
  }

  void Observe(std::string_view name, double value, std::string_view labels = {}) const {
    if (metrics_ != nullptr) {
      metrics_->observe(raw_, Str(name), Str(labels), value);
    }
  }

 private:
  static Pending Denied(const char* permission) {
    return Pending(Status::PermissionDenied(std::string("this plugin was not granted ") + permission +
                                            "; name it under `permissions` in plugin.yaml, and have the operator "
                                            "grant it"));
  }

  static Status MissingStatus(const char* service) {
    return Status::Unimplemented(std::string("expected the host service ") + service +
                                 ", which this host does not offer to the plugin; ask for it in `permissions` of "
                                 "plugin.yaml and have it granted, or run a tutti that has it");
  }

  static void RunOwned(void* user) {
    std::unique_ptr<std::function<void()>> owned(static_cast<std::function<void()>*>(user));
    (*owned)();
  }

  static Status Posted(tutti_code code, std::unique_ptr<std::function<void()>> owned) {
    if (code == TUTTI_OK) {
      owned.release();  // NOLINT(bugprone-unused-return-value): RunOwned owns it from here
      return {};
    }
    return {static_cast<Code>(code), "the host took no more work: its executor queue is full or it is stopping"};
  }

  template <typename Fn>
  static std::string Collect(Fn&& fn) {
    std::string text;
    const tutti_sink sink{sizeof sink, &text,
                          [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
    fn(&sink);
    return text;
  }

  const tutti_host* raw_;
  const tutti_host_log* log_;
  const tutti_host_calls* calls_;
  const tutti_host_executor* executor_;
  const tutti_host_commands* commands_;
  const tutti_host_slash* slash_;
  const tutti_host_events* events_;
  const tutti_host_store* store_;
  const tutti_host_models* models_;
  const tutti_host_runtimes* runtimes_;
  const tutti_host_templates* templates_;
  const tutti_host_hooks* hooks_;
  const tutti_host_config* config_;
  const tutti_host_metrics* metrics_;
  const tutti_host_admin* admin_;
  const tutti_host_house* house_;
};

}  // namespace tutti
