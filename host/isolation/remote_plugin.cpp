#include "host/isolation/remote_plugin.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

// How long a plugin may take to come to rest, and to be taken apart; no longer than to start.
constexpr std::chrono::milliseconds kRest{5000};

std::string_view NameOf(Confinement level) {
  switch (level) {
    case Confinement::kProcess:
      return "process";
    case Confinement::kFiltered:
      return "filtered";
    case Confinement::kFull:
      return "full";
  }
  return "process";
}

tutti_code Tell(const Status& status, const tutti_sink* error) {
  if (!status.ok()) {
    Write(error, status.message());
  }
  return static_cast<tutti_code>(status.code());
}

WorkerSupervisor::Owner WithBringUp(WorkerSupervisor::Owner owner, std::function<Status(WorkerSession&)> bring_up) {
  owner.bring_up = std::move(bring_up);
  return owner;
}

}  // namespace

RemotePlugin::RemotePlugin(const PluginSpec& spec, LibraryCopy library, WorkerSupervisor::Owner owner,
                           Settings settings)
    : spec_(spec),
      library_(std::move(library)),
      settings_(std::move(settings)),
      host_(owner.host),
      calls_(static_cast<const tutti_host_calls*>(host_->get_service(host_, TUTTI_SERVICE_CALLS))),
      stats_(R"({"healthy":false,"reason":"not asked yet"})"),
      supervisor_(WithBringUp(std::move(owner), [this](WorkerSession& session) { return BringUp(session); }),
                  settings_.supervisor) {}

Status RemotePlugin::Start() {
  return supervisor_.Start();
}

bool RemotePlugin::Serves(tutti_call call) const {
  const auto session = supervisor_.Current();
  return session != nullptr && session->calls().Has(call);
}

// ---- life cycle

Status RemotePlugin::BringUp(WorkerSession& session) {
  const std::lock_guard lock(life_);
  if (is_ending_) {
    return Status::Cancelled("the plugin is being taken apart");
  }
  if (Status status = Create(session); !status.ok()) {
    return status;
  }
  if (!config_) {
    return {};
  }
  if (Status status = InitIn(session, *config_); !status.ok()) {
    return status;
  }
  if (!is_active_) {
    return {};
  }
  if (Status status = ActivateIn(session); !status.ok()) {
    return status;
  }
  return MakeSchemas(session);
}

Status RemotePlugin::Create(WorkerSession& session) {
  WorkerPlan plan;
  plan.id = spec_.id;
  plan.version = spec_.version;
  plan.library = spec_.library;
  plan.copy = library_.path;
  plan.sha256 = library_.sha256;
  plan.kinds = spec_.kinds;
  plan.services = session.services().services();
  plan.log_levels = session.services().log_levels();
  plan.event_window = settings_.supervisor.session.calls.event_window;
  plan.event_bytes = settings_.supervisor.session.calls.event_bytes;
  plan.max_frame = settings_.supervisor.session.channel.max_frame;
  plan.max_waiting = settings_.supervisor.session.channel.max_waiting;
  plan.workers = static_cast<std::uint32_t>(settings_.workers);
  plan.queue = settings_.queue;
  plan.ask_timeout_ms = settings_.ask_timeout.count();
  plan.grants = spec_.grants;
  plan.limits = spec_.process;
  plan.scratch = settings_.scratch;
  const std::uint64_t id = session.NextId();
  FrameWriter frame(FrameType::kStart, id);
  Put(frame, plan);
  const Result<std::string> answer = session.Request(frame, id, spec_.process.start_timeout);
  if (!answer.ok()) {
    return answer.status();
  }
  FieldReader fields(*answer);
  std::optional<ConfinementReport> report = ReadConfinementReport(fields);
  if (!report) {
    return Status::Internal("the plugin's process did not say how far it is shut in");
  }
  if (report->level < spec_.min_confinement) {
    std::string notes;
    for (const std::string& note : report->notes) {
      notes += "; " + note;
    }
    return Status::FailedPrecondition("the manifest demands at least the confinement '" +
                                      std::string(NameOf(spec_.min_confinement)) + "', this system gives '" +
                                      std::string(NameOf(report->level)) + "'" + notes);
  }
  supervisor_.SetConfinement(std::move(*report));
  return {};
}

Status RemotePlugin::InitIn(WorkerSession& session, const std::string& config) {
  const std::uint64_t id = session.NextId();
  FrameWriter frame(FrameType::kInit, id);
  frame.Text(config);
  const Result<std::string> answer = session.Request(frame, id, spec_.process.start_timeout);
  if (!answer.ok()) {
    return answer.status();
  }
  FieldReader fields(*answer);
  std::optional<KindsReport> kinds = ReadKindsReport(fields);
  if (!kinds) {
    return Status::Internal("the plugin's process did not say which kinds it serves");
  }
  if (!kinds_) {
    kinds_ = std::move(kinds);
    // NULL says something: this plugin takes no points, or observes nothing.
    hook_.on_point = kinds_->on_point ? hook_.on_point : nullptr;
    hook_.on_events = kinds_->on_events ? hook_.on_events : nullptr;
  }
  return {};
}

Status RemotePlugin::ActivateIn(WorkerSession& session) {
  const std::uint64_t id = session.NextId();
  FrameWriter frame(FrameType::kActivate, id);
  return session.Request(frame, id, spec_.process.start_timeout).status();
}

Status RemotePlugin::MakeSchemas(WorkerSession& session) {
  std::map<std::string, std::string> schemas;
  {
    const std::lock_guard lock(mutex_);
    schemas = schemas_;
  }
  for (const auto& [name, schema] : schemas) {
    tutti_call_info info{};
    info.size = sizeof info;
    info.call = ServedCalls::kOwn + session.NextId();
    auto done = std::make_shared<std::promise<Status>>();
    std::future<Status> ended = done->get_future();
    FrameWriter frame(FrameType::kCall, info.call, static_cast<std::uint16_t>(CallOp::kEnsureSchema));
    Put(frame, info);
    frame.Text(schema);
    session.calls().Begin(info.call, frame,
                          [done](const tutti_outcome& outcome) { done->set_value(FromOutcome(outcome).status()); });
    if (ended.wait_for(spec_.process.start_timeout) != std::future_status::ready) {
      return Status::DeadlineExceeded("the tables of " + name + " were not made within " +
                                      std::to_string(spec_.process.start_timeout.count()) + " ms");
    }
    if (Status status = ended.get(); !status.ok()) {
      return status;
    }
  }
  return {};
}

Status RemotePlugin::Init(std::string config) {
  const std::lock_guard lock(life_);
  const auto session = supervisor_.Current();
  if (session == nullptr) {
    return supervisor_.Away();
  }
  Status status = InitIn(*session, config);
  if (status.ok()) {
    config_ = std::move(config);
  }
  return status;
}

Status RemotePlugin::Activate() {
  const std::lock_guard lock(life_);
  const auto session = supervisor_.Current();
  if (session == nullptr) {
    return supervisor_.Away();
  }
  Status status = ActivateIn(*session);
  is_active_ = status.ok();
  return status;
}

std::chrono::milliseconds RemotePlugin::Rest() const {
  return std::min(kRest, spec_.process.start_timeout);
}

void RemotePlugin::Deactivate() {
  const std::lock_guard lock(life_);
  is_active_ = false;
  const auto session = supervisor_.Current();
  if (session == nullptr) {
    return;
  }
  const std::uint64_t id = session->NextId();
  FrameWriter frame(FrameType::kDeactivate, id);
  const auto rest = Rest();
  if (session->Request(frame, id, rest).status().code() == Code::kDeadlineExceeded) {
    supervisor_.End("it did not come to rest within " + std::to_string(rest.count()) + " ms when it was deactivated");
  }
}

void RemotePlugin::Destroy() {
  is_ending_ = true;
  supervisor_.ExpectEnd();
  {
    const std::lock_guard lock(life_);
    if (const auto session = supervisor_.Current()) {
      const std::uint64_t id = session->NextId();
      FrameWriter frame(FrameType::kDestroy, id);
      (void)session->Request(frame, id, Rest());
    }
  }
  supervisor_.Stop();
}

tutti_plugin RemotePlugin::Object(std::function<void(RemotePlugin*)> on_destroyed) {
  on_destroyed_ = std::move(on_destroyed);
  tutti_plugin object{};
  object.size = sizeof object;
  object.self = this;
  object.init = [](void* self, tutti_str config, const tutti_sink* error) {
    return Tell(Of(self).Init(std::string(View(config))), error);
  };
  object.activate = [](void* self, const tutti_sink* error) { return Tell(Of(self).Activate(), error); };
  object.deactivate = [](void* self) { Of(self).Deactivate(); };
  object.destroy = [](void* self) {
    RemotePlugin& plugin = Of(self);
    plugin.Destroy();
    const auto gone = std::move(plugin.on_destroyed_);
    gone(&plugin);
  };
  object.get_extension = [](void* self, const char* id) { return Of(self).Extension(id); };

  command_ = {sizeof command_, [](void* self, const tutti_sink* out) { Write(out, Of(self).kinds_->definitions); },
              [](void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
                Of(self).Call(CallOp::kInvoke, *info, {name, args});
              }};
  hook_ = {sizeof hook_,
           [](void* self, const tutti_call_info* info, const tutti_point* point, tutti_str payload) {
             Of(self).OnPoint(*info, *point, payload);
           },
           [](void* self, const tutti_event* events, std::size_t count) { Of(self).OnEvents(events, count); }};
  storage_ = {
      sizeof storage_,
      [](void* self, const tutti_call_info* info, tutti_str schema) {
        Of(self).EnsureSchema(*info, std::string(View(schema)));
      },
      [](void* self, const tutti_call_info* info, tutti_str batch) { Of(self).Call(CallOp::kExecute, *info, {batch}); },
      [](void* self, const tutti_sink* out) { Write(out, Of(self).Stats()); },
      [](void* self, const tutti_call_info* info, tutti_str request) {
        Of(self).Call(CallOp::kMaintain, *info, {request});
      },
      [](void* self, const tutti_call_info* info) { Of(self).Call(CallOp::kWatch, *info, {}); }};
  model_ = {sizeof model_, [](void* self, const tutti_sink* out) { Write(out, Of(self).kinds_->models); },
            [](void* self, const tutti_call_info* info, tutti_str request) {
              Of(self).Call(CallOp::kComplete, *info, {request});
            }};
  runtime_ = {sizeof runtime_, [](void* self, const tutti_call_info* info, tutti_str request) {
                Of(self).Call(CallOp::kStartRun, *info, {request});
              }};
  templates_ = {sizeof templates_,
                [](void* self, const tutti_call_info* info) { Of(self).Call(CallOp::kListTemplates, *info, {}); },
                [](void* self, const tutti_call_info* info, tutti_str name) {
                  Of(self).Call(CallOp::kGetTemplate, *info, {name});
                }};
  return object;
}

const void* RemotePlugin::Extension(std::string_view id) const {
  if (!kinds_) {
    return nullptr;
  }
  if (id == TUTTI_KIND_COMMAND && kinds_->command) {
    return &command_;
  }
  if (id == TUTTI_KIND_HOOK && kinds_->hook) {
    return &hook_;
  }
  if (id == TUTTI_KIND_STORAGE && kinds_->storage) {
    return &storage_;
  }
  if (id == TUTTI_KIND_MODEL && kinds_->model) {
    return &model_;
  }
  if (id == TUTTI_KIND_RUNTIME && kinds_->runtime) {
    return &runtime_;
  }
  if (id == TUTTI_KIND_TEMPLATE && kinds_->templates) {
    return &templates_;
  }
  return nullptr;
}

// ---- calls

void RemotePlugin::Begin(const tutti_call_info& info, FrameWriter& frame, ServedCalls::OnEnd on_end) {
  const auto session = supervisor_.Serving();
  if (session == nullptr) {
    WithOutcome(Result<std::string>(supervisor_.Away()),
                [&](const tutti_outcome& outcome) { (void)calls_->finish(host_, info.call, &outcome); });
    return;
  }
  session->calls().Begin(info.call, frame, std::move(on_end));
}

void RemotePlugin::Call(CallOp op, const tutti_call_info& info, std::initializer_list<tutti_str> texts) {
  FrameWriter frame(FrameType::kCall, info.call, static_cast<std::uint16_t>(op));
  Put(frame, info);
  for (const tutti_str& text : texts) {
    frame.Text(View(text));
  }
  Begin(info, frame);
}

void RemotePlugin::OnPoint(const tutti_call_info& info, const tutti_point& point, tutti_str payload) {
  FrameWriter frame(FrameType::kCall, info.call, static_cast<std::uint16_t>(CallOp::kOnPoint));
  Put(frame, info);
  frame.U32(point.mode).U32(point.index).I64(point.time_us).Text(View(point.name)).Text(View(payload));
  Begin(info, frame);
}

void RemotePlugin::OnEvents(const tutti_event* events, std::size_t count) {
  const auto session = supervisor_.Serving();
  if (session == nullptr) {
    return;  // an observer misses what happens while it is away, as one that is switched off does
  }
  FrameWriter frame(FrameType::kEvents, session->NextId());
  frame.U32(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    Put(frame, events[i]);
  }
  session->SendEvents(frame);
}

void RemotePlugin::EnsureSchema(const tutti_call_info& info, std::string schema) {
  FrameWriter frame(FrameType::kCall, info.call, static_cast<std::uint16_t>(CallOp::kEnsureSchema));
  Put(frame, info);
  frame.Text(schema);
  Begin(info, frame, [this, kept = std::move(schema)](const tutti_outcome& outcome) {
    if (outcome.code == TUTTI_OK) {
      const std::lock_guard lock(mutex_);
      schemas_[std::string(JsonMember(kept, "namespace"))] = kept;
    }
  });
}

std::string RemotePlugin::Stats() {
  const auto session = supervisor_.Serving();
  if (session == nullptr) {
    return JsonObject()("healthy", false)("reason", supervisor_.Away().message()).Take();
  }
  if (!session->is_reader()) {
    const std::uint64_t id = session->NextId();
    FrameWriter frame(FrameType::kStats, id);
    Result<std::string> answer = session->Request(frame, id, settings_.stats_timeout);
    if (!answer.ok()) {
      return JsonObject()("healthy", false)("reason", answer.status().message()).Take();
    }
    const std::lock_guard lock(mutex_);
    stats_ = std::move(*answer);
    return stats_;
  }
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace tutti::host
