#include "routes.h"

#include <algorithm>
#include <utility>

#include "agent_rows.h"
#include "agent_template.h"
#include "event_query.h"
#include "history.h"
#include "listed_commands.h"
#include "tool_definitions.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

std::string QuotedForMessage(std::string_view text) {
  return "\"" + CleanUtf8(Utf8Prefix(text, 60)) + "\"";
}

Status MalformedId(std::string_view id) {
  return Status::InvalidArgument("orchestrator_agent_id: expected a UUID, found " + QuotedForMessage(id));
}

// The row with the fallback that the console shows before the first turn.
std::string OrchestratorObject(JsonView row, const Context& context) {
  const std::string& working_dir = context.settings.working_dir;
  JsonObject object;
  // What answers: the model asked for, and the plugin that it is asked of.
  object("model", context.ResolveModel({}, context.settings.model));
  const Result<Json> models = Json::Parse(context.host.Models());
  object.OrNull("model_plugin", models.ok() ? (*models)["plugin"].AsString() : std::string_view());
  row.ForEachMember([&](std::string_view name, JsonView value) {
    if (name != "metadata") {
      object.Raw(name, value.Dump());
    }
  });
  if (row["metadata"]["system_message_info"].size() > 0) {
    return object.Raw("metadata", row["metadata"].Dump()).Take();
  }
  JsonObject fallback;
  fallback.Raw("session_id", row["session_id"].Dump())("cwd", working_dir)("captured_at", nullptr);
  fallback("subtype", "fallback");
  JsonObject metadata;
  row["metadata"].ForEachMember([&](std::string_view name, JsonView value) {
    if (name != "system_message_info") {
      metadata.Raw(name, value.Dump());
    }
  });
  return object.Raw("metadata", metadata.Raw("system_message_info", fallback.Take()).Take()).Take();
}

}  // namespace

const std::array<RouteDefinition, 7> kRoutes = {{
    {"orchestrator.get", R"({
      "name": "orchestrator.get", "summary": "Who the orchestrator is, and what it can do.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "properties": {}},
      "rest": [{"method": "GET", "path": "/get_orchestrator", "errors": "detail"}]})"},
    {"orchestrator.agents", R"({
      "name": "orchestrator.agents", "summary": "The live agents, newest first.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"],
      "input": {"type": "object", "properties": {}},
      "rest": [{"method": "GET", "path": "/list_agents", "errors": "detail"}]})"},
    {"orchestrator.load_chat", R"({
      "name": "orchestrator.load_chat", "summary": "The newest chat lines and blocks, oldest first.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "required": ["orchestrator_agent_id"], "properties": {
        "orchestrator_agent_id": {"type": "string"}, "limit": {"type": ["integer", "null"], "minimum": 0}}},
      "rest": [{"method": "POST", "path": "/load_chat", "errors": "detail"}]})"},
    {"orchestrator.send_chat", R"({
      "name": "orchestrator.send_chat", "summary": "Says something to the orchestrator; the answer comes live.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"],
      "input": {"type": "object", "required": ["message", "orchestrator_agent_id"], "properties": {
        "message": {"type": "string"}, "orchestrator_agent_id": {"type": "string"}}},
      "rest": [{"method": "POST", "path": "/send_chat", "errors": "detail"}]})"},
    {"orchestrator.events", R"({
      "name": "orchestrator.events", "summary": "The newest events, oldest first.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "properties": {
        "agent_id": {"type": "string"}, "task_slug": {"type": "string"}, "event_types": {"type": "string"},
        "before": {"type": "string", "description": "Only what is older than this time, as events have it."},
        "limit": {"type": "integer", "minimum": 0},
        "offset": {"type": "integer", "minimum": 0, "default": 0}}},
      "rest": [{"method": "GET", "path": "/get_events", "errors": "detail"}]})"},
    {"orchestrator.journal", R"({
      "name": "orchestrator.journal", "effects": "read",
      "summary": "A page of journal events after a number, oldest first; its next is the since of the following page.",
      "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "properties": {
        "since": {"type": "integer", "minimum": 0, "default": 0}, "stream": {"type": "string"},
        "agent": {"type": "string"}, "run": {"type": "string"},
        "tree": {"type": "string", "description": "An agent's id: its events and those of all agents below it."},
        "types": {"type": "array", "items": {"type": "string"}, "description": "Types, also several by commas."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}},
      "rest": [{"method": "GET", "path": "/v1/events", "errors": "problem"}]})"},
    {"orchestrator.templates", R"({
      "name": "orchestrator.templates", "effects": "read",
      "summary": "Lists what agents can be created from, and what is wrong with files that cannot be used.",
      "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/templates"},
      "input": {"type": "object", "properties": {}},
      "rest": [{"method": "GET", "path": "/v1/templates", "errors": "problem"}]})"},
}};

const char* const kHealthRoute = R"({
  "name": "orchestrator.health", "summary": "Whether the server is there.", "effects": "read", "nonblocking": true,
  "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "properties": {}},
  "rest": [{"method": "GET", "path": "/health", "errors": "detail", "public": true}]})";

const char* const kHeadersRoute = R"({
  "name": "orchestrator.headers", "summary": "The working directory.", "effects": "read", "nonblocking": true,
  "surfaces": ["rest", "websocket", "slash"], "input": {"type": "object", "properties": {}},
  "rest": [{"method": "GET", "path": "/get_headers", "errors": "detail"}]})";

const char* const kConnectRoute = R"({
  "name": "orchestrator.connect", "summary": "Opens the live stream of this orchestrator.", "effects": "read",
  "nonblocking": true, "surfaces": ["websocket"],
  "input": {"type": "object", "additionalProperties": false, "properties": {
    "connection": {"type": "string"}, "connections": {"type": "integer"},
    "since": {"type": "string", "pattern": "^([0-9]{1,18}|latest)$",
              "description": "All events after this number, stored ones first; latest: from now on."},
    "agent": {"type": "string"}, "run": {"type": "string"},
    "tree": {"type": "string", "description": "An agent's id: its events and those of all agents below it."},
    "types": {"type": "array", "items": {"type": "string"}, "description": "Types, also several by commas."}}},
  "websocket": {"path": "/ws"}})";

const char* const kFollowRoute = R"({
  "name": "orchestrator.follow", "effects": "read", "nonblocking": true, "surfaces": ["rest"],
  "summary": "The events of this orchestrator as server-sent events, from a number on or from now on.",
  "input": {"type": "object", "additionalProperties": false, "properties": {
    "since": {"type": "string", "pattern": "^([0-9]{1,18}|latest)$",
              "description": "All events after this number, stored ones first; Last-Event-ID goes before it."},
    "agent": {"type": "string"}, "run": {"type": "string"},
    "tree": {"type": "string", "description": "An agent's id: its events and those of all agents below it."},
    "types": {"type": "array", "items": {"type": "string"}, "description": "Types, also several by commas."}}},
  "rest": [{"method": "GET", "path": "/v1/events/stream", "errors": "problem", "answer": "events"}]})";

Routes::Answer Routes::Invoke(std::string_view name, Call call, JsonView args) {
  if (name == "orchestrator.get") {
    return GetOrchestrator(std::move(call));
  }
  if (name == "orchestrator.agents") {
    return ListAgents(std::move(call));
  }
  if (name == "orchestrator.load_chat") {
    return LoadChat(std::move(call), args);
  }
  if (name == "orchestrator.send_chat") {
    return SendChat(std::move(call), args);
  }
  if (name == "orchestrator.events") {
    return GetEvents(std::move(call), args);
  }
  if (name == "orchestrator.templates") {
    return ListAllTemplates(std::move(call));
  }
  return ReadJournal(std::move(call), args);
}

std::string Routes::Health() const {
  return JsonObject()("status", "healthy")("service", "orchestrator-3-stream")("websocket_connections",
                                                                               context_.host.connections())
      .Take();
}

std::string Routes::Headers() const {
  return JsonObject()("status", "success")("cwd", context_.settings.working_dir).Take();
}

std::string Routes::Connect(JsonView args) const {
  const std::string first = wire::ConnectionEstablished(args["connection"].AsString());
  return FollowAnswer(EventQuery::Read(args), context_.session.id, first, false);
}

std::string Routes::Follow(JsonView args) const {
  return FollowAnswer(EventQuery::Read(args), context_.session.id, {}, true);
}

Routes::Answer Routes::GetOrchestrator(Call call) {
  Op op = Op::Query("orchestrator.orchestrator_agents");
  op.Raw("where", JsonObject()("id", context_.session.id)("archived", false).Take());
  op.Raw("select",
         R"(["id","session_id","status","working_dir","input_tokens","output_tokens","total_cost","metadata"])");
  Batch batch;
  batch.Add(op("limit", 1));
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  if (!rows.ok() || rows->view().size() == 0) {
    co_return Status::NotFound("Orchestrator not found");
  }
  const std::vector<AgentTemplate> templates = co_await ListTemplates(context_.host, call.id());
  std::string commands = co_await ListedCommands(context_.host, call.id());
  JsonObject answer;
  answer("status", "success");
  answer.Raw("orchestrator", OrchestratorObject(rows->view()[0], context_));
  answer.Raw("slash_commands", commands).Raw("agent_templates", TemplatesJson(templates));
  co_return answer.Raw("orchestrator_tools", ToolDisplays()).Take();
}

Routes::Answer Routes::ListAgents(Call call) {
  Batch batch;
  batch.Add(orchestrator::ListAgents(context_.session.id, context_.settings.history_limit));
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  co_return JsonObject()("status", "success").Raw("agents", reply->Rows(0)).Take();
}

Routes::Answer Routes::LoadChat(Call call, JsonView args) {
  ChatHistory history;
  history.orchestrator = args["orchestrator_agent_id"].AsString();
  if (!IsUuid(history.orchestrator)) {
    co_return MalformedId(history.orchestrator);
  }
  const std::int64_t most = context_.settings.history_limit;
  const std::int64_t asked =
      args["limit"] && args["limit"].is_null() ? most : args["limit"].AsInt(context_.settings.chat_history_limit);
  history.limit = std::min(asked, most);
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), history.Batch());
  if (!reply.ok()) {
    co_return reply.status();
  }
  co_return ChatHistory::Answer(*reply);
}

Routes::Answer Routes::SendChat(Call call, JsonView args) {
  const std::string_view id = args["orchestrator_agent_id"].AsString();
  if (!IsUuid(id)) {
    co_return MalformedId(id);
  }
  if (id != context_.session.id) {
    co_return Status::NotFound("orchestrator_agent_id: this server runs orchestrator " + context_.session.id +
                               ", not " + QuotedForMessage(id) + "; reload to get the id that is running");
  }
  std::string text(args["message"].AsString());
  co_return co_await chat_.Send(call, std::move(text));
}

Routes::Answer Routes::GetEvents(Call call, JsonView args) {
  Result<EventHistory> history = EventHistory::Read(args, context_.session.id, context_.settings.history_limit);
  if (!history.ok()) {
    co_return history.status();
  }
  if (!args["limit"].is_int()) {
    history->limit = std::min(context_.settings.agent_log_limit, context_.settings.history_limit);
  }
  if (history->empty()) {
    co_return EventHistory::EmptyAnswer();
  }
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), history->Batch());
  if (!reply.ok()) {
    co_return reply.status();
  }
  co_return history->Answer(*reply);
}

Routes::Answer Routes::ReadJournal(Call call, JsonView args) {
  const std::string stream(args["stream"].AsString(context_.session.id));
  const std::int64_t limit = std::min(args["limit"].AsInt(100), context_.settings.history_limit);
  Batch batch;
  batch.AddJson(JournalOperation(EventQuery::Read(args), stream, limit));
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  co_return EventPage((*reply)[0], stream, args["since"].AsInt());
}

Routes::Answer Routes::ListAllTemplates(Call call) {
  Pending pending = context_.host.ListTemplates(call.id());
  co_return co_await std::move(pending);
}

}  // namespace tutti::orchestrator
