#include "host/gateway/client_connection.h"

#include <utility>
#include <vector>

#include "host/dispatch/approver.h"
#include "host/gateway/idempotency_key.h"
#include "host/gateway/json_depth.h"
#include "host/gateway/retry_after.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

std::string ResultFrame(const std::string& id, const Result<std::string>& result) {
  JsonWriter writer;
  writer.BeginObject().Key("type").Value("result").Key("id").Raw(id).Key("ok").Value(result.ok());
  if (result.ok()) {
    return writer.Key("result").Raw(*result).EndObject().Take();
  }
  const Status status = result.status();
  writer.Key("code").Value(tutti_status_find(static_cast<tutti_code>(status.code()))->name);
  writer.Key("message").Value(status.message());
  if (const std::string_view errors = JsonMember(status.details(), "errors"); !errors.empty()) {
    writer.Key("errors").Raw(errors);
  }
  if (const std::string_view approval = PendingApproval(status); !approval.empty()) {
    writer.Key("approval").Raw(approval);
  }
  if (const auto delay = RetryAfter(status); delay.count() > 0) {
    writer.Key("retry_after_ms").Value(delay.count());
  }
  return writer.EndObject().Take();
}

std::string ProgressFrame(const std::string& id, std::string_view event) {
  return JsonWriter()
      .BeginObject()
      .Key("type")
      .Value("progress")
      .Key("id")
      .Raw(id)
      .Key("event")
      .Raw(event)
      .EndObject()
      .Take();
}

Status UnknownCommand(const RoutingTable& table, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& route : table.commands()) {
    if (route->definition.on_websocket) {
      names.push_back(route->definition.name);
    }
  }
  return Status::NotFound("there is no command '" + std::string(name) + "' for WebSocket clients" +
                          DidYouMean(name, names));
}

}  // namespace

ContextPtr ClientContext(const Principal& principal, std::uint32_t surface) {
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  context->principal = principal.name;
  context->scopes = principal.scopes;
  context->surface = surface;
  return context;
}

ClientConnection::ClientConnection(Services services, TransportPort& transport, std::uint64_t id, Principal principal)
    : services_(services), principal_(std::move(principal)), outbox_(transport, id, kMaxRunning) {}

void ClientConnection::OnMessage(std::string_view message) {
  if (message.find('{') == std::string_view::npos) {
    return;
  }
  const Result<Json> parsed = Json::Parse(message);
  if (!parsed.ok()) {
    return;
  }
  const JsonView frame = parsed->view();
  const JsonView id = frame["id"];
  if (!id.is_string() && !id.is_int()) {
    return;
  }
  const std::string_view type = frame["type"].AsString();
  if (type == "invoke") {
    Invoke(id.Dump(), frame, message);
  } else if (type == "slash") {
    Slash(id.Dump(), frame);
  } else if (type == "cancel") {
    Cancel(id.Dump());
  }
}

void ClientConnection::Invoke(const std::string& id, JsonView frame, std::string_view message) {
  const std::string_view name = frame["command"].AsString();
  const TableIndexPtr index = services_.index.Get();
  const CommandRoute* route = index->table()->FindCommand(name);
  if (route == nullptr || !route->definition.on_websocket) {
    Refuse(id, UnknownCommand(*index->table(), name));
    return;
  }
  Start(id, index, *route, std::string(JsonMember(message, "args")), TUTTI_SURFACE_WEBSOCKET, frame["idempotency_key"]);
}

void ClientConnection::Slash(const std::string& id, JsonView frame) {
  const TableIndexPtr index = services_.index.Get();
  Result<SlashCall> call = index->slash().Parse(frame["text"].AsString());
  if (!call.ok()) {
    Refuse(id, call.status());
    return;
  }
  Start(id, index, *call->route, std::move(call->args), TUTTI_SURFACE_SLASH, frame["idempotency_key"]);
}

void ClientConnection::Cancel(const std::string& id) {
  NodePtr node;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end()) {
      return;
    }
    found->second.is_cancelled = true;
    node = found->second.node;
  }
  if (node != nullptr) {
    services_.calls.Cancel(node);
  }
}

Status ClientConnection::Admit(const std::string& id, bool is_read, std::uint64_t& serial) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) {
    return Status::Cancelled("the connection is closed");
  }
  if (running_.size() + outbox_.waiting() >= kMaxRunning) {
    return Status::ResourceExhausted("expected at most " + std::to_string(kMaxRunning) +
                                     " unanswered requests on a connection; wait for an answer first");
  }
  serial = next_serial_++;
  if (!running_.emplace(id, Running{serial, nullptr, is_read, false}).second) {
    return Status::AlreadyExists("a request with the id " + id + " is running on this connection; use another id");
  }
  return {};
}

void ClientConnection::Start(const std::string& id, const TableIndexPtr& index, const CommandRoute& route,
                             std::string args, std::uint32_t surface, JsonView idempotency_key) {
  const bool is_read = route.definition.effects == Effects::kRead;
  const bool has_key = !is_read && !idempotency_key.is_null();
  const Result<std::string> key = has_key ? ParseIdempotencyKey(idempotency_key.AsString()) : std::string();
  Status refusal = key.ok() ? CheckJsonDepth(args) : key.status();
  if (refusal.ok() && has_key && services_.idempotent == nullptr) {
    refusal = Status::Unimplemented("this server keeps no idempotency keys");
  }
  std::uint64_t serial = 0;
  if (refusal.ok()) {
    refusal = Admit(id, is_read, serial);
  }
  if (!refusal.ok()) {
    Refuse(id, refusal);
    return;
  }
  CommandCall call;
  call.routes = index->table();
  call.route = &route;
  call.args = std::move(args);
  call.context = ClientContext(principal_, surface);
  const auto self = shared_from_this();
  call.on_event = [self, id](std::string event) { self->outbox_.Push(ProgressFrame(id, event), true); };
  if (has_key) {
    RequestKey request = MakeRequestKey(principal_.name, "WebSocket " + route.definition.name, *key, call.args);
    services_.idempotent->Run(
        std::move(call), std::move(request),
        [self, id, serial](const Result<std::string>& result, bool) { self->Finish(id, serial, result); },
        [self, id, serial](const NodePtr& node) { self->Attach(id, serial, node); });
    return;
  }
  const NodePtr node = services_.dispatcher.Run(
      std::move(call), [self, id, serial](Result<std::string> result) { self->Finish(id, serial, result); });
  Attach(id, serial, node);
}

void ClientConnection::Attach(const std::string& id, std::uint64_t serial, const NodePtr& node) {
  bool is_unwanted = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end() || found->second.serial != serial) {
      return;
    }
    found->second.node = node;
    is_unwanted = found->second.is_cancelled || (is_closed_ && found->second.is_read);
  }
  if (is_unwanted && node != nullptr) {
    services_.calls.Cancel(node);
  }
}

void ClientConnection::Finish(const std::string& id, std::uint64_t serial, const Result<std::string>& result) {
  // The answer is in the outbox before the id is free, so that the two together never exceed the bound.
  outbox_.Push(ResultFrame(id, result), false);
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  if (found != running_.end() && found->second.serial == serial) {
    running_.erase(found);
  }
}

void ClientConnection::Refuse(const std::string& id, const Status& status) {
  outbox_.Push(ResultFrame(id, status), true);
}

void ClientConnection::OnClose() {
  outbox_.Close();
  std::vector<NodePtr> reads;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (const auto& [id, running] : running_) {
      if (running.is_read && running.node != nullptr) {
        reads.push_back(running.node);
      }
    }
  }
  for (const NodePtr& node : reads) {
    services_.calls.Cancel(node);
  }
}

bool ClientConnection::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

}  // namespace tutti::host
