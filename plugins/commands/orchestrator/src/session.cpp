#include "session.h"

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "agent_rows.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kTable = "orchestrator.orchestrator_agents";
constexpr std::string_view kNew = "new";
constexpr std::int64_t kMostAtWork = 10000;
constexpr std::string_view kUnfinished = R"({"in":["queued","running","waiting"]})";

std::string CreateBatch(const Session& session, const Settings& settings) {
  JsonObject row;
  row("id", session.id)("system_prompt", settings.system_prompt)("status", "idle");
  row("working_dir", settings.working_dir).Raw("metadata", "{}");
  return Batch().Add(Op::Insert(kTable, row.Take())).Take();
}

std::string FindBatch(const std::string& wanted) {
  Op op = Op::Query(kTable);
  if (wanted == "last") {
    op.Raw("where", R"({"archived":false})");
  } else {
    std::string either = "[" + JsonObject()("session_id", wanted).Take();
    if (IsUuid(wanted)) {
      either += "," + JsonObject()("id", wanted).Take();
    }
    op.Raw("where", JsonObject()("archived", false).Raw("or", either + "]").Take());
  }
  op.Raw("select", R"(["id","session_id","metadata"])").Raw("order", R"([{"by":"created_at","desc":true}])");
  op("limit", 1);
  return Batch().Add(op).Take();
}

// The stream of the newest unfinished run of a host.
std::string UnfinishedBatch(std::string_view owner) {
  Op op = Op::Query("runs.runs");
  op.Raw("where", JsonObject()("owner", owner).Raw("status", kUnfinished).Take()).Raw("select", R"(["stream"])");
  op.Raw("order", R"([{"by":"created_at","desc":true}])")("limit", 1);
  return Batch().Add(op).Take();
}

// Agents that are shown at work, and those with a run that is not over.
std::string AtWorkBatch() {
  Op shown = Op::Query("orchestrator.agents");
  shown.Raw("where", R"({"archived":false,"status":{"in":["executing","waiting"]}})")("limit", kMostAtWork);
  Op runs = Op::Query("runs.runs");
  runs.Raw("where", JsonObject().Raw("status", kUnfinished).Take()).Raw("select", R"(["agent"])");
  return Batch().Add(shown).Add(runs("limit", kMostAtWork)).Take();
}

Status UnknownSession(const std::string& wanted) {
  if (wanted == "last") {
    return Status::NotFound(
        "--session last: there is no earlier session in this database; start without --session to begin one");
  }
  return Status::NotFound("--session: there is no session \"" + CleanUtf8(Utf8Prefix(wanted, 100)) +
                          "\" in this database; check the id, use --session last for the newest one, or start without "
                          "--session to begin a new one");
}

// Agents that only a process that is gone could have gone on with.
Task<Status> SetIdle(Host host) {
  const Result<StoreReply> found = co_await Execute(host, 0, AtWorkBatch());
  if (!found.ok()) {
    co_return found.status();
  }
  std::set<std::string, std::less<>> working;
  const Result<Json> runs = Json::Parse(found->Rows(1));
  if (!runs.ok()) {
    co_return runs.status();
  }
  runs->view().ForEach([&](JsonView run) { working.emplace(run["agent"].AsString()); });
  std::vector<Agent> idle = Agent::FromRows(found->Rows(0));
  std::erase_if(idle, [&](const Agent& agent) { return working.contains(agent.id); });
  if (idle.empty()) {
    co_return Status();
  }
  const Result<StoreReply> set = co_await Execute(host, 0, SetIdleBatch(idle));
  co_return set.status();
}

Task<Result<runs::Holder>> ReadHolder(Host host) {
  Pending asked = host.InvokeCommand(0, "runs.self", "{}");
  const Result<std::string> self = co_await std::move(asked);
  if (!self.ok()) {
    co_return self.status();
  }
  const Result<Json> json = Json::Parse(*self);
  if (!json.ok()) {
    co_return json.status();
  }
  co_return runs::Holder::Read(json->view());
}

// What settings.session comes to: "new", or a name to be found.
Task<Result<std::string>> WantedSession(Host host, std::string configured, std::string owner) {
  if (!configured.empty()) {
    co_return configured;
  }
  const Result<StoreReply> unfinished = co_await Execute(host, 0, UnfinishedBatch(owner));
  if (!unfinished.ok()) {
    co_return unfinished.status();
  }
  const Result<Json> rows = Json::Parse(unfinished->Rows(0));
  const std::string stream(rows.ok() ? rows->view()[0]["stream"].AsString() : std::string_view());
  co_return IsUuid(stream) ? stream : std::string(kNew);
}

Task<Result<Session>> Create(Host host, const Settings& settings) {
  Session session;
  session.id = NewUuid();
  session.conversation = session.id;
  const Result<StoreReply> created = co_await Execute(host, 0, CreateBatch(session, settings));
  if (!created.ok()) {
    co_return created.status();
  }
  co_return session;
}

// NOT_FOUND: there is none.
Task<Result<Session>> Find(Host host, std::string wanted) {
  const Result<StoreReply> found = co_await Execute(host, 0, FindBatch(wanted));
  if (!found.ok()) {
    co_return found.status();
  }
  const Result<Json> rows = Json::Parse(found->Rows(0));
  if (!rows.ok() || rows->view().size() == 0) {
    co_return UnknownSession(wanted);
  }
  const JsonView row = rows->view()[0];
  Session session;
  session.id = row["id"].AsString();
  session.conversation = row["session_id"].AsString(session.id);
  co_return session;
}

Task<Result<Session>> Open(Host host, const Settings& settings, std::string owner) {
  std::string configured = settings.session;
  const Result<std::string> wanted = co_await WantedSession(host, std::move(configured), std::move(owner));
  if (!wanted.ok()) {
    co_return wanted.status();
  }
  if (*wanted == kNew) {
    co_return co_await Create(host, settings);
  }
  std::string name = *wanted;
  Result<Session> session = co_await Find(host, std::move(name));
  const bool goes_on = settings.session.empty();
  if (goes_on && session.status().code() == Code::kNotFound) {
    // Runs of something else than an orchestrator.
    co_return co_await Create(host, settings);
  }
  if (goes_on && session.ok()) {
    host.Log(TUTTI_LOG_NOTICE,
             "the last session has unfinished work and goes on; begin a new one with: tutti run --session new",
             JsonObject()("orchestrator", session->id)("session", session->conversation).Take());
  }
  co_return session;
}

}  // namespace

Task<Result<Session>> OpenSession(Host host, const Settings& settings) {
  const Status set = co_await SetIdle(host);
  if (!set.ok()) {
    co_return set;
  }
  const Result<runs::Holder> holder = co_await ReadHolder(host);
  if (!holder.ok()) {
    co_return holder.status();
  }
  std::string owner = holder->owner;
  Result<Session> session = co_await Open(host, settings, std::move(owner));
  if (session.ok()) {
    session->holder = *holder;
  }
  co_return session;
}

}  // namespace tutti::orchestrator
