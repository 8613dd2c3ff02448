#include "agent_turns.h"

#include <utility>
#include <vector>

#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kGreeting =
    "You have just been created. Answer with one short sentence that says who you are and that you are ready. Do not "
    "use "
    "tools yet.";

std::string_view Body(const Result<std::string>& result, const Status& status) {
  return result.ok() ? std::string_view(*result) : status.details();
}

}  // namespace

Task<Status> AgentTurns::Greet(tutti_call parent, Agent agent) {
  std::shared_ptr<TurnLane> lane = Lane(agent.id);
  Callback<Status> greeted([this, lane, parent, agent](Callback<Status>::Done done) {
    const Status pushed = lane->Push([this, lane, parent, agent, done](TurnLane::Number number) -> Task<void> {
      Status status = co_await RunGreeting(lane, number, parent, agent);
      done(std::move(status));
    });
    if (!pushed.ok()) {
      done(pushed);
    }
  });
  co_return co_await greeted;
}

Status AgentTurns::Command(Agent agent, Work work) {
  const std::shared_ptr<TurnLane> lane = Lane(agent.id);
  return lane->Push([this, weak = std::weak_ptr(lane), agent = std::move(agent), work = std::move(work)](
                        TurnLane::Number number) { return RunCommand(weak.lock(), number, agent, work); });
}

Task<std::size_t> AgentTurns::Interrupt(std::string agent) {
  std::shared_ptr<TurnLane> lane = Lane(agent);
  Callback<std::size_t> stopped([lane, host = context_.host](Callback<std::size_t>::Done done) {
    lane->InterruptAll([done, host](std::size_t count) {
      if (!host.Post([done, count] { done(count); }).ok()) {
        done(count);
      }
    });
  });
  co_return co_await stopped;
}

void AgentTurns::Forget(const std::string& agent) {
  const std::lock_guard lock(mutex_);
  lanes_.erase(agent);
}

bool AgentTurns::Stop() {
  std::vector<std::shared_ptr<TurnLane>> lanes;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (const auto& [agent, lane] : lanes_) {
      lanes.push_back(lane);
    }
  }
  for (const auto& lane : lanes) {
    lane->Close();
    lane->InterruptAll([](std::size_t) {});
  }
  const auto deadline = std::chrono::steady_clock::now() + context_.settings.stop_timeout;
  bool is_idle = true;
  for (const auto& lane : lanes) {
    is_idle = lane->WaitUntilIdle(deadline) && is_idle;
  }
  return is_idle;
}

std::shared_ptr<TurnLane> AgentTurns::Lane(const std::string& agent) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<TurnLane>& lane = lanes_[agent];
  if (lane == nullptr) {
    lane = std::make_shared<TurnLane>(
        context_.settings.max_waiting_commands, [host = context_.host](tutti_call handle) { host.Cancel(handle); },
        [host = context_.host](const char* what) {
          host.Log(TUTTI_LOG_ERROR, "a turn of an agent threw an exception", JsonObject()("what", what).Take());
        });
    if (is_closed_) {
      lane->Close();
    }
  }
  return lane;
}

Task<Status> AgentTurns::RunGreeting(std::shared_ptr<TurnLane> lane, TurnLane::Number number, tutti_call parent,
                                     Agent agent) {
  const std::string slug = agent.name + "-greeting";
  std::string request = Request(agent, kGreeting, slug).ToJson();
  const Result<std::string> result = co_await Run(lane, number, parent, std::move(request));
  if (!result.ok()) {
    co_return result.status();
  }
  std::string batch = EndGreetingBatch(context_.session.id, agent, TurnTotals::FromResult(*result));
  const Result<StoreReply> stored = co_await ExecutePatiently(context_.host, std::move(batch));
  co_return stored.status();
}

Task<void> AgentTurns::RunCommand(std::shared_ptr<TurnLane> lane, TurnLane::Number number, Agent agent, Work work) {
  if (work.kind == Work::Kind::kClear) {
    co_await BeginSession(std::move(agent));
    co_return;
  }
  const std::string& stream = context_.session.id;
  const Result<StoreReply> begun = co_await ExecutePatiently(context_.host, BeginTurnBatch(stream, agent));
  if (!begun.ok()) {
    context_.host.Log(TUTTI_LOG_WARNING, "a command could not be started",
                      JsonObject()("agent", agent.name)("error", begun.status().ToString()).Take());
    co_return;
  }
  // The agent was read when the command was given; one that waited before this may have begun a new session.
  if (const Result<Json> rows = Json::Parse(begun->Rows(0)); rows.ok()) {
    agent.session_id = rows->view()[0]["new"]["session_id"].AsString(agent.session_id);
  }
  RunRequest request = Request(agent, work.text, work.slug);
  const bool compacts = work.kind == Work::Kind::kCompact;
  if (compacts) {
    request.compact_instructions = work.text;
    request.prompt = "/compact";
  }
  if (!work.model.empty()) {
    request.model = context_.ResolveModel(work.model, agent.model);
  }
  // A template says what its agents may use at most.
  if (!agent.tools) {
    request.AddTools(work.tools);
  }
  std::string args = request.ToJson();
  const Result<std::string> result = co_await Run(lane, number, 0, std::move(args));
  const Status status = result.status();
  const bool is_harmless =
      status.code() == Code::kCancelled || (compacts && status.code() == Code::kFailedPrecondition);
  const bool has_failed = !status.ok() && !is_harmless;
  if (has_failed) {
    context_.host.Log(TUTTI_LOG_WARNING, "a turn of an agent failed",
                      JsonObject()("agent", agent.name)("error", status.ToString()).Take());
  }
  const TurnTotals totals = TurnTotals::FromResult(Body(result, status));
  std::string batch = EndTurnBatch(stream, agent, has_failed ? "blocked" : "idle", totals);
  const Result<StoreReply> ended = co_await ExecutePatiently(context_.host, std::move(batch));
  if (!ended.ok()) {
    context_.host.Log(TUTTI_LOG_ERROR, "the end of an agent's turn could not be stored",
                      JsonObject()("agent", agent.name)("error", ended.status().ToString()).Take());
  }
}

Task<void> AgentTurns::BeginSession(Agent agent) {
  std::string batch = BeginSessionBatch(context_.session.id, agent, NewUuid());
  const Result<StoreReply> stored = co_await ExecutePatiently(context_.host, std::move(batch));
  if (!stored.ok()) {
    context_.host.Log(TUTTI_LOG_WARNING, "an agent's new session could not be stored",
                      JsonObject()("agent", agent.name)("error", stored.status().ToString()).Take());
  }
}

Task<Result<std::string>> AgentTurns::Run(std::shared_ptr<TurnLane> lane, TurnLane::Number number, tutti_call parent,
                                          std::string request) {
  TurnLane::Begin begin = [host = context_.host, parent, request = std::move(request)](auto done) {
    return Begin(host.InvokeCommand(parent, "runs.start", request), std::move(done));
  };
  Callback<Result<std::string>> run = lane->Interruptible(number, std::move(begin));
  co_return co_await run;
}

RunRequest AgentTurns::Request(const Agent& agent, std::string_view prompt, std::string_view slug) const {
  RunRequest request;
  request.conversation = agent.conversation();
  request.agent = agent.id;
  request.stream = context_.session.id;
  request.labels =
      JsonObject()("role", "agent")("agent_name", agent.name)("task_slug", slug)("orchestrator", context_.session.id)
          .Take();
  request.model = agent.model;
  request.system = agent.system_prompt;
  request.tools = agent.ToolsOfTurn(context_.settings.agent_tools);
  request.max_turns = agent.TurnLimit(context_.settings.max_agent_turns);
  request.prompt = prompt;
  return request;
}

}  // namespace tutti::orchestrator
