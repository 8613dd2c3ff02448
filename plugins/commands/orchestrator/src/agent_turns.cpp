#include "agent_turns.h"

#include <utility>

#include "run_starts.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kGreeting =
    "You have just been created. Answer with one short sentence that says who you are and that you are ready. Do not "
    "use "
    "tools yet.";

}  // namespace

Task<Status> AgentTurns::Create(tutti_call parent, std::string principal, Agent agent) {
  RunRequest request = Request(agent, principal, RunKind::kGreeting, agent.name + "-greeting");
  request.prompt = kGreeting;
  Batch batch;
  batch.Add(InsertAgent(agent));
  const Result<std::string> greeted = co_await AcceptAndWait(context_, parent, std::move(batch), std::move(request));
  co_return greeted.status();
}

Task<Status> AgentTurns::Command(tutti_call parent, std::string principal, Agent agent, Work work) {
  Batch count;
  count.Add(CountWaiting(agent.id));
  const Result<StoreReply> waiting = co_await Execute(context_.host, parent, count.Take());
  if (!waiting.ok()) {
    co_return waiting.status();
  }
  if (Status room = CheckRoom(waiting->Rows(0), context_.settings.max_waiting_commands, "turns"); !room.ok()) {
    co_return room;
  }
  Batch batch;
  batch.Add(InsertPrompt(agent, work.command, work.slug));
  if (work.kind == Work::Kind::kClear) {
    // A run belongs to the conversation that it was accepted for, so the order of commands is kept.
    AddNewSession(batch, agent, NewUuid());
    const Result<StoreReply> stored = co_await Execute(context_.host, parent, batch.Take());
    co_return stored.status();
  }
  batch.Add(ExpectLive(agent));
  RunRequest request =
      Request(agent, principal, work.kind == Work::Kind::kCompact ? RunKind::kCompact : RunKind::kPrompt, work.slug);
  request.prompt = work.text;
  if (work.kind == Work::Kind::kCompact) {
    request.compact_instructions = std::move(work.text);
    request.prompt = "/compact";
  }
  if (!work.model.empty()) {
    request.model = context_.ResolveModel(work.model, agent.model);
  }
  // A template says what its agents may use at most.
  if (!agent.tools) {
    request.AddTools(work.tools);
  }
  co_return co_await Accept(context_, parent, std::move(batch), std::move(request));
}

RunRequest AgentTurns::Request(const Agent& agent, std::string_view principal, RunKind kind,
                               std::string_view slug) const {
  const Place place = agent.place();
  RunRequest request;
  request.conversation = agent.conversation();
  request.agent = agent.id;
  request.stream = agent.orchestrator;
  request.tree = place.tree();
  request.labels = RunLabels{.role = "agent",
                             .kind = kind,
                             .agent_name = agent.name,
                             .template_name = agent.template_name,
                             .principal = principal,
                             .task_slug = slug,
                             .orchestrator = agent.orchestrator,
                             .place = place}
                       .ToJson();
  request.model = agent.model;
  request.system = agent.system_prompt;
  request.tools = agent.ToolsOfTurn(context_.settings.agent_tools);
  request.max_turns = agent.TurnLimit(context_.settings.max_agent_turns);
  return request;
}

}  // namespace tutti::orchestrator
