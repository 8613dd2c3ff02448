#include "answering.h"

#include <algorithm>
#include <utility>

#include "approval_rows.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::approvals {
namespace {

constexpr std::int64_t kLookedAt = 1000;
constexpr std::size_t kShortestPrefix = 4;

Status AnsweredAlready(JsonView row) {
  const std::string_view by = row["answered_by"].AsString();
  const std::string_view reason = row["reason"].AsString();
  return Status::FailedPrecondition(
      "the approval " + std::string(row["id"].AsString()) + " is " + std::string(row["status"].AsString()) +
      (by.empty() ? "" : " by " + std::string(by)) + " since " + std::string(row["answered_at"].AsString()) +
      (reason.empty() ? "" : ": " + std::string(reason)));
}

std::string RuleOf(JsonView row, const std::string& by) {
  JsonObject rule;
  rule("id", NewUuid());
  for (const char* name : {"form", "tool", "pattern", "text"}) {
    rule(name, row["always"][name].AsString());
  }
  return rule("approval", row["id"].AsString())("created_by", by)("created_at", NowIso()).Take();
}

}  // namespace

Task<Result<Json>> Answering::Find(Call call, std::string id) const {
  if (IsUuid(id)) {
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), GetBatch(id));
    co_return RowOf(reply);
  }
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (id.size() < kShortestPrefix) {
    co_return Status::InvalidArgument("expected an approval's id, or at least its first " +
                                      std::to_string(kShortestPrefix) + " characters, found \"" +
                                      CleanUtf8(Utf8Prefix(id, 60)) + "\"");
  }
  // What waits comes before what is over.
  for (const char* status : {"pending", ""}) {
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), ListBatch(status, kLookedAt));
    if (!reply.ok()) {
      co_return reply.status();
    }
    const Result<Json> rows = Json::Parse(reply->Rows(0));
    std::string found;
    int count = 0;
    rows->view().ForEach([&](JsonView row) {
      if (row["id"].AsString().substr(0, id.size()) == id) {
        found = row.Dump();
        ++count;
      }
    });
    if (count == 1) {
      co_return Json::Parse(found);
    }
    if (count > 1) {
      co_return Status::InvalidArgument(std::to_string(count) + " approvals begin with " + id +
                                        "; give more of the id");
    }
  }
  co_return Status::NotFound("there is no approval " + CleanUtf8(Utf8Prefix(id, 60)) +
                             "; GET /v1/approvals lists those there are");
}

Task<Result<std::string>> Answering::Give(Call call, Answer answer) const {
  const Result<Json> row = co_await Find(call, answer.id);
  if (!row.ok()) {
    co_return row.status();
  }
  if ((*row)["status"].AsString() != "pending") {
    co_return AnsweredAlready(row->view());
  }
  const std::string id((*row)["id"].AsString());
  if ((*row)["expires_at"].AsString() <= NowIso()) {
    co_await asking_.Close(row->view().Dump(), "expired", "nobody answered in time");
    Result<std::string> refused = co_await Refuse(call, id);
    co_return refused;
  }
  if (answer.is_always && (!answer.is_allow || !(*row)["always"].is_object())) {
    co_return Status::InvalidArgument(
        answer.is_allow ? "this cannot be allowed for good; answer without \"always\""
                        : "\"always\" goes with allow; a rule that denies belongs into the configuration");
  }
  const std::string by = call.principal().empty() ? std::string("local") : call.principal();
  std::string runner;
  const bool is_kept = answer.is_allow && (*row)["command"].is_object();
  if (is_kept) {
    const Result<std::string> self = co_await host_.InvokeCommand(0, "runs.self", "{}");
    const Result<Json> json = Json::Parse(self.ok() ? std::string_view(*self) : std::string_view("{}"));
    runner = json.ok() ? (*json)["owner"].AsString() : std::string_view();
  }
  const Closing closing{answer.is_allow ? "allowed" : "denied",
                        answer.is_allow ? "allow" : "deny",
                        answer.reason,
                        by,
                        answer.amount,
                        runner};
  const std::string rule = answer.is_always ? RuleOf(row->view(), by) : std::string();
  const Result<StoreReply> closed = co_await Execute(host_, call.id(), CloseBatch(row->view(), closing, rule));
  if (!closed.ok()) {
    if (closed.status().code() == Code::kFailedPrecondition) {
      Result<std::string> refused = co_await Refuse(call, id);
      co_return refused;
    }
    co_return closed.status();
  }
  host_.Count("tutti_approvals_answered_total", 1, answer.is_allow ? R"({"answer":"allow"})" : R"({"answer":"deny"})");
  if (answer.is_always) {
    co_await reload_();
  }
  room_.Close(id);
  if (is_kept) {
    auto run = [](const Asking* asking, std::string text) -> Task<void> { co_await asking->RunKept(std::move(text)); };
    Spawn(run(&asking_, row->view().Dump()), [host = host_, id](const std::exception_ptr&) {
      host.Log(TUTTI_LOG_ERROR, "a kept command could not be run", JsonObject()("approval", id).Take());
    });
  }
  const Result<Json> now = co_await Find(call, id);
  if (!now.ok()) {
    co_return JsonObject()("id", id)("status", closing.status).Take();
  }
  co_return now->view().Dump();
}

Task<Result<std::string>> Answering::Refuse(Call call, std::string id) const {
  const Result<Json> row = co_await Find(call, id);
  if (!row.ok()) {
    co_return row.status();
  }
  co_return AnsweredAlready(row->view());
}

}  // namespace tutti::approvals
