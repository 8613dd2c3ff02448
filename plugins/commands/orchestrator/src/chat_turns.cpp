#include "chat_turns.h"

#include <utility>

#include "agent_template.h"
#include "chat_lines.h"
#include "run_starts.h"
#include "tool_texts.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::int64_t kMostStopped = 1000;

}  // namespace

Task<Status> ChatTurns::Say(tutti_call parent, std::string principal, std::string line, Prompt prompt) {
  const Result<std::string> conversation = co_await Conversation(parent);
  if (!conversation.ok()) {
    co_return conversation.status();
  }
  std::string model = prompt.model;
  RunRequest request =
      co_await NewRequest(parent, std::move(principal), RunKind::kPrompt, *conversation, std::move(model));
  request.AddTools(prompt.tools);
  request.prompt = std::move(prompt.text);
  request.replaces = true;
  request.is_replaceable = true;
  request.keep_prompt = true;
  Batch batch;
  (void)AddUserLine(batch, context_.session.id, line);
  co_return co_await Accept(context_, parent, std::move(batch), std::move(request));
}

Task<Status> ChatTurns::Compact(tutti_call parent, std::string principal, std::string line, std::string instructions) {
  const Result<std::string> conversation = co_await Conversation(parent);
  if (!conversation.ok()) {
    co_return conversation.status();
  }
  std::string model;
  RunRequest request =
      co_await NewRequest(parent, std::move(principal), RunKind::kCompact, *conversation, std::move(model));
  request.compact_instructions = std::move(instructions);
  request.prompt = "/compact";
  Batch batch;
  if (!line.empty()) {
    (void)AddUserLine(batch, context_.session.id, line);
  }
  co_return co_await Accept(context_, parent, std::move(batch), std::move(request));
}

// The former conversation stays in the database, and is not read any more. A run belongs to the conversation that it
// was accepted for, so what is said from now on is said in the new one, whatever is still at work.
Task<Status> ChatTurns::Clear(tutti_call parent, std::string line) {
  const std::string conversation = NewUuid();
  Batch batch;
  if (!line.empty()) {
    (void)AddUserLine(batch, context_.session.id, line);
  }
  batch.Add(BeginConversation(context_.session.id, conversation));
  AddReplyLine(batch, context_.session.id, texts::Cleared(conversation));
  const Result<StoreReply> stored = co_await Execute(context_.host, parent, batch.Take());
  if (!stored.ok()) {
    co_return stored.status();
  }
  context_.BeginConversation(conversation);
  context_.host.Log(TUTTI_LOG_NOTICE, "a new session begins; resume with: tutti run --session " + conversation,
                    JsonObject()("orchestrator", context_.session.id).Take());
  const Status stopped = co_await StopOthers(parent, conversation);
  ShowEnd(context_.host, context_.session.id);
  Batch figures;
  AddFigures(figures, context_.session.id);
  std::string what = "the figures of a new session could not be announced";
  (void)co_await StorePatiently(context_.host, figures.Take(), std::move(what));
  co_return stopped;
}

Task<Status> ChatTurns::StopOthers(tutti_call parent, std::string conversation) {
  JsonObject where;
  where("agent", context_.session.id).Raw("status", R"({"in":["queued","running","waiting"]})");
  where.Raw("conversation", JsonObject()("ne", conversation).Take());
  Op op = Op::Query("runs.runs");
  op.Raw("where", where.Take()).Raw("select", R"(["id"])")("limit", kMostStopped);
  Batch batch;
  batch.Add(op);
  const Result<StoreReply> reply = co_await Execute(context_.host, parent, batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  std::vector<std::string> runs;
  if (const Result<Json> rows = Json::Parse(reply->Rows(0)); rows.ok()) {
    rows->view().ForEach([&](JsonView row) { runs.emplace_back(row["id"].AsString()); });
  }
  for (const std::string& run : runs) {
    std::string which = JsonObject()("run", run).Take();
    const Result<std::size_t> stopped = co_await Interrupt(context_.host, parent, std::move(which));
    if (!stopped.ok()) {
      co_return stopped.status();
    }
  }
  co_return Status();
}

Task<Result<std::string>> ChatTurns::Conversation(tutti_call parent) {
  Op row("get", "orchestrator.orchestrator_agents");
  row.Raw("key", JsonObject()("id", context_.session.id).Take()).Raw("select", R"(["session_id"])");
  Batch batch;
  batch.Add(row).Add(CountWaiting(context_.session.id));
  const Result<StoreReply> reply = co_await Execute(context_.host, parent, batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  if (!rows.ok() || rows->view().size() == 0) {
    co_return Status::NotFound("the orchestrator " + context_.session.id +
                               " is missing from the database; restart the server to begin a new session");
  }
  if (Status room = CheckRoom(reply->Rows(1), context_.settings.max_waiting_messages, "messages"); !room.ok()) {
    co_return room;
  }
  co_return std::string(rows->view()[0]["session_id"].AsString(context_.session.id));
}

// A prompt to be filled in needs the templates as they are now.
Task<RunRequest> ChatTurns::NewRequest(tutti_call parent, std::string principal, RunKind kind, std::string conversation,
                                       std::string model) const {
  const std::string prompt = context_.settings.Prompt(context_.host);
  std::vector<AgentTemplate> templates;
  if (NamesTemplates(prompt)) {
    templates = co_await ListTemplates(context_.host, parent);
  }
  const Place place = Place::Of(context_.session.id);
  RunRequest request;
  request.conversation = std::move(conversation);
  request.agent = context_.session.id;
  request.stream = context_.session.id;
  request.tree = place.tree();
  request.labels = RunLabels{.role = "orchestrator",
                             .kind = kind,
                             .agent_name = "orchestrator",
                             .template_name = {},
                             .principal = principal,
                             .task_slug = {},
                             .orchestrator = context_.session.id,
                             .place = place}
                       .ToJson();
  request.model = context_.ResolveModel(model, context_.settings.model);
  request.system = FillPrompt(prompt, templates);
  request.tools = tools_;
  request.max_turns = context_.settings.max_chat_turns;
  co_return request;
}

}  // namespace tutti::orchestrator
