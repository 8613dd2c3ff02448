#include "run_starts.h"

#include <chrono>
#include <utility>

#include "accepted_run.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::chrono::seconds kRetryAfter{2};

// `batch` and the acceptance of the run, for Execute.
std::string AcceptedBatch(Batch& batch, const std::string& args, const runs::Holder& holder) {
  if (const Result<Json> json = Json::Parse(args); json.ok()) {
    runs::AddAcceptance(batch, runs::AcceptedRun::Read(json->view()), holder);
  }
  return batch.Take();
}

}  // namespace

Task<Status> Accept(const Context& context, tutti_call parent, Batch batch, RunRequest request) {
  std::string args = request.ToJson();
  std::string accepted = AcceptedBatch(batch, args, context.session.holder);
  const Result<StoreReply> stored = co_await Execute(context.host, parent, std::move(accepted));
  if (!stored.ok()) {
    co_return stored.status();
  }
  // On behalf of nobody: the run does not end with the request that it came by.
  Pending pending = context.host.InvokeCommand(0, "runs.start", std::move(args));
  const Result<std::string> started = co_await std::move(pending);
  if (!started.ok()) {
    context.host.Log(TUTTI_LOG_WARNING, "an accepted run could not be started yet",
                     JsonObject()("run", request.run)("error", started.status().ToString()).Take());
  }
  co_return Status();
}

Task<Result<std::string>> AcceptAndWait(const Context& context, tutti_call parent, Batch batch, RunRequest request) {
  request.waits = true;
  std::string args = request.ToJson();
  std::string accepted = AcceptedBatch(batch, args, context.session.holder);
  const Result<StoreReply> stored = co_await Execute(context.host, parent, std::move(accepted));
  if (!stored.ok()) {
    co_return stored.status();
  }
  Pending pending = context.host.InvokeCommand(parent, "runs.start", std::move(args));
  co_return co_await std::move(pending);
}

Op CountWaiting(std::string_view agent) {
  Op op = Op::Query("runs.runs");
  op.Raw("where", JsonObject()("agent", agent)("status", "queued").Take());
  op.Raw("select", R"({"waiting":{"count":"*"}})");
  return op;
}

Status CheckRoom(std::string_view rows, std::size_t most, std::string_view what) {
  const Result<Json> json = Json::Parse(rows);
  const std::int64_t waiting = json.ok() ? json->view()[0]["waiting"].AsInt() : 0;
  if (waiting >= static_cast<std::int64_t>(most)) {
    return Status::ResourceExhausted(std::to_string(waiting) + " " + std::string(what) +
                                     " wait already; try again later")
        .WithRetryAfter(kRetryAfter);
  }
  return {};
}

Task<Result<std::size_t>> Interrupt(Host host, tutti_call parent, std::string which) {
  Pending pending = host.InvokeCommand(parent, "runs.interrupt", std::move(which));
  const Result<std::string> answer = co_await std::move(pending);
  if (!answer.ok()) {
    co_return answer.status();
  }
  const Result<Json> json = Json::Parse(*answer);
  co_return static_cast<std::size_t>(json.ok() ? (*json)["interrupted"].AsInt() : 0);
}

}  // namespace tutti::orchestrator
