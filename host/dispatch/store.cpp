#include "host/dispatch/store.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "host/dispatch/idempotency_rows.h"
#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

std::string Unquote(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') {
    return {};
  }
  if (json.find('\\') == std::string_view::npos) {
    return std::string(json.substr(1, json.size() - 2));
  }
  const Result<Json> parsed = Json::Parse(json);
  return parsed.ok() ? std::string(parsed->view().AsString()) : std::string();
}

// The operations with `tree` in every journal event that has none of its own.
std::string WithTree(const std::string& ops, const std::string& tree) {
  constexpr std::string_view kAppend = "\"append\"";
  if (tree.empty() || ops.find(kAppend) == std::string::npos) {
    return ops;
  }
  const std::string member = "\"tree\":" + JsonQuote(tree) + ",";
  std::string filled = "[";
  JsonElements(ops, [&](std::string_view op) {
    filled += filled.size() > 1 ? "," : "";
    if (JsonMember(op, "op") == kAppend && JsonMember(op, "tree").empty()) {
      filled.append("{").append(member).append(op.substr(1));
    } else {
      filled += op;
    }
  });
  return filled + "]";
}

// Whether the batch changes anything.
bool Writes(const std::vector<BatchPart>& parts) {
  constexpr std::string_view kReads[] = {"\"get\"", "\"query\"", "\"journal\"", "\"heads\""};
  bool writes = false;
  for (const BatchPart& part : parts) {
    JsonElements(part.ops, [&](std::string_view op) {
      writes = writes || std::find(std::begin(kReads), std::end(kReads), JsonMember(op, "op")) == std::end(kReads);
    });
  }
  return writes;
}

// The results without those of the first part.
std::string WithoutFirst(const std::string& results) {
  std::string rest = "{\"results\":[";
  std::size_t at = 0;
  JsonElements(JsonMember(results, "results"), [&](std::string_view part) {
    if (at++ > 0) {
      rest += rest.back() == '[' ? "" : ",";
      rest += part;
    }
  });
  return rest + "]}";
}

}  // namespace

Task<Result<std::string>> Store::Execute(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent) {
  const std::shared_ptr<IdempotencyMark> mark = context->idempotency;
  if (mark == nullptr || !mark->is_wanted() || !Writes(parts)) {
    Result<std::string> plain = co_await Apply(std::move(parts), std::move(context), std::move(parent));
    co_return plain;
  }
  parts.insert(parts.begin(), BatchPart{"tutti.host", MarkAppliedOps(mark->id(), mark->owner())});
  Result<std::string> result = co_await Apply(std::move(parts), std::move(context), std::move(parent));
  if (!result.ok()) {
    co_return result;
  }
  mark->SetApplied();
  co_return WithoutFirst(*result);
}

Task<Result<std::string>> Store::Apply(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent) {
  std::string batch = "{\"parts\":[";
  for (const BatchPart& part : parts) {
    batch += batch.back() == '[' ? "{\"by\":" : ",{\"by\":";
    batch += JsonQuote(part.by);
    batch += ",\"ops\":";
    batch += WithTree(part.ops, context->tree);
    batch += '}';
  }
  batch += "]}";

  const auto text = std::make_shared<const std::string>(std::move(batch));
  RoutingTablePtr table = routes_.Get();
  while (true) {
    PluginInstance* const plugin = table == nullptr ? nullptr : table->storage();
    if (plugin == nullptr) {
      co_return Status::Unavailable("no storage plugin is active; enable one in the manifest (roles.storage)");
    }
    PluginCallSpec spec;
    spec.plugin = plugin;
    spec.context = context;
    spec.starter = parent ? parent->owner : std::string_view();
    spec.operation = &operation::kExecute;
    // Shared: a plugin that does not come back may read it after this coroutine has gone on.
    spec.enter = [table = plugin->storage(), text](void* self, const tutti_call_info& info) {
      table->execute(self, &info, Str(*text));
    };
    spec.on_finished = [this](const Result<std::string>& result) {
      if (result.ok()) {
        Announce(*result);
      }
    };
    PluginCall call(executor_, calls_, std::move(spec));
    Result<std::string> result = co_await call;
    if (!call.is_refused()) {
      co_return result;
    }
    RoutingTablePtr next = co_await changeover_.Next(table, plugin);
    if (next == nullptr) {
      co_return result;
    }
    table = std::move(next);
  }
}

std::string Store::PartOf(std::string_view results, std::size_t index) {
  std::string out = "{\"results\":[]}";
  std::size_t at = 0;
  JsonElements(JsonMember(results, "results"), [&](std::string_view part) {
    if (at++ == index) {
      out = "{\"results\":";
      out += part;
      out += '}';
    }
  });
  return out;
}

std::string Store::Stats() const {
  const RoutingTablePtr routes = routes_.Get();
  PluginInstance* plugin = routes == nullptr ? nullptr : routes->storage();
  if (plugin == nullptr) {
    return R"({"healthy":false,"reason":"no storage plugin is active"})";
  }
  const PluginGate::Ticket ticket = plugin->gate().Enter();
  if (!ticket) {
    return R"({"healthy":false,"reason":"the storage plugin is switched off"})";
  }
  std::string text;
  const tutti_sink sink{sizeof sink, &text,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  const Status status =
      plugin->Enter(operation::kStats, 0, {}, [&] { plugin->storage()->stats(plugin->self(), &sink); });
  return status.ok() ? text : JsonObject()("healthy", false)("reason", status.message()).Take();
}

void Store::Announce(std::string_view results) {
  constexpr std::string_view kEvent = "{\"event\":";
  if (results.find(kEvent) == std::string_view::npos) {
    return;
  }
  JsonElements(JsonMember(results, "results"), [&](std::string_view part) {
    JsonElements(part, [&](std::string_view result) {
      if (!result.starts_with(kEvent)) {
        return;
      }
      const std::string_view json = JsonMember(result, "event");
      Event event;
      event.stream = Unquote(JsonMember(json, "stream"));
      event.type = Unquote(JsonMember(json, "type"));
      event.run = Unquote(JsonMember(json, "run"));
      event.agent = Unquote(JsonMember(json, "agent"));
      event.seq = std::strtoull(std::string(JsonMember(json, "seq")).c_str(), nullptr, 10);
      event.time_us = NowMicros();
      event.data = JsonMember(json, "data");
      events_.Publish(std::move(event));
    });
  });
}

}  // namespace tutti::host
