#include "host/lifecycle/table_schemas.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "host/dispatch/idempotency_rows.h"
#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// The host's own tables: who ran what that was not a read, and the answers to requests with an Idempotency-Key.
constexpr char kHostSchema[] = R"({"namespace":"host","version":2,"owner":"tutti.host","grants":{},"tables":{"audit":{
  "columns":{"id":{"type":"uuid","primary":true},"time":{"type":"time","null":false},
    "command":{"type":"text","null":false},"surface":{"type":"text","null":false},"principal":{"type":"text"},
    "caller":{"type":"text"},"run":{"type":"text"},"agent":{"type":"text"},"trace":{"type":"text"},
    "code":{"type":"text","null":false},"duration_ms":{"type":"int64"}},
  "indexes":[{"name":"host_audit_time","columns":["time desc"]}]},)";

// A database that takes longer to make its tables is not coming.
constexpr std::chrono::milliseconds kSchemaLimit{120000};

}  // namespace

Status TableSchemas::Ensure(PluginInstance& storage, std::string schema) {
  std::promise<Status> promise;
  std::future<Status> done = promise.get_future();
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  PluginCallSpec spec;
  spec.plugin = &storage;
  spec.context = std::move(context);
  spec.on_worker = true;
  spec.deadline_ms = NowMillis() + kSchemaLimit.count();
  spec.operation = &operation::kEnsureSchema;
  spec.enter = [table = storage.storage(), text = std::move(schema)](void* self, const tutti_call_info& info) {
    table->ensure_schema(self, &info, Str(text));
  };
  auto run = [](Core* core, PluginCallSpec call, std::promise<Status>* to) -> Task<void> {
    PluginCall pending(core->executor, core->calls, std::move(call));
    const Result<std::string> result = co_await pending;
    to->set_value(result.status());
  };
  Spawn(run(&core_, std::move(spec), &promise), [](const std::exception_ptr&) {});
  return done.get();
}

Status TableSchemas::EnsureHost(PluginInstance& storage) {
  return Ensure(storage, std::string(kHostSchema) + kIdempotencyTable + "}}");
}

Status TableSchemas::EnsureAll(PluginInstance& storage, const PluginSlots& slots) {
  if (Status status = EnsureHost(storage); !status.ok()) {
    return status;
  }
  for (const PluginSlot& slot : slots) {
    if (slot.is_active() && !slot.entry.storage_json.empty()) {
      if (Status status = Ensure(storage, slot.entry.storage_json); !status.ok()) {
        return status;
      }
    }
  }
  return {};
}

}  // namespace tutti::host
