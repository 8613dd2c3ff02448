#include "host/isolation/worker_plugin.h"

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/registry/table_rules.h"
#include "tutti/abi/log.h"
#include "tutti/abi/model.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

void AppendTo(void* user, tutti_str bytes) {
  static_cast<std::string*>(user)->append(View(bytes));
}

tutti_sink SinkTo(std::string& text) {
  return {sizeof(tutti_sink), &text, &AppendTo};
}

Status ToStatus(tutti_code code, std::string text) {
  const bool known = code >= 0 && code <= TUTTI_UNAUTHENTICATED;
  return {known ? static_cast<Code>(code) : Code::kUnknown,
          text.empty() ? "failed without saying why" : std::move(text)};
}

}  // namespace

struct WorkerPlugin::Tables {
  const tutti_command* command = nullptr;
  const tutti_hook* hook = nullptr;
  const tutti_storage* storage = nullptr;
  const tutti_model* model = nullptr;
  const tutti_runtime* runtime = nullptr;
  const tutti_template* templates = nullptr;
};

WorkerPlugin::WorkerPlugin(std::string id, std::vector<std::string> kinds, WorkerServices services)
    : id_(std::move(id)),
      kinds_(std::move(kinds)),
      services_(std::move(services)),
      host_{sizeof(tutti_host), &services_, &WorkerServices::Find},
      tables_(std::make_shared<Tables>()) {}

// Nothing is thrown across the boundary; a plugin that does so has failed, and its process goes on.
template <typename Fn>
Status WorkerPlugin::Guarded(const char* what, Fn fn) {
  try {
    return fn();
  } catch (const std::exception& error) {
    services_.Log(TUTTI_LOG_ERROR, "the plugin threw an exception",
                  JsonObject()("operation", what)("what", error.what()).Take());
    return {Code::kInternal, id_ + " threw an exception in " + what + ": " + error.what()};
  } catch (...) {
    services_.Log(TUTTI_LOG_ERROR, "the plugin threw an exception", JsonObject()("operation", what).Take());
    return {Code::kInternal, id_ + " threw an exception in " + what};
  }
}

Status WorkerPlugin::Create(const tutti_entry& entry) {
  return Guarded("create", [&] {
    std::string error;
    const tutti_sink sink = SinkTo(error);
    plugin_.size = sizeof plugin_;
    const tutti_code code = entry.create(&host_, &plugin_, &sink);
    if (code != TUTTI_OK) {
      return ToStatus(code, std::move(error));
    }
    Status status = CheckPluginObject(&plugin_, sizeof plugin_);
    if (!status.ok()) {
      plugin_ = {};  // not destroyed: nothing in it can be trusted
    }
    return status;
  });
}

template <typename Table>
Status WorkerPlugin::Fetch(const char* kind, const char* id, const Table** table) {
  if (std::find(kinds_.begin(), kinds_.end(), kind) == kinds_.end()) {
    return {};
  }
  const void* const found = plugin_.get_extension(plugin_.self, id);
  if (found == nullptr) {
    return {};  // the host says so
  }
  const Functions functions = std::is_same_v<Table, tutti_hook> ? Functions::kSome : Functions::kAll;
  Status status = CheckTable(found, id, NeededSize<Table>(), functions);
  *table = status.ok() ? static_cast<const Table*>(found) : nullptr;
  return status;
}

Result<KindsReport> WorkerPlugin::Init(std::string_view config) {
  KindsReport report;
  Status status = Guarded("init", [&] {
    std::string error;
    const tutti_sink sink = SinkTo(error);
    const tutti_code code = plugin_.init(plugin_.self, Str(config), &sink);
    if (code != TUTTI_OK) {
      return ToStatus(code, std::move(error));
    }
    auto tables = std::make_shared<Tables>();
    for (Status fetched :
         {Fetch("command", TUTTI_KIND_COMMAND, &tables->command), Fetch("hook", TUTTI_KIND_HOOK, &tables->hook),
          Fetch("storage", TUTTI_KIND_STORAGE, &tables->storage), Fetch("model", TUTTI_KIND_MODEL, &tables->model),
          Fetch("runtime", TUTTI_KIND_RUNTIME, &tables->runtime),
          Fetch("template", TUTTI_KIND_TEMPLATE, &tables->templates)}) {
      if (!fetched.ok()) {
        return fetched;
      }
    }
    report.command = tables->command != nullptr;
    report.hook = tables->hook != nullptr;
    report.storage = tables->storage != nullptr;
    report.model = tables->model != nullptr;
    report.runtime = tables->runtime != nullptr;
    report.templates = tables->templates != nullptr;
    report.on_point = TUTTI_HAS(tables->hook, tutti_hook, on_point) && tables->hook->on_point != nullptr;
    report.on_events = TUTTI_HAS(tables->hook, tutti_hook, on_events) && tables->hook->on_events != nullptr;
    if (report.command) {
      const tutti_sink definitions = SinkTo(report.definitions);
      tables->command->describe(plugin_.self, &definitions);
    }
    if (report.model) {
      const tutti_sink models = SinkTo(report.models);
      tables->model->models(plugin_.self, &models);
    }
    tables_ = std::move(tables);
    return Status();
  });
  return status.ok() ? Result<KindsReport>(std::move(report)) : status;
}

Status WorkerPlugin::Activate() {
  return Guarded("activate", [&] {
    std::string error;
    const tutti_sink sink = SinkTo(error);
    const tutti_code code = plugin_.activate(plugin_.self, &sink);
    return code == TUTTI_OK ? Status() : ToStatus(code, std::move(error));
  });
}

void WorkerPlugin::Deactivate() {
  {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !is_giving_events_; });
  }
  (void)Guarded("deactivate", [&] {
    plugin_.deactivate(plugin_.self);
    return Status();
  });
}

void WorkerPlugin::Destroy() {
  if (plugin_.destroy != nullptr) {
    (void)Guarded("destroy", [&] {
      plugin_.destroy(plugin_.self);
      return Status();
    });
  }
}

Result<Executor::Work> WorkerPlugin::Take(const Frame& frame) {
  if (!services_.calls.Begin(frame.id)) {
    return Status::InvalidArgument("call " + std::to_string(frame.id) + " is running already");
  }
  return Executor::Work(
      [this, op = static_cast<CallOp>(frame.op), call = frame.id, fields = std::string(frame.fields)] {
        const Status status = Guarded("a call", [&] {
          Run(op, call, fields);
          return Status();
        });
        if (!status.ok()) {
          (void)services_.calls.Finish(call, status);
        }
      });
}

void WorkerPlugin::Run(CallOp op, tutti_call call, std::string_view text) {
  FieldReader fields(text);
  const tutti_call_info info = ReadCallInfo(fields, call);
  const Tables& tables = *tables_;
  void* self = plugin_.self;
  const auto unserved = [&] {
    (void)services_.calls.Finish(call, Status::Unimplemented(id_ + " does not serve this kind of call"));
  };
  switch (op) {
    case CallOp::kInvoke: {
      const std::string_view name = fields.Text();
      const std::string_view args = fields.Text();
      return tables.command != nullptr ? tables.command->invoke(self, &info, Str(name), Str(args)) : unserved();
    }
    case CallOp::kOnPoint: {
      tutti_point point{};
      point.size = sizeof point;
      point.mode = fields.U32();
      point.index = fields.U32();
      point.time_us = fields.I64();
      point.name = Str(fields.Text());
      const std::string_view payload = fields.Text();
      const bool takes = TUTTI_HAS(tables.hook, tutti_hook, on_point) && tables.hook->on_point != nullptr;
      return takes ? tables.hook->on_point(self, &info, &point, Str(payload)) : unserved();
    }
    case CallOp::kEnsureSchema:
      return tables.storage != nullptr ? tables.storage->ensure_schema(self, &info, Str(fields.Text())) : unserved();
    case CallOp::kExecute:
      return tables.storage != nullptr ? tables.storage->execute(self, &info, Str(fields.Text())) : unserved();
    case CallOp::kMaintain: {
      const bool keeps = TUTTI_HAS(tables.storage, tutti_storage, maintain) && tables.storage->maintain != nullptr;
      return keeps ? tables.storage->maintain(self, &info, Str(fields.Text())) : unserved();
    }
    case CallOp::kComplete:
      return tables.model != nullptr ? tables.model->complete(self, &info, Str(fields.Text())) : unserved();
    case CallOp::kStartRun:
      return tables.runtime != nullptr ? tables.runtime->start(self, &info, Str(fields.Text())) : unserved();
    case CallOp::kListTemplates:
      return tables.templates != nullptr ? tables.templates->list(self, &info) : unserved();
    case CallOp::kGetTemplate:
      return tables.templates != nullptr ? tables.templates->get(self, &info, Str(fields.Text())) : unserved();
    case CallOp::kWatch: {
      const bool watches = TUTTI_HAS(tables.storage, tutti_storage, watch) && tables.storage->watch != nullptr;
      return watches ? tables.storage->watch(self, &info) : unserved();
    }
  }
  unserved();
}

Result<Executor::Work> WorkerPlugin::TakeEvents(const Frame& frame) {
  {
    const std::lock_guard lock(mutex_);
    batches_.push_back({frame.id, std::string(frame.fields)});
    if (std::exchange(is_giving_events_, true)) {
      return Executor::Work();
    }
  }
  return Executor::Work([this] { DrainEvents(); });
}

void WorkerPlugin::DrainEvents() {
  std::unique_lock lock(mutex_);
  while (!batches_.empty()) {
    const Batch batch = std::move(batches_.front());
    batches_.pop_front();
    lock.unlock();
    GiveBatch(batch);
    FrameWriter done(FrameType::kEventsDone, batch.id);
    (void)services_.channel.SendAnswer(done);
    lock.lock();
  }
  is_giving_events_ = false;
  idle_.notify_all();
}

void WorkerPlugin::GiveBatch(const Batch& batch) {
  FieldReader fields(batch.fields);
  const std::uint32_t count = fields.U32();
  std::vector<tutti_event> events;
  for (std::uint32_t i = 0; i < count && fields.ok(); ++i) {
    events.push_back(ReadEvent(fields));
  }
  const tutti_hook* hook = tables_->hook;
  if (fields.is_complete() && TUTTI_HAS(hook, tutti_hook, on_events) && hook->on_events != nullptr) {
    const CallbackClock::Running running(services_.callbacks, "hook.on_events");
    (void)Guarded("on_events", [&] {
      hook->on_events(plugin_.self, events.data(), events.size());
      return Status();
    });
  }
}

Result<Executor::Work> WorkerPlugin::TakeStats(const Frame& frame) {
  return Executor::Work([this, id = frame.id] {
    std::string stats;
    const Status status = Guarded("stats", [&] {
      const tutti_sink sink = SinkTo(stats);
      if (tables_->storage == nullptr) {
        return Status::Unimplemented(id_ + " is no storage");
      }
      tables_->storage->stats(plugin_.self, &sink);
      return Status();
    });
    FrameWriter done(FrameType::kDone, id);
    done.U32(static_cast<std::uint32_t>(status.code())).Text(status.message()).Text(stats);
    (void)services_.channel.SendAnswer(done);
  });
}

}  // namespace tutti::host
