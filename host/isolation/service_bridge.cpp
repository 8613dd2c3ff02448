#include "host/isolation/service_bridge.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <utility>

#include "host/isolation/messages.h"
#include "host/isolation/service_grants.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

// A call that the process has started in the host.
struct ServiceBridge::Started {
  std::uint64_t id = 0;
  std::weak_ptr<ServiceBridge> bridge;
  std::mutex mutex;
  std::condition_variable taken;
  std::uint32_t on_their_way = 0;  // guarded by mutex; events not yet taken
  bool is_over = false;            // guarded by mutex; nobody waits for events
  tutti_call handle = 0;           // guarded by mutex; the host's, 0 where the service gives none
  bool is_cancelled = false;       // guarded by mutex
};

namespace {

// What a plugin asked for and may not have ends like any refusal.
constexpr std::string_view kNotGranted = " was not granted to this plugin; grant it in the manifest (grants.services)";

std::string_view ServiceOf(StartOp op) {
  switch (op) {
    case StartOp::kInvoke:
      return TUTTI_SERVICE_COMMANDS;
    case StartOp::kExecute:
      return TUTTI_SERVICE_STORE;
    case StartOp::kComplete:
      return TUTTI_SERVICE_MODELS;
    case StartOp::kStartRun:
    case StartOp::kStopTool:
      return TUTTI_SERVICE_RUNTIMES;
    case StartOp::kFire:
      return TUTTI_SERVICE_HOOKS;
    case StartOp::kListTemplates:
    case StartOp::kGetTemplate:
      return TUTTI_SERVICE_TEMPLATES;
    case StartOp::kManage:
      return TUTTI_SERVICE_ADMIN;
  }
  return {};
}

void Append(void* user, tutti_str bytes) {
  static_cast<std::string*>(user)->append(View(bytes));
}

}  // namespace

template <typename Table>
const Table* ServiceBridge::Granted(const char* service) const {
  const bool is_granted = std::find(services_.begin(), services_.end(), service) != services_.end();
  return is_granted ? static_cast<const Table*>(host_->get_service(host_, service)) : nullptr;
}

ServiceBridge::ServiceBridge(const tutti_host* host, const PluginGrants& grants, std::shared_ptr<Channel> channel,
                             Settings settings, Fault fault)
    : host_(host),
      channel_(std::move(channel)),
      settings_(settings),
      fault_(std::move(fault)),
      may_read_secrets_(grants.services.contains("secrets")) {
  for (const ServiceGrant& grant : ServiceGrants()) {
    const bool is_granted = grant.permit.empty() || grants.services.contains(std::string(grant.permit));
    if (is_granted && host->get_service(host, grant.service) != nullptr) {
      services_.emplace_back(grant.service);
    }
  }
  calls_ = Granted<tutti_host_calls>(TUTTI_SERVICE_CALLS);
  log_ = Granted<tutti_host_log>(TUTTI_SERVICE_LOG);
  config_ = Granted<tutti_host_config>(TUTTI_SERVICE_CONFIG);
  metrics_ = Granted<tutti_host_metrics>(TUTTI_SERVICE_METRICS);
  commands_ = Granted<tutti_host_commands>(TUTTI_SERVICE_COMMANDS);
  slash_ = Granted<tutti_host_slash>(TUTTI_SERVICE_SLASH);
  store_ = Granted<tutti_host_store>(TUTTI_SERVICE_STORE);
  models_ = Granted<tutti_host_models>(TUTTI_SERVICE_MODELS);
  runtimes_ = Granted<tutti_host_runtimes>(TUTTI_SERVICE_RUNTIMES);
  templates_ = Granted<tutti_host_templates>(TUTTI_SERVICE_TEMPLATES);
  hooks_ = Granted<tutti_host_hooks>(TUTTI_SERVICE_HOOKS);
  events_ = Granted<tutti_host_events>(TUTTI_SERVICE_EVENTS);
  admin_ = Granted<tutti_host_admin>(TUTTI_SERVICE_ADMIN);
}

std::uint32_t ServiceBridge::log_levels() const {
  std::uint32_t levels = 0;
  for (std::int32_t level = TUTTI_LOG_TRACE; level <= TUTTI_LOG_NOTICE; ++level) {
    const bool is_kept = log_ != nullptr && log_->enabled(host_, level) != 0;
    levels |= is_kept ? 1U << static_cast<unsigned>(level) : 0U;
  }
  return levels;
}

bool ServiceBridge::Handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kStartCall:
      return StartCall(frame);
    case FrameType::kAsk:
      return Answer(frame);
    case FrameType::kNote:
      return Note(frame);
    case FrameType::kCancelStarted:
    case FrameType::kReplyAck:
      break;
    default:
      return false;
  }
  StartedPtr started;
  {
    const std::lock_guard lock(mutex_);
    const auto found = started_.find(frame.id);
    if (found == started_.end()) {
      return true;  // it has ended meanwhile
    }
    started = found->second;
  }
  if (frame.type == FrameType::kReplyAck) {
    FieldReader fields(frame.fields);
    const std::uint32_t count = fields.U32();
    {
      const std::lock_guard lock(started->mutex);
      started->on_their_way -= std::min(count, started->on_their_way);
    }
    started->taken.notify_one();
    return fields.is_complete();
  }
  tutti_call handle = 0;
  {
    const std::lock_guard lock(started->mutex);
    started->is_cancelled = true;
    handle = started->handle;
  }
  if (handle != 0 && calls_ != nullptr) {
    (void)calls_->cancel(host_, handle);
  }
  return true;
}

tutti_reply ServiceBridge::ReplyTo(const StartedPtr& started, bool wants_events) const {
  return {sizeof(tutti_reply), new StartedPtr(started), wants_events ? &OnEvent : nullptr, &OnFinish};
}

void ServiceBridge::OnEvent(void* user, tutti_str event) {
  const StartedPtr started = *static_cast<StartedPtr*>(user);
  const auto bridge = started->bridge.lock();
  if (bridge == nullptr) {
    return;
  }
  {
    std::unique_lock lock(started->mutex);
    const auto may_go_on = [&] { return started->is_over || started->on_their_way < bridge->settings_.event_window; };
    if (!started->taken.wait_for(lock, bridge->settings_.patience, may_go_on)) {
      lock.unlock();
      bridge->fault_("it did not take the events of a call it had started for " +
                     std::to_string(bridge->settings_.patience.count()) + " ms");
      return;
    }
    if (started->is_over) {
      return;
    }
    ++started->on_their_way;
  }
  FrameWriter frame(FrameType::kReplyEvent, started->id);
  frame.Text(View(event));
  (void)bridge->channel_->SendAnswer(frame);
}

void ServiceBridge::OnFinish(void* user, const tutti_outcome* outcome) {
  const std::unique_ptr<StartedPtr> held(static_cast<StartedPtr*>(user));
  const auto bridge = (*held)->bridge.lock();
  if (bridge == nullptr) {
    return;
  }
  const std::uint64_t id = (*held)->id;
  {
    const std::lock_guard lock(bridge->mutex_);
    bridge->started_.erase(id);
  }
  FrameWriter frame(FrameType::kReplyEnd, id);
  Put(frame, *outcome);
  if (bridge->channel_->SendAnswer(frame) == Channel::Sent::kTooLarge) {
    const Result<std::string> refused =
        Status::ResourceExhausted("the result is larger than the " + std::to_string(bridge->channel_->max_frame()) +
                                  " bytes that cross to a plugin's process at once");
    WithOutcome(refused, [&](const tutti_outcome& instead) {
      FrameWriter smaller(FrameType::kReplyEnd, id);
      Put(smaller, instead);
      (void)bridge->channel_->SendAnswer(smaller);
    });
  }
}

void ServiceBridge::Refuse(std::uint64_t id, std::string_view service) {
  const Result<std::string> refused = Status::PermissionDenied(std::string(service).append(kNotGranted));
  WithOutcome(refused, [&](const tutti_outcome& outcome) {
    FrameWriter frame(FrameType::kReplyEnd, id);
    Put(frame, outcome);
    (void)channel_->SendAnswer(frame);
  });
}

bool ServiceBridge::StartCall(const Frame& frame) {
  FieldReader fields(frame.fields);
  const bool wants_events = fields.U8() != 0;
  const tutti_call parent = fields.U64();
  const auto op = static_cast<StartOp>(frame.op);

  // Fields by operation; all are read before anything begins, so that half a request does nothing.
  tutti_command_request request{};
  std::string_view text;
  std::string_view second;
  if (op == StartOp::kInvoke) {
    request.size = sizeof request;
    request.parent = parent;
    request.surface = fields.U32();
    for (tutti_str* field :
         {&request.name, &request.args, &request.tool_use_id, &request.allowed_tools, &request.behalf}) {
      *field = Str(fields.Text());
    }
  } else if (op != StartOp::kListTemplates) {
    text = fields.Text();
    second = op == StartOp::kFire || op == StartOp::kStopTool ? fields.Text() : second;
  }
  if (!fields.is_complete() || ServiceOf(op).empty()) {
    return false;
  }

  const void* table = nullptr;
  switch (op) {
    case StartOp::kInvoke:
      table = commands_;
      break;
    case StartOp::kExecute:
      table = store_;
      break;
    case StartOp::kComplete:
      table = models_;
      break;
    case StartOp::kStartRun:
    case StartOp::kStopTool:
      table = runtimes_;
      break;
    case StartOp::kFire:
      table = hooks_;
      break;
    case StartOp::kListTemplates:
    case StartOp::kGetTemplate:
      table = templates_;
      break;
    case StartOp::kManage:
      table = admin_;
      break;
  }
  if (table == nullptr) {
    Refuse(frame.id, ServiceOf(op));
    return true;
  }

  auto started = std::make_shared<Started>();
  started->id = frame.id;
  started->bridge = weak_from_this();
  {
    const std::lock_guard lock(mutex_);
    if (is_failed_) {
      return true;
    }
    if (!started_.emplace(frame.id, started).second) {
      return false;
    }
  }
  const tutti_reply reply = ReplyTo(started, wants_events);
  tutti_call handle = 0;
  switch (op) {
    case StartOp::kInvoke:
      commands_->invoke(host_, &request, &reply, &handle);
      break;
    case StartOp::kExecute:
      store_->execute(host_, parent, Str(text), &reply);
      break;
    case StartOp::kComplete:
      models_->complete(host_, parent, Str(text), &reply, &handle);
      break;
    case StartOp::kStartRun:
      runtimes_->start(host_, parent, Str(text), &reply, &handle);
      break;
    case StartOp::kFire: {
      const tutti_fire fire{sizeof fire, parent, Str(text), Str(second)};
      hooks_->fire(host_, &fire, &reply);
      break;
    }
    case StartOp::kStopTool:
      runtimes_->stop_tool(host_, Str(text), Str(second), &reply);
      break;
    case StartOp::kListTemplates:
      templates_->list(host_, parent, &reply);
      break;
    case StartOp::kGetTemplate:
      templates_->get(host_, parent, Str(text), &reply);
      break;
    case StartOp::kManage:
      admin_->manage(host_, parent, Str(text), &reply);
      break;
  }
  bool is_cancelled = false;
  {
    const std::lock_guard lock(started->mutex);
    started->handle = handle;
    is_cancelled = started->is_cancelled;
  }
  if (is_cancelled && handle != 0) {
    (void)calls_->cancel(host_, handle);
  }
  return true;
}

bool ServiceBridge::Answer(const Frame& frame) {
  FieldReader fields(frame.fields);
  const std::string_view text = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  std::string answer;
  const tutti_sink sink{sizeof sink, &answer, &Append};
  tutti_code code = TUTTI_PERMISSION_DENIED;
  switch (static_cast<AskOp>(frame.op)) {
    case AskOp::kConfigGet:
      code = config_ != nullptr ? config_->get(host_, Str(text), &sink) : code;
      break;
    case AskOp::kConfigSecret:
      code = config_ != nullptr && may_read_secrets_ ? config_->secret(host_, Str(text), &sink) : code;
      break;
    case AskOp::kTools:
      if (commands_ != nullptr) {
        commands_->tools(host_, &sink);
        code = TUTTI_OK;
      }
      break;
    case AskOp::kSlashList:
      if (slash_ != nullptr) {
        slash_->list(host_, &sink);
        code = TUTTI_OK;
      }
      break;
    case AskOp::kSlashParse:
      code = slash_ != nullptr ? slash_->parse(host_, Str(text), &sink) : code;
      break;
    case AskOp::kModels:
      if (models_ != nullptr) {
        models_->models(host_, &sink);
        code = TUTTI_OK;
      }
      break;
    case AskOp::kPhase:
      if (runtimes_ != nullptr) {
        answer = std::to_string(runtimes_->phase(host_));
        code = TUTTI_OK;
      }
      break;
    case AskOp::kHostId:
      if (runtimes_ != nullptr) {
        runtimes_->host_id(host_, &sink);
        code = TUTTI_OK;
      }
      break;
    case AskOp::kCancelled:
      answer = IsCancelled(text) ? "1" : "0";
      code = TUTTI_OK;
      break;
    case AskOp::kConnections:
      if (events_ != nullptr) {
        answer = std::to_string(events_->connections(host_));
        code = TUTTI_OK;
      }
      break;
    default:
      return false;
  }
  FrameWriter reply(FrameType::kAnswer, frame.id);
  reply.U32(static_cast<std::uint32_t>(code)).Text(answer);
  if (channel_->SendAnswer(reply) == Channel::Sent::kTooLarge) {
    FrameWriter refusal(FrameType::kAnswer, frame.id);
    refusal.U32(TUTTI_RESOURCE_EXHAUSTED).Text({});
    (void)channel_->SendAnswer(refusal);
  }
  return true;
}

bool ServiceBridge::IsCancelled(std::string_view started) {
  std::uint64_t id = 0;
  std::from_chars(started.data(), started.data() + started.size(), id);
  StartedPtr call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = started_.find(id);
    if (found == started_.end()) {
      return true;
    }
    call = found->second;
  }
  const std::lock_guard lock(call->mutex);
  return call->is_cancelled || (call->handle != 0 && calls_ != nullptr && calls_->cancelled(host_, call->handle) != 0);
}

bool ServiceBridge::Note(const Frame& frame) {
  FieldReader fields(frame.fields);
  switch (static_cast<NoteOp>(frame.op)) {
    case NoteOp::kLog: {
      const auto level = static_cast<std::int32_t>(fields.U32());
      const std::string_view message = fields.Text();
      const std::string_view members = fields.Text();
      const bool is_level = level >= TUTTI_LOG_TRACE && level <= TUTTI_LOG_NOTICE;
      if (fields.is_complete() && is_level && log_ != nullptr) {
        log_->write(host_, level, Str(message), Str(members));
      }
      return fields.is_complete() && is_level;
    }
    case NoteOp::kMetricAdd:
    case NoteOp::kMetricSet:
    case NoteOp::kMetricObserve: {
      const std::string_view name = fields.Text();
      const std::string_view labels = fields.Text();
      const double value = fields.F64();
      if (fields.is_complete() && metrics_ != nullptr) {
        const auto write = static_cast<NoteOp>(frame.op) == NoteOp::kMetricAdd   ? metrics_->add
                           : static_cast<NoteOp>(frame.op) == NoteOp::kMetricSet ? metrics_->set
                                                                                 : metrics_->observe;
        write(host_, Str(name), Str(labels), value);
      }
      return fields.is_complete();
    }
    case NoteOp::kPublish: {
      const tutti_event event = ReadEvent(fields);
      if (fields.is_complete() && events_ != nullptr) {
        (void)events_->publish(host_, &event);
      }
      return fields.is_complete();
    }
  }
  return false;
}

void ServiceBridge::Fail() {
  std::unordered_map<std::uint64_t, StartedPtr> started;
  {
    const std::lock_guard lock(mutex_);
    is_failed_ = true;
    started.swap(started_);
  }
  for (const auto& [id, call] : started) {
    tutti_call handle = 0;
    {
      const std::lock_guard lock(call->mutex);
      call->is_over = true;
      call->is_cancelled = true;
      handle = call->handle;
    }
    call->taken.notify_all();
    if (handle != 0 && calls_ != nullptr) {
      (void)calls_->cancel(host_, handle);
    }
  }
}

}  // namespace tutti::host
