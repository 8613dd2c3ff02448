#include "session.h"

#include <vector>

#include "agent_rows.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kTable = "orchestrator.orchestrator_agents";
constexpr std::int64_t kMostExecuting = 10000;

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

std::string ExecutingBatch(const Session& session) {
  Op op = Op::Query("orchestrator.agents");
  JsonObject where;
  where("orchestrator_agent_id", session.id)("archived", false)("status", "executing");
  op.Raw("where", where.Take())("limit", kMostExecuting);
  return Batch().Add(op).Take();
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

}  // namespace

Task<Result<Session>> OpenSession(Host host, const Settings& settings) {
  Session session;
  if (settings.session.empty()) {
    session.id = NewUuid();
    session.conversation = session.id;
    const Result<StoreReply> created = co_await Execute(host, 0, CreateBatch(session, settings));
    if (!created.ok()) {
      co_return created.status();
    }
    co_return session;
  }
  const Result<StoreReply> found = co_await Execute(host, 0, FindBatch(settings.session));
  if (!found.ok()) {
    co_return found.status();
  }
  const Result<Json> rows = Json::Parse(found->Rows(0));
  if (!rows.ok() || rows->view().size() == 0) {
    co_return UnknownSession(settings.session);
  }
  const JsonView row = rows->view()[0];
  session.id = row["id"].AsString();
  session.has_session_id = row["session_id"].is_string();
  session.conversation = row["session_id"].AsString(session.id);
  session.has_system_info = row["metadata"]["system_message_info"].is_object();
  const Result<StoreReply> executing = co_await Execute(host, 0, ExecutingBatch(session));
  if (!executing.ok()) {
    co_return executing.status();
  }
  const std::vector<Agent> agents = Agent::FromRows(executing->Rows(0));
  if (!agents.empty()) {
    const Result<StoreReply> set = co_await Execute(host, 0, SetIdleBatch(session.id, agents));
    if (!set.ok()) {
      co_return set.status();
    }
  }
  co_return session;
}

}  // namespace tutti::orchestrator
