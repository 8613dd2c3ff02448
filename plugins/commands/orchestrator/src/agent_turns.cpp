#include "agent_turns.h"

#include <utility>
#include <vector>

#include "tutti/sdk/execute.hpp"

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

Status AgentTurns::Command(Agent agent, std::string command, std::string slug) {
  const std::shared_ptr<TurnLane> lane = Lane(agent.id);
  return lane->Push([this, weak = std::weak_ptr(lane), agent = std::move(agent), command = std::move(command),
                     slug = std::move(slug)](TurnLane::Number number) {
    return RunCommand(weak.lock(), number, agent, command, slug);
  });
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

Task<void> AgentTurns::RunCommand(std::shared_ptr<TurnLane> lane, TurnLane::Number number, Agent agent,
                                  std::string command, std::string slug) {
  const std::string& stream = context_.session.id;
  const Result<StoreReply> begun = co_await ExecutePatiently(context_.host, BeginTurnBatch(stream, agent));
  if (!begun.ok()) {
    context_.host.Log(TUTTI_LOG_WARNING, "a command could not be started",
                      JsonObject()("agent", agent.name)("error", begun.status().ToString()).Take());
    co_return;
  }
  std::string request = Request(agent, command, slug).ToJson();
  const Result<std::string> result = co_await Run(lane, number, 0, std::move(request));
  const Status status = result.status();
  const bool has_failed = !status.ok() && status.code() != Code::kCancelled;
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
