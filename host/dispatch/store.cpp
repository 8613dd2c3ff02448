#include "host/dispatch/store.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

#include "host/dispatch/idempotency_rows.h"
#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr std::chrono::milliseconds kNoPluginRetry{1000};
constexpr std::int64_t kBetweenQuestionsMs = 1000;

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
  return std::any_of(parts.begin(), parts.end(), [](const BatchPart& part) { return !OnlyReads(part.ops); });
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

Task<Result<std::string>> Store::Execute(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent,
                                         BatchOptions options) {
  const std::shared_ptr<IdempotencyMark> mark = context->idempotency;
  if (mark == nullptr || !mark->is_wanted() || !Writes(parts)) {
    Result<std::string> plain =
        co_await Apply(std::move(parts), std::move(context), std::move(parent), std::move(options));
    co_return plain;
  }
  parts.insert(parts.begin(), BatchPart{"tutti.host", MarkAppliedOps(mark->id(), mark->owner())});
  Result<std::string> result =
      co_await Apply(std::move(parts), std::move(context), std::move(parent), std::move(options));
  if (!result.ok()) {
    co_return result;
  }
  mark->SetApplied();
  co_return WithoutFirst(*result);
}

Task<Result<std::string>> Store::Apply(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent,
                                       BatchOptions options) {
  std::string batch = "{";
  if (!options.id.empty()) {
    batch += "\"id\":" + JsonQuote(options.id) + ",";
  }
  batch += "\"parts\":[";
  StorageGuard::Lane lane = StorageGuard::Lane::kRead;
  for (const BatchPart& part : parts) {
    lane = OnlyReads(part.ops) ? lane : StorageGuard::Lane::kWrite;
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
      co_return Status::Unavailable("no storage plugin is active; enable one in the manifest (roles.storage)")
          .WithRetryAfter(kNoPluginRetry);
    }
    const Result<StorageGuard::Ticket> ticket = guard_.Enter(lane, options.is_urgent);
    if (!ticket.ok()) {
      co_return ticket.status();
    }
    bool is_over = false;
    PluginCallSpec spec;
    spec.plugin = plugin;
    spec.context = context;
    spec.starter = parent ? parent->owner : std::string_view();
    spec.operation = &operation::kExecute;
    // Shared: a plugin that does not come back may read it after this coroutine has gone on.
    spec.enter = [table = plugin->storage(), text](void* self, const tutti_call_info& info) {
      table->execute(self, &info, Str(*text));
    };
    spec.on_finished = [this, ticket = *ticket, &is_over](const Result<std::string>& result) {
      is_over = true;
      guard_.Leave(ticket, result.status());
      if (result.ok()) {
        Announce(*result);
      }
    };
    PluginCall call(executor_, calls_, std::move(spec));
    Result<std::string> result = co_await call;
    if (!is_over) {
      guard_.Abandon(*ticket);
    }
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

void Store::Look() {
  guard_.Look();
  const std::int64_t now = NowMillis();
  if (!guard_.IsDue() || now < next_question_ms_ || is_asking_.exchange(true)) {
    return;
  }
  next_question_ms_ = now + kBetweenQuestionsMs;
  // On a worker: whoever looks also looks after plugins that hang.
  const bool is_submitted = executor_.Submit([this] {
    const std::string stats = Stats();
    const Result<Json> parsed = Json::Parse(stats);
    if (parsed.ok() && (*parsed)["healthy"].AsBool()) {
      guard_.SetHealthy();
    }
    is_asking_ = false;
  });
  if (!is_submitted) {
    is_asking_ = false;
  }
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
      events_.Publish(ParseEvent(JsonMember(result, "event")));
    });
  });
}

}  // namespace tutti::host
