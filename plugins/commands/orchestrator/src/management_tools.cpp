#include "management_tools.h"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <utility>
#include <vector>

#include "agent_search.h"
#include "agent_template.h"
#include "file_command.h"
#include "run_starts.h"
#include "slug.h"
#include "tool_texts.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"
#include "typed_command.h"

namespace tutti::orchestrator {
namespace {

constexpr std::int64_t kMostAgents = 1000;

// A missing agent is the model's mistake, everything else a fault.
Result<std::string> Failure(const Status& status, std::string_view name) {
  if (status.code() == Code::kNotFound) {
    return ToolError(texts::AgentNotFound(name));
  }
  return status;
}

std::string Required(std::string_view parameter) {
  return ToolError("Error: '" + std::string(parameter) + "' is required.");
}

// Who calls the tool: an agent, by the labels of its run, or else the orchestrator.
Place CreatorOf(const Call& call, const std::string& orchestrator) {
  if (call.agent().empty() || call.agent() == orchestrator) {
    return Place::Of(orchestrator);
  }
  return Place::Of(orchestrator, LabelsOf(call)["tree"].AsString(), call.agent());
}

Op LatestLog(const Agent& agent) {
  Op op = Op::Query("orchestrator.agent_logs");
  op.Raw("where", JsonObject()("agent_id", agent.id).Take()).Raw("select", R"(["task_slug"])");
  op.Raw("order", R"([{"by":"timestamp","desc":true}])")("limit", 1);
  return op;
}

Op TaskLogs(const Agent& agent, std::string_view slug, JsonView args) {
  Op op = Op::Query("orchestrator.agent_logs");
  op.Raw("where", JsonObject()("agent_id", agent.id).OrNull("task_slug", slug).Take());
  op.Raw("select", R"(["event_type","content","summary","payload"])");
  op.Raw("order", R"([{"by":"entry_index","desc":true}])")("reverse", true);
  op("limit", args["tail_count"].AsInt(10))("offset", args["offset"].AsInt());
  return op;
}

Op FindSystemLogs(const std::string& orchestrator, JsonView args, std::int64_t limit) {
  JsonObject where;
  where("metadata->orchestrator_agent_id", orchestrator);
  if (!args["message_contains"].AsString().empty()) {
    where.Raw("message", JsonObject()("contains", args["message_contains"].AsString()).Take());
  }
  std::string level(args["level"].AsString());
  if (!level.empty()) {
    std::transform(level.begin(), level.end(), level.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    where("level", level);
  }
  Op op = Op::Query("orchestrator.system_logs");
  op.Raw("where", where.Take()).Raw("order", R"([{"by":"timestamp","desc":true}])");
  op("limit", limit)("offset", args["offset"].AsInt());
  return op;
}

}  // namespace

ManagementTools::Answer ManagementTools::Invoke(std::string_view name, Call call, JsonView args) {
  if (name == "create_agent") {
    return CreateAgent(std::move(call), args);
  }
  if (name == "list_agents") {
    return ListAgents(std::move(call));
  }
  if (name == "command_agent") {
    return CommandAgent(std::move(call), args);
  }
  if (name == "check_agent_status") {
    return CheckAgentStatus(std::move(call), args);
  }
  if (name == "delete_agent") {
    return DeleteAgent(std::move(call), args);
  }
  if (name == "interrupt_agent") {
    return InterruptAgent(std::move(call), args);
  }
  if (name == "read_system_logs") {
    return ReadSystemLogs(std::move(call), args);
  }
  return ReportCost(std::move(call));
}

ManagementTools::Answer ManagementTools::CreateAgent(Call call, JsonView args) {
  Agent agent;
  agent.id = NewUuid();
  agent.orchestrator = context_.OrchestratorOf(call);
  agent.tree = CreatorOf(call, agent.orchestrator).Below(agent.id).tree();
  agent.name = CleanUtf8(args["name"].AsString());
  agent.system_prompt = CleanUtf8(args["system_prompt"].AsString());
  agent.model = context_.ResolveModel(args["model"].AsString(), context_.settings.agent_model);
  agent.working_dir = context_.settings.working_dir;
  if (const auto problem = texts::NameProblem(agent.name)) {
    co_return ToolError(*problem);
  }
  std::string wanted = CleanUtf8(args["subagent_template"].AsString());
  if (!wanted.empty()) {
    const std::optional<std::string> refusal = co_await ApplyTemplate(call.id(), std::move(wanted), agent);
    if (refusal) {
      co_return ToolError(*refusal);
    }
  }
  if (agent.system_prompt.empty()) {
    co_return ToolError("Error: give either 'system_prompt' or 'subagent_template'.");
  }
  const Status created = co_await turns_.Create(call.id(), PrincipalOf(call), agent);
  if (created.code() == Code::kAlreadyExists) {
    co_return ToolError(texts::NameTaken(agent.name));
  }
  if (!created.ok()) {
    co_return ToolError("Error: agent '" + agent.name +
                        "' was not created, its first turn failed: " + CleanUtf8(created.message()));
  }
  co_return ToolText(texts::Created(agent));
}

Task<std::optional<std::string>> ManagementTools::ApplyTemplate(tutti_call parent, std::string name, Agent& agent) {
  Result<AgentTemplate> found = co_await GetTemplate(context_.host, parent, name);
  if (found.status().code() == Code::kNotFound) {
    const std::vector<AgentTemplate> templates = co_await ListTemplates(context_.host, parent);
    std::vector<std::string> names;
    for (const AgentTemplate& item : templates) {
      names.push_back(item.name);
    }
    co_return texts::UnknownTemplate(name, names);
  }
  if (!found.ok()) {
    co_return "Error: template '" + name + "' could not be used: " + CleanUtf8(found.status().message());
  }
  agent.template_name = std::move(found->name);
  agent.template_color = std::move(found->color);
  agent.tools = std::move(found->tools);
  agent.disallowed_tools = std::move(found->disallowed_tools);
  agent.max_turns = found->max_turns;
  if (!found->system_prompt.empty()) {
    agent.system_prompt = std::move(found->system_prompt);
  }
  if (!found->model.empty()) {
    agent.model = context_.ResolveModel(found->model, context_.settings.agent_model);
  }
  co_return std::nullopt;
}

ManagementTools::Answer ManagementTools::ListAgents(Call call) {
  Batch batch;
  batch.Add(orchestrator::ListAgents(context_.OrchestratorOf(call), kMostAgents));
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  co_return ToolText(texts::AgentList(Agent::FromRows(reply->Rows(0))));
}

ManagementTools::Answer ManagementTools::CommandAgent(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  std::string command = CleanUtf8(args["command"].AsString());
  if (name.empty() || command.empty()) {
    co_return Required(name.empty() ? "agent_name" : "command");
  }
  const Result<Agent> agent = co_await Find(call, name);
  if (!agent.ok()) {
    co_return Failure(agent.status(), name);
  }
  AgentTurns::Work work;
  const std::optional<std::string> refusal = co_await ReadCommand(call.id(), *agent, command, work);
  if (refusal) {
    co_return ToolError(*refusal);
  }
  work.slug = TaskSlug(command, std::time(nullptr));
  work.command = command;
  const Status accepted = co_await turns_.Command(call.id(), PrincipalOf(call), *agent, std::move(work));
  if (accepted.code() == Code::kResourceExhausted) {
    co_return ToolError("Error: the command was not accepted: " + std::string(accepted.message()));
  }
  if (!accepted.ok()) {
    co_return Failure(accepted, name);
  }
  co_return ToolText(texts::Dispatched(name, command));
}

Task<std::optional<std::string>> ManagementTools::ReadCommand(tutti_call parent, const Agent& agent,
                                                              std::string command, AgentTurns::Work& work) {
  const std::optional<TypedCommand> typed = TypedCommand::Parse(command);
  work.text = std::move(command);
  if (!typed) {
    co_return std::nullopt;
  }
  if (typed->name == "compact" || typed->name == "clear") {
    work.kind = typed->name == "compact" ? AgentTurns::Work::Kind::kCompact : AgentTurns::Work::Kind::kClear;
    work.text = typed->arguments;
    co_return std::nullopt;
  }
  std::string by = "model";
  std::string conversation = agent.conversation();
  TypedCommand wanted = *typed;
  Result<ExpandedCommand> expanded =
      co_await ExpandCommand(context_.host, parent, std::move(wanted), std::move(conversation), std::move(by));
  if (expanded.ok()) {
    work.text = std::move(expanded->text);
    work.model = std::move(expanded->model);
    work.tools = std::move(expanded->tools);
    co_return std::nullopt;
  }
  if (expanded.status().code() != Code::kNotFound) {
    co_return "Error: '/" + typed->name + "' could not be used: " + CleanUtf8(expanded.status().message());
  }
  std::vector<std::string> names = {"/clear", "/compact"};
  const std::vector<FileCommand> commands = co_await ListFileCommands(context_.host, parent);
  for (const FileCommand& each : commands) {
    names.push_back("/" + each.name);
  }
  co_return "Error: an agent has no command '/" + typed->name + "'" + DidYouMean("/" + typed->name, names) +
      "; agents take /compact, /clear and the commands of the project.";
}

ManagementTools::Answer ManagementTools::CheckAgentStatus(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  if (name.empty()) {
    co_return Required("agent_name");
  }
  const Result<Agent> agent = co_await Find(call, name);
  if (!agent.ok()) {
    co_return Failure(agent.status(), name);
  }
  Batch latest;
  latest.Add(LatestLog(*agent));
  const Result<StoreReply> newest = co_await Execute(context_.host, call.id(), latest.Take());
  if (!newest.ok()) {
    co_return newest.status();
  }
  const Result<Json> slugs = Json::Parse(newest->Rows(0));
  if (!slugs.ok() || slugs->view().size() == 0) {
    co_return ToolText(texts::AgentStatus(*agent, {}, JsonView(), false));
  }
  const std::string slug(slugs->view()[0]["task_slug"].AsString());
  Batch batch;
  batch.Add(TaskLogs(*agent, slug, args));
  const Result<StoreReply> logs = co_await Execute(context_.host, call.id(), batch.Take());
  if (!logs.ok()) {
    co_return logs.status();
  }
  const Result<Json> rows = Json::Parse(logs->Rows(0));
  co_return ToolText(
      texts::AgentStatus(*agent, slug, rows.ok() ? rows->view() : JsonView(), args["verbose_logs"].AsBool()));
}

ManagementTools::Answer ManagementTools::DeleteAgent(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  if (name.empty()) {
    co_return Required("agent_name");
  }
  const Result<Agent> agent = co_await Find(call, name);
  if (!agent.ok()) {
    co_return Failure(agent.status(), name);
  }
  const std::string which = JsonObject()("agent", agent->id).Take();
  const Result<std::size_t> stopped = co_await Interrupt(context_.host, call.id(), which);
  if (!stopped.ok()) {
    co_return stopped.status();
  }
  const Result<StoreReply> deleted = co_await Execute(context_.host, call.id(), DeleteAgentBatch(*agent));
  if (!deleted.ok()) {
    co_return Failure(deleted.status(), name);
  }
  // What was accepted in between.
  (void)co_await Interrupt(context_.host, call.id(), which);
  co_return ToolText(texts::Deleted(name));
}

ManagementTools::Answer ManagementTools::InterruptAgent(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  if (name.empty()) {
    co_return Required("agent_name");
  }
  const Result<Agent> agent = co_await Find(call, name);
  if (agent.status().code() == Code::kNotFound) {
    co_return ToolText(texts::NotRunning(name));
  }
  if (!agent.ok()) {
    co_return agent.status();
  }
  std::string which = JsonObject()("agent", agent->id).Take();
  const Result<std::size_t> turns = co_await Interrupt(context_.host, call.id(), std::move(which));
  if (!turns.ok()) {
    co_return turns.status();
  }
  co_return ToolText(*turns == 0 ? texts::NotRunning(name) : texts::Interrupted(name, *turns));
}

ManagementTools::Answer ManagementTools::ReadSystemLogs(Call call, JsonView args) {
  const std::int64_t limit = args["limit"].AsInt(context_.settings.system_log_limit);
  Batch batch;
  batch.Add(FindSystemLogs(context_.OrchestratorOf(call), args, limit));
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  co_return ToolText(texts::SystemLogs(rows.ok() ? rows->view() : JsonView(), limit));
}

ManagementTools::Answer ManagementTools::ReportCost(Call call) {
  const std::string orchestrator = context_.OrchestratorOf(call);
  Op op("get", "orchestrator.orchestrator_agents");
  op.Raw("key", JsonObject()("id", orchestrator).Take());
  Batch batch;
  batch.Add(op);
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  if (!rows.ok() || rows->view().size() == 0) {
    co_return ToolError("Error: the orchestrator's row is missing from the database.");
  }
  std::string text = texts::Cost(rows->view()[0]);
  text += texts::CostDetails(co_await Ask(call.id(), "cost.report", JsonObject()("session", orchestrator).Take()),
                             orchestrator);
  text += texts::SummaryCost(
      co_await Ask(call.id(), "summaries.spending", JsonObject()("orchestrator", orchestrator).Take()));
  co_return ToolText(text);
}

// What another plugin knows; "{}" when it is not there, or failed.
Task<std::string> ManagementTools::Ask(tutti_call parent, std::string command, std::string args) {
  Pending asked = context_.host.InvokeCommand(parent, std::move(command), std::move(args));
  Result<std::string> answer = co_await std::move(asked);
  if (!answer.ok()) {
    co_return std::string("{}");
  }
  co_return std::move(*answer);
}

Task<Result<Agent>> ManagementTools::Find(const Call& call, std::string name) {
  return FindLiveAgent(context_.host, call.id(), context_.OrchestratorOf(call), std::move(name));
}

}  // namespace tutti::orchestrator
