#include "host/isolation/worker_services.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>

#include "host/isolation/messages.h"
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

namespace tutti::host {

namespace {

WorkerServices& Of(const tutti_host* host) {
  return *static_cast<WorkerServices*>(host->context);
}

// ---- log, config, metrics, events

void WriteLog(const tutti_host* host, std::int32_t level, tutti_str message, tutti_str fields) {
  Of(host).Log(level, View(message), View(fields));
}

std::int32_t LogEnabled(const tutti_host* host, std::int32_t level) {
  const bool is_level = level >= TUTTI_LOG_TRACE && level <= TUTTI_LOG_NOTICE;
  return is_level && (Of(host).log_levels >> static_cast<unsigned>(level) & 1U) != 0 ? 1 : 0;
}

tutti_code Ask(const tutti_host* host, AskOp op, tutti_str text, const tutti_sink* sink) {
  std::string answer;
  const tutti_code code = Of(host).requests.Ask(op, View(text), &answer);
  if (code == TUTTI_OK) {
    Write(sink, answer);
  }
  return code;
}

tutti_code GetConfig(const tutti_host* host, tutti_str pointer, const tutti_sink* value) {
  return Ask(host, AskOp::kConfigGet, pointer, value);
}

tutti_code GetSecret(const tutti_host* host, tutti_str reference, const tutti_sink* value) {
  return Ask(host, AskOp::kConfigSecret, reference, value);
}

template <NoteOp op>
void Metric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  FrameWriter frame(FrameType::kNote, 0, static_cast<std::uint16_t>(op));
  frame.Text(View(name)).Text(View(labels)).F64(value);
  (void)Of(host).channel.SendSoon(frame);
}

tutti_code Publish(const tutti_host* host, const tutti_event* event) {
  if (!TUTTI_HAS(event, tutti_event, data)) {
    return TUTTI_INVALID_ARGUMENT;
  }
  FrameWriter frame(FrameType::kNote, 0, static_cast<std::uint16_t>(NoteOp::kPublish));
  Put(frame, *event);
  return Of(host).channel.Send(frame) == Channel::Sent::kYes ? TUTTI_OK : TUTTI_RESOURCE_EXHAUSTED;
}

std::uint32_t Connections(const tutti_host* host) {
  std::string answer;
  std::uint32_t count = 0;
  if (Of(host).requests.Ask(AskOp::kConnections, {}, &answer) == TUTTI_OK) {
    std::from_chars(answer.data(), answer.data() + answer.size(), count);
  }
  return count;
}

// ---- calls

tutti_code Emit(const tutti_host* host, tutti_call call, tutti_str event) {
  return Of(host).calls.Emit(call, View(event));
}

tutti_code EmitWait(const tutti_host* host, tutti_call call, tutti_str event, std::uint32_t timeout_ms) {
  return Of(host).calls.EmitWait(call, View(event), std::chrono::milliseconds(timeout_ms));
}

tutti_code Finish(const tutti_host* host, tutti_call call, const tutti_outcome* outcome) {
  if (!TUTTI_HAS(outcome, tutti_outcome, retry_after_ms)) {
    return TUTTI_INVALID_ARGUMENT;
  }
  return Of(host).calls.Finish(call, FromOutcome(*outcome)) ? TUTTI_OK : TUTTI_NOT_FOUND;
}

std::int32_t Cancelled(const tutti_host* host, tutti_call call) {
  if (WorkerRequests::IsStarted(call)) {
    std::string answer;
    // A host that does not answer does not want it either.
    const tutti_code code = Of(host).requests.Ask(AskOp::kCancelled, std::to_string(call), &answer);
    return code != TUTTI_OK || answer != "0" ? 1 : 0;
  }
  return Of(host).calls.Cancelled(call) ? 1 : 0;
}

tutti_code OnCancel(const tutti_host* host, tutti_call call, void (*fn)(void*), void* user) {
  return Of(host).calls.OnCancel(call, fn, user);
}

void Forget(const tutti_host* host, tutti_call call) {
  Of(host).calls.Forget(call);
}

tutti_code Cancel(const tutti_host* host, tutti_call started) {
  return Of(host).requests.Cancel(started);
}

// ---- executor

// A function of the plugin's own that throws must not take its process down without a word.
Executor::Work Posted(const tutti_host* host, void (*fn)(void*), void* user) {
  return [host, fn, user] {
    const CallbackClock::Running running(Of(host).callbacks, "a function it posted");
    try {
      fn(user);
    } catch (const std::exception& error) {
      Of(host).Log(TUTTI_LOG_ERROR, "a function the plugin had posted threw an exception",
                   JsonObject()("what", error.what()).Take());
    }
  };
}

tutti_code Post(const tutti_host* host, void (*fn)(void*), void* user) {
  return Of(host).executor.Submit(Posted(host, fn, user)) ? TUTTI_OK : TUTTI_RESOURCE_EXHAUSTED;
}

tutti_code PostAfter(const tutti_host* host, std::uint32_t delay_ms, void (*fn)(void*), void* user,
                     std::uint64_t* timer) {
  const std::uint64_t id = Of(host).executor.SubmitAfter(std::chrono::milliseconds(delay_ms), Posted(host, fn, user));
  if (id == 0) {
    return TUTTI_RESOURCE_EXHAUSTED;
  }
  if (timer != nullptr) {
    *timer = id;
  }
  return TUTTI_OK;
}

tutti_code CancelTimer(const tutti_host* host, std::uint64_t timer) {
  return Of(host).executor.CancelTimer(timer) ? TUTTI_OK : TUTTI_NOT_FOUND;
}

// ---- what starts calls

// Begins the frame of a started call; *started is set before it can end.
FrameWriter StartFrame(const tutti_host* host, StartOp op, tutti_call parent, const tutti_reply* reply,
                       tutti_call* id) {
  *id = Of(host).requests.NextStarted();
  FrameWriter frame(FrameType::kStartCall, *id, static_cast<std::uint16_t>(op));
  frame.U8(reply->on_event != nullptr ? 1 : 0).U64(parent);
  return frame;
}

void StartText(const tutti_host* host, StartOp op, tutti_call parent, tutti_str text, const tutti_reply* reply,
               tutti_call* started) {
  tutti_call id = 0;
  FrameWriter frame = StartFrame(host, op, parent, reply, &id);
  frame.Text(View(text));
  if (started != nullptr) {
    *started = id;
  }
  Of(host).requests.Start(id, frame, *reply);
}

void Invoke(const tutti_host* host, const tutti_command_request* request, const tutti_reply* reply,
            tutti_call* started) {
  tutti_call id = 0;
  FrameWriter frame = StartFrame(host, StartOp::kInvoke, request->parent, reply, &id);
  frame.U32(request->surface).Text(View(request->name)).Text(View(request->args));
  frame.Text(View(request->tool_use_id)).Text(View(request->allowed_tools));
  frame.Text(TUTTI_HAS(request, tutti_command_request, behalf) ? View(request->behalf) : std::string_view());
  if (started != nullptr) {
    *started = id;
  }
  Of(host).requests.Start(id, frame, *reply);
}

void Tools(const tutti_host* host, const tutti_sink* out) {
  if (Ask(host, AskOp::kTools, {}, out) != TUTTI_OK) {
    Write(out, "[]");
  }
}

void ListSlash(const tutti_host* host, const tutti_sink* out) {
  if (Ask(host, AskOp::kSlashList, {}, out) != TUTTI_OK) {
    Write(out, "[]");
  }
}

tutti_code ParseSlash(const tutti_host* host, tutti_str text, const tutti_sink* out) {
  // A refusal has its sentence too.
  std::string answer;
  const tutti_code code = Of(host).requests.Ask(AskOp::kSlashParse, View(text), &answer);
  Write(out, answer);
  return code;
}

void Execute(const tutti_host* host, tutti_call parent, tutti_str batch, const tutti_reply* reply) {
  StartText(host, StartOp::kExecute, parent, batch, reply, nullptr);
}

void Complete(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
              tutti_call* started) {
  StartText(host, StartOp::kComplete, parent, request, reply, started);
}

void Models(const tutti_host* host, const tutti_sink* out) {
  if (Ask(host, AskOp::kModels, {}, out) != TUTTI_OK) {
    Write(out, R"({"default":null,"models":[]})");
  }
}

void StartRun(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
              tutti_call* started) {
  StartText(host, StartOp::kStartRun, parent, request, reply, started);
}

void Fire(const tutti_host* host, const tutti_fire* fire, const tutti_reply* reply) {
  tutti_call id = 0;
  FrameWriter frame = StartFrame(host, StartOp::kFire, fire->parent, reply, &id);
  frame.Text(View(fire->entries));
  frame.Text(TUTTI_HAS(fire, tutti_fire, ops) ? View(fire->ops) : std::string_view());
  Of(host).requests.Start(id, frame, *reply);
}

void StopTool(const tutti_host* host, tutti_str run, tutti_str tool_use_id, const tutti_reply* reply) {
  tutti_call id = 0;
  FrameWriter frame = StartFrame(host, StartOp::kStopTool, 0, reply, &id);
  frame.Text(View(run)).Text(View(tool_use_id));
  Of(host).requests.Start(id, frame, *reply);
}

// A host that does not answer is as good as one that stops.
std::int32_t Phase(const tutti_host* host) {
  std::string answer;
  std::int32_t phase = TUTTI_PHASE_STOPPING;
  if (Of(host).requests.Ask(AskOp::kPhase, {}, &answer) == TUTTI_OK) {
    std::from_chars(answer.data(), answer.data() + answer.size(), phase);
  }
  return phase;
}

void HostId(const tutti_host* host, const tutti_sink* id) {
  (void)Ask(host, AskOp::kHostId, {}, id);
}

void ListTemplates(const tutti_host* host, tutti_call parent, const tutti_reply* reply) {
  tutti_call id = 0;
  FrameWriter frame = StartFrame(host, StartOp::kListTemplates, parent, reply, &id);
  Of(host).requests.Start(id, frame, *reply);
}

void GetTemplate(const tutti_host* host, tutti_call parent, tutti_str name, const tutti_reply* reply) {
  StartText(host, StartOp::kGetTemplate, parent, name, reply, nullptr);
}

void Manage(const tutti_host* host, tutti_call parent, tutti_str operation, const tutti_reply* reply) {
  StartText(host, StartOp::kManage, parent, operation, reply, nullptr);
}

constexpr tutti_host_log kLog{sizeof kLog, &WriteLog, &LogEnabled};
constexpr tutti_host_config kConfig{sizeof kConfig, &GetConfig, &GetSecret};
constexpr tutti_host_metrics kMetrics{sizeof kMetrics, &Metric<NoteOp::kMetricAdd>, &Metric<NoteOp::kMetricSet>,
                                      &Metric<NoteOp::kMetricObserve>};
constexpr tutti_host_events kEvents{sizeof kEvents, &Publish, &Connections};
constexpr tutti_host_calls kCalls{sizeof kCalls, &Emit, &EmitWait, &Finish, &Cancelled, &OnCancel, &Forget, &Cancel};
constexpr tutti_host_executor kExecutor{sizeof kExecutor, &Post, &PostAfter, &CancelTimer};
constexpr tutti_host_commands kCommands{sizeof kCommands, &Invoke, &Tools};
constexpr tutti_host_slash kSlash{sizeof kSlash, &ListSlash, &ParseSlash};
constexpr tutti_host_store kStore{sizeof kStore, &Execute};
constexpr tutti_host_models kModels{sizeof kModels, &Complete, &Models};
constexpr tutti_host_runtimes kRuntimes{sizeof kRuntimes, &StartRun, &StopTool, &Phase, &HostId};
constexpr tutti_host_hooks kHooks{sizeof kHooks, &Fire};
constexpr tutti_host_templates kTemplates{sizeof kTemplates, &ListTemplates, &GetTemplate};
constexpr tutti_host_admin kAdmin{sizeof kAdmin, &Manage};

}  // namespace

void WorkerServices::Log(std::int32_t level, std::string_view message, std::string_view fields) {
  FrameWriter frame(FrameType::kNote, 0, static_cast<std::uint16_t>(NoteOp::kLog));
  frame.U32(static_cast<std::uint32_t>(std::clamp<std::int32_t>(level, TUTTI_LOG_TRACE, TUTTI_LOG_NOTICE)));
  frame.Text(message).Text(fields);
  // What may be the last word of a process that is about to die does not wait for company.
  (void)(level >= TUTTI_LOG_WARNING ? channel.Send(frame) : channel.SendSoon(frame));
}

const void* WorkerServices::Find(const tutti_host* host, const char* id) {
  struct Row {
    const char* id;
    const void* table;
  };

  static constexpr Row kRows[] = {
      {TUTTI_SERVICE_LOG, &kLog},           {TUTTI_SERVICE_CONFIG, &kConfig}, {TUTTI_SERVICE_METRICS, &kMetrics},
      {TUTTI_SERVICE_EVENTS, &kEvents},     {TUTTI_SERVICE_CALLS, &kCalls},   {TUTTI_SERVICE_EXECUTOR, &kExecutor},
      {TUTTI_SERVICE_COMMANDS, &kCommands}, {TUTTI_SERVICE_STORE, &kStore},   {TUTTI_SERVICE_MODELS, &kModels},
      {TUTTI_SERVICE_RUNTIMES, &kRuntimes}, {TUTTI_SERVICE_HOOKS, &kHooks},   {TUTTI_SERVICE_TEMPLATES, &kTemplates},
      {TUTTI_SERVICE_ADMIN, &kAdmin},       {TUTTI_SERVICE_SLASH, &kSlash},
  };
  const std::vector<std::string>& granted = Of(host).granted;
  for (const Row& row : kRows) {
    if (std::strcmp(row.id, id) == 0 && std::find(granted.begin(), granted.end(), id) != granted.end()) {
      return row.table;
    }
  }
  return nullptr;
}

}  // namespace tutti::host
