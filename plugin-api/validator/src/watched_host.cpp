#include "watched_host.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tutti/abi/admin.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/json.hpp"

namespace tutti::validator {
namespace {

using Stage = WatchedHost::Stage;

std::atomic<WatchedHost*> current{nullptr};

// What the fake host itself has under a service's id; its tables live as long as the process.
template <typename Table>
const Table* original = nullptr;

// A function's name as a template argument.
struct Name {
  char text[48]{};

  // NOLINTNEXTLINE(google-explicit-constructor): written as a literal
  constexpr Name(const char* name) {
    for (std::size_t i = 0; name[i] != '\0' && i + 1 < sizeof text; ++i) {
      text[i] = name[i];
    }
  }
};

std::string Shown(std::string_view text) {
  constexpr std::size_t kShown = 60;
  return JsonQuote(CleanUtf8(text.substr(0, kShown))) + (text.size() > kShown ? "..." : "");
}

template <typename T>
std::string TooSmall(const T* value, std::size_t needed) {
  if (value == nullptr) {
    return "was given NULL for a struct";
  }
  return value->size < needed ? "was given a struct of size " + std::to_string(value->size) +
                                    "; set `size` to sizeof, which is " + std::to_string(sizeof(T))
                              : "";
}

// What is wrong with an argument; empty for nothing.
template <typename T>
std::string ProblemWith(const T&) {
  return {};
}

std::string ProblemWith(const tutti_str& text) {
  return text.data == nullptr && text.size > 0 ? "was given a string of " + std::to_string(text.size) + " bytes at NULL"
                                               : "";
}

std::string ProblemWith(const tutti_sink* const& sink) {
  const std::string problem = TooSmall(sink, sizeof(tutti_sink));
  return problem.empty() && sink->write == nullptr ? "was given a sink without a write function" : problem;
}

std::string ProblemWith(const tutti_reply* const& reply) {
  const std::string problem = TooSmall(reply, sizeof(tutti_reply));
  return problem.empty() && reply->on_finish == nullptr ? "was given a reply without on_finish" : problem;
}

std::string ProblemWith(const tutti_command_request* const& request) {
  return TooSmall(request, offsetof(tutti_command_request, behalf));
}

std::string ProblemWith(const tutti_fire* const& fire) {
  return TooSmall(fire, offsetof(tutti_fire, ops));
}

std::string ProblemWith(const tutti_event* const& event) {
  return TooSmall(event, sizeof(tutti_event));
}

std::string ProblemWith(const tutti_outcome* const& outcome) {
  std::string problem = TooSmall(outcome, offsetof(tutti_outcome, retry_after_ms) + sizeof outcome->retry_after_ms);
  if (!problem.empty()) {
    return problem;
  }
  problem = ProblemWith(outcome->body);
  return problem.empty() ? ProblemWith(outcome->message) : problem;
}

// What is wrong with an outcome that can be passed on all the same.
void NoteOutcome(WatchedHost& watched, const tutti_outcome& outcome) {
  if (outcome.code < TUTTI_OK || outcome.code > TUTTI_UNAUTHENTICATED) {
    watched.Note("a call was finished with the code " + std::to_string(outcome.code) +
                 "; expected one of the codes of tutti/abi/core.h");
  }
  if (outcome.code != TUTTI_OK && outcome.message.size == 0) {
    watched.Note("a call was finished with the code " + std::to_string(outcome.code) +
                 " and no message; expected a sentence");
  }
  if (outcome.body.size > 0 && !Json::Parse(View(outcome.body)).ok()) {
    watched.Note("a call was finished with the body " + Shown(View(outcome.body)) + ", which is no JSON");
  }
}

void NoteEvent(WatchedHost& watched, tutti_str event) {
  if (!Json::Parse(View(event)).ok()) {
    watched.Note("the event " + Shown(View(event)) + " was emitted, which is no JSON");
  }
}

template <Name kName, auto kMember, Stage kEarliest, bool kBlocks = false>
struct Watched;

template <Name kName, typename Table, typename Return, typename... Arguments,
          Return (*Table::*kMember)(const tutti_host*, Arguments...), Stage kEarliest, bool kBlocks>
struct Watched<kName, kMember, kEarliest, kBlocks> {
  static Return Call(const tutti_host* host, Arguments... arguments) {
    WatchedHost* watched = WatchedHost::Current();
    bool passes = watched != nullptr && watched->Enter(kName.text, host, kEarliest, kBlocks);
    [[maybe_unused]] const auto check = [&](const auto& argument) {
      const std::string problem = ProblemWith(argument);
      if (passes && !problem.empty()) {
        watched->Note(std::string(kName.text) + " " + problem);
        passes = false;
      }
    };
    (check(arguments), ...);
    if (!passes) {
      if constexpr (std::is_void_v<Return>) {
        return;
      } else {
        return static_cast<Return>(TUTTI_INVALID_ARGUMENT);
      }
    }
    if constexpr (std::is_same_v<Table, tutti_host_calls>) {
      NoteShapes(*watched, arguments...);
    }
    return (original<Table>->*kMember)(host, arguments...);
  }

  // finish and emit carry JSON.
  static void NoteShapes(WatchedHost& watched, tutti_call, const tutti_outcome* outcome) {
    NoteOutcome(watched, *outcome);
  }

  static void NoteShapes(WatchedHost& watched, tutti_call, tutti_str event) { NoteEvent(watched, event); }

  static void NoteShapes(WatchedHost& watched, tutti_call, tutti_str event, std::uint32_t) {
    NoteEvent(watched, event);
  }

  template <typename... Others>
  static void NoteShapes(WatchedHost&, Others...) {}
};

// States as the headers give them, function by function.

const tutti_host_log kLog{
    sizeof kLog,
    &Watched<"tutti.host.log/1 write", &tutti_host_log::write, Stage::kCreated>::Call,
    &Watched<"tutti.host.log/1 enabled", &tutti_host_log::enabled, Stage::kCreated>::Call,
};

const tutti_host_calls kCalls{
    sizeof kCalls,
    &Watched<"tutti.host.calls/1 emit", &tutti_host_calls::emit, Stage::kActive>::Call,
    &Watched<"tutti.host.calls/1 emit_wait", &tutti_host_calls::emit_wait, Stage::kActive, true>::Call,
    &Watched<"tutti.host.calls/1 finish", &tutti_host_calls::finish, Stage::kActive>::Call,
    &Watched<"tutti.host.calls/1 cancelled", &tutti_host_calls::cancelled, Stage::kActive>::Call,
    &Watched<"tutti.host.calls/1 on_cancel", &tutti_host_calls::on_cancel, Stage::kActive>::Call,
    &Watched<"tutti.host.calls/1 forget", &tutti_host_calls::forget, Stage::kActive>::Call,
    &Watched<"tutti.host.calls/1 cancel", &tutti_host_calls::cancel, Stage::kActive>::Call,
};

const tutti_host_executor kExecutor{
    sizeof kExecutor,
    &Watched<"tutti.host.executor/0 post", &tutti_host_executor::post, Stage::kActive>::Call,
    &Watched<"tutti.host.executor/0 post_after", &tutti_host_executor::post_after, Stage::kActive>::Call,
    &Watched<"tutti.host.executor/0 cancel_timer", &tutti_host_executor::cancel_timer, Stage::kActive>::Call,
};

const tutti_host_commands kCommands{
    sizeof kCommands,
    &Watched<"tutti.host.commands/1 invoke", &tutti_host_commands::invoke, Stage::kActive>::Call,
    &Watched<"tutti.host.commands/1 tools", &tutti_host_commands::tools, Stage::kActive>::Call,
};

const tutti_host_events kEvents{
    sizeof kEvents,
    &Watched<"tutti.host.events/0 publish", &tutti_host_events::publish, Stage::kActive>::Call,
    &Watched<"tutti.host.events/0 connections", &tutti_host_events::connections, Stage::kActive>::Call,
};

const tutti_host_slash kSlash{
    sizeof kSlash,
    &Watched<"tutti.host.slash/0 list", &tutti_host_slash::list, Stage::kActive>::Call,
    &Watched<"tutti.host.slash/0 parse", &tutti_host_slash::parse, Stage::kActive>::Call,
};

const tutti_host_store kStore{
    sizeof kStore,
    &Watched<"tutti.host.store/0 execute", &tutti_host_store::execute, Stage::kActive>::Call,
};

const tutti_host_models kModels{
    sizeof kModels,
    &Watched<"tutti.host.models/0 complete", &tutti_host_models::complete, Stage::kActive>::Call,
    &Watched<"tutti.host.models/0 models", &tutti_host_models::models, Stage::kActive>::Call,
};

const tutti_host_runtimes kRuntimes{
    sizeof kRuntimes,
    &Watched<"tutti.host.runtimes/0 start", &tutti_host_runtimes::start, Stage::kActive>::Call,
    &Watched<"tutti.host.runtimes/0 stop_tool", &tutti_host_runtimes::stop_tool, Stage::kActive>::Call,
    &Watched<"tutti.host.runtimes/0 phase", &tutti_host_runtimes::phase, Stage::kCreated>::Call,
    &Watched<"tutti.host.runtimes/0 host_id", &tutti_host_runtimes::host_id, Stage::kCreated>::Call,
};

const tutti_host_templates kTemplates{
    sizeof kTemplates,
    &Watched<"tutti.host.templates/0 list", &tutti_host_templates::list, Stage::kActive>::Call,
    &Watched<"tutti.host.templates/0 get", &tutti_host_templates::get, Stage::kActive>::Call,
};

const tutti_host_hooks kHooks{
    sizeof kHooks,
    &Watched<"tutti.host.hooks/1 fire", &tutti_host_hooks::fire, Stage::kActive>::Call,
};

const tutti_host_config kConfig{
    sizeof kConfig,
    &Watched<"tutti.host.config/0 get", &tutti_host_config::get, Stage::kCreated>::Call,
    &Watched<"tutti.host.config/0 secret", &tutti_host_config::secret, Stage::kCreated>::Call,
};

const tutti_host_metrics kMetrics{
    sizeof kMetrics,
    &Watched<"tutti.host.metrics/0 add", &tutti_host_metrics::add, Stage::kInited>::Call,
    &Watched<"tutti.host.metrics/0 set", &tutti_host_metrics::set, Stage::kInited>::Call,
    &Watched<"tutti.host.metrics/0 observe", &tutti_host_metrics::observe, Stage::kInited>::Call,
};

const tutti_host_gateway kGateway{
    sizeof kGateway,
    &Watched<"tutti.host.gateway/0 on_request", &tutti_host_gateway::on_request, Stage::kActive, true>::Call,
    &Watched<"tutti.host.gateway/0 on_message", &tutti_host_gateway::on_message, Stage::kActive>::Call,
    &Watched<"tutti.host.gateway/0 on_writable", &tutti_host_gateway::on_writable, Stage::kActive>::Call,
    &Watched<"tutti.host.gateway/0 on_close", &tutti_host_gateway::on_close, Stage::kActive>::Call,
};

const tutti_host_admin kAdmin{
    sizeof kAdmin,
    &Watched<"tutti.host.admin/0 manage", &tutti_host_admin::manage, Stage::kActive>::Call,
};

const char* NameOf(Stage stage) {
  switch (stage) {
    case Stage::kNone:
      return "new";
    case Stage::kCreated:
      return "created";
    case Stage::kInited:
      return "inited";
    case Stage::kActive:
      return "active";
    case Stage::kDestroyed:
      return "destroyed";
  }
  return "";
}

struct Service {
  const char* id;
  const void* table;
  std::size_t size;
  void (*fetch)(const tutti_host* host, const char* id);
};

template <typename Table>
constexpr Service Of(const char* id, const Table& table) {
  return {id, &table, sizeof table, [](const tutti_host* host, const char* name) {
            original<Table> = static_cast<const Table*>(host->get_service(host, name));
          }};
}

const std::vector<Service>& Known() {
  static const std::vector<Service> services{
      Of(TUTTI_SERVICE_LOG, kLog),           Of(TUTTI_SERVICE_CALLS, kCalls),
      Of(TUTTI_SERVICE_EXECUTOR, kExecutor), Of(TUTTI_SERVICE_COMMANDS, kCommands),
      Of(TUTTI_SERVICE_SLASH, kSlash),       Of(TUTTI_SERVICE_EVENTS, kEvents),
      Of(TUTTI_SERVICE_STORE, kStore),       Of(TUTTI_SERVICE_MODELS, kModels),
      Of(TUTTI_SERVICE_RUNTIMES, kRuntimes), Of(TUTTI_SERVICE_TEMPLATES, kTemplates),
      Of(TUTTI_SERVICE_HOOKS, kHooks),       Of(TUTTI_SERVICE_CONFIG, kConfig),
      Of(TUTTI_SERVICE_METRICS, kMetrics),   Of(TUTTI_SERVICE_GATEWAY, kGateway),
      Of(TUTTI_SERVICE_ADMIN, kAdmin),
  };
  return services;
}

}  // namespace

// The plugin's life cycle functions, passed on, with the stage moved along.
struct WatchedHost::LifeCycle {
  static tutti_code Init(void* self, tutti_str config, const tutti_sink* error) {
    const tutti_code code = Current()->real_.init(self, config, error);
    if (code == TUTTI_OK) {
      Current()->stage_ = Stage::kInited;
    }
    return code;
  }

  static tutti_code Activate(void* self, const tutti_sink* error) {
    // From the beginning: what a plugin starts in activate may call at once.
    Current()->stage_ = Stage::kActive;
    Current()->was_active_ = true;
    const tutti_code code = Current()->real_.activate(self, error);
    if (code != TUTTI_OK) {
      Current()->stage_ = Stage::kInited;
    }
    return code;
  }

  static void Deactivate(void* self) {
    Current()->real_.deactivate(self);
    Current()->stage_ = Stage::kInited;
  }

  static void Destroy(void* self) {
    Current()->real_.destroy(self);
    Current()->stage_ = Stage::kDestroyed;
  }
};

WatchedHost::WatchedHost(testing::FakeHost& host, const tutti_entry& entry, const HostShape& shape)
    : host_(host), entry_(entry), shape_(shape), raw_(sizeof(tutti_host) + shape.extra_bytes) {
  const tutti_host inner{static_cast<std::uint32_t>(raw_.size()), host.raw()->context, &GetService};
  std::memset(raw_.data(), 0xff, raw_.size());
  std::memcpy(raw_.data(), &inner, sizeof inner);
  for (const Service& service : Known()) {
    service.fetch(host.raw(), service.id);
    AddTable(service.id, service.table, service.size);
  }
  current = this;
  host.Present(static_cast<const tutti_host*>(raw_.data()));
}

WatchedHost::~WatchedHost() {
  host_.Present(nullptr);
  current = nullptr;
}

void WatchedHost::AddTable(const char* id, const void* table, std::size_t size) {
  if (shape_.missing.count(id) > 0 || host_.raw()->get_service(host_.raw(), id) == nullptr) {
    return;
  }
  const std::size_t shown = (shape_.cut == id ? size - sizeof(void*) : size) + shape_.extra_bytes;
  auto block = std::make_unique<GuardedBlock>(shown);
  std::memset(block->data(), 0xff, shown);
  std::memcpy(block->data(), table, std::min(size, shown));
  const auto said = static_cast<std::uint32_t>(shown);
  std::memcpy(block->data(), &said, sizeof said);
  tables_[id] = std::move(block);
}

WatchedHost* WatchedHost::Current() {
  return current;
}

const std::vector<std::string>& WatchedHost::Services() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> names;
    for (const Service& service : Known()) {
      names.emplace_back(service.id);
    }
    return names;
  }();
  return ids;
}

tutti_code WatchedHost::Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  WatchedHost& self = *Current();
  self.stage_ = Stage::kCreated;
  const tutti_code code = self.entry_.create(host, plugin, error);
  if (code == TUTTI_OK) {
    self.real_ = *plugin;
    plugin->init = &LifeCycle::Init;
    plugin->activate = &LifeCycle::Activate;
    plugin->deactivate = &LifeCycle::Deactivate;
    plugin->destroy = &LifeCycle::Destroy;
  }
  return code;
}

const void* WatchedHost::GetService(const tutti_host* host, const char* id) {
  WatchedHost* self = Current();
  if (self == nullptr || id == nullptr) {
    if (self != nullptr) {
      self->Note("get_service was asked for NULL; expected an id");
    }
    return nullptr;
  }
  if (host != self->raw_.data()) {
    self->Note("get_service was given another tutti_host than create was");
  }
  if (self->stage_ == Stage::kDestroyed) {
    self->Note(std::string("get_service was asked for ") + id + " after destroy");
  }
  const std::lock_guard lock(self->mutex_);
  self->asked_.insert(id);
  const auto found = self->tables_.find(std::string_view(id));
  return found == self->tables_.end() ? nullptr : found->second->data();
}

bool WatchedHost::Enter(std::string_view function, const tutti_host* host, Stage earliest, bool blocks) {
  {
    const std::lock_guard lock(mutex_);
    used_.emplace(function);
  }
  const std::string name(function);
  if (host != raw_.data()) {
    Note(name + " was given another tutti_host than create was");
    return false;
  }
  const Stage stage = stage_;
  if (stage == Stage::kDestroyed) {
    Note(name + " was called after destroy");
    return false;
  }
  if (stage < earliest) {
    Note(name + " was called while the plugin was [" + NameOf(stage) + "]" +
         (was_active_ ? ", after deactivate had returned" : "") + "; it may be called from [" + NameOf(earliest) +
         "] on");
  }
  if (blocks && std::this_thread::get_id() == main_) {
    Note(name + " was called on [main]; it may block, and belongs to [worker]");
  }
  return true;
}

void WatchedHost::Note(std::string sentence) {
  const std::lock_guard lock(mutex_);
  if (std::find(findings_.begin(), findings_.end(), sentence) == findings_.end() && findings_.size() < 100) {
    findings_.push_back(std::move(sentence));
  }
}

std::vector<std::string> WatchedHost::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

std::set<std::string> WatchedHost::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::set<std::string> WatchedHost::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

}  // namespace tutti::validator
