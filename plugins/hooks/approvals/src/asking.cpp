#include "asking.h"

#include <optional>
#include <utility>

#include "approval_rows.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::approvals {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kDatabasePause{500};
constexpr milliseconds kKeyPause{20};
constexpr std::size_t kShownBytes = 400;
constexpr std::int64_t kLongestExpiryMs = 2592000000;

std::string After(milliseconds delay) {
  const auto at = std::chrono::system_clock::now() + delay;
  return FormatMicros(duration_cast<microseconds>(at.time_since_epoch()).count());
}

milliseconds ExpiryOf(JsonView ask, milliseconds fallback) {
  const std::int64_t own = ask["expires_ms"].AsInt();
  return own > 0 && own <= kLongestExpiryMs ? milliseconds(own) : fallback;
}

bool IsSame(JsonView left, JsonView right) {
  return left.raw() != nullptr && right.raw() != nullptr && *left.raw() == *right.raw();
}

std::string Short(std::string_view text) {
  const std::string_view begin = Utf8Prefix(text, kShownBytes);
  return CleanUtf8(begin) + (begin.size() < text.size() ? "..." : "");
}

// The sentence that a person reads.
std::string WhyOf(JsonView args) {
  const JsonView ask = args["ask"];
  const std::string_view text = ask.is_string() ? ask.AsString() : ask["question"].AsString();
  return text.empty() ? "The hook " + std::string(args["hook"].AsString()) + " asks whether this may go on"
                      : Short(text);
}

std::string Denied(std::string_view reason, std::string_view by) {
  return JsonObject()("answer", "deny")("reason", reason)("by", by).Take();
}

std::string By(JsonView row) {
  return std::string(row["answered_by"].AsString("nobody"));
}

std::uint32_t SurfaceOf(std::string_view name) {
  return name == "rest"        ? TUTTI_SURFACE_REST
         : name == "websocket" ? TUTTI_SURFACE_WEBSOCKET
         : name == "slash"     ? TUTTI_SURFACE_SLASH
                               : TUTTI_SURFACE_INTERNAL;
}

// Arguments of on_allow with what only the answer knows.
std::string AllowArgs(JsonView args, JsonView row) {
  JsonObject out;
  args.ForEachMember([&](std::string_view name, JsonView value) {
    if (name != "approval" && name != "amount") {
      out.Raw(name, value.Dump());
    }
  });
  out("approval", row["id"].AsString());
  if (row["amount"].is_number()) {
    out.Raw("amount", row["amount"].Dump());
  }
  return out.Take();
}

}  // namespace

Result<Json> RowOf(const Result<StoreReply>& reply) {
  if (!reply.ok()) {
    return reply.status();
  }
  const std::string_view rows = reply->Rows(0);
  if (rows.size() <= 2) {
    return Status::NotFound("there is no such approval; GET /v1/approvals lists those there are");
  }
  return Json::Parse(rows.substr(1, rows.size() - 2));
}

Task<Result<std::string>> Asking::Ask(Call call, JsonView args) const {
  if (!args["ask"]["key"].AsString().empty()) {
    Result<std::string> shared = co_await AskWithKey(std::move(call), args);
    co_return shared;
  }
  const Result<Json> same = co_await FindSame(args);
  if (!same.ok()) {
    co_return same.status();
  }
  if (!same->view().is_object()) {
    Result<std::string> asked = co_await AskNew(std::move(call), args, nullptr);
    co_return asked;
  }
  const std::string id((*same)["id"].AsString());
  if ((*same)["status"].AsString() != "pending") {
    Result<std::string> outcome = co_await Outcome(same->view().Dump());
    co_return outcome;
  }
  const WaitingRoom::Ticket ticket = room_.Enter(id);
  Result<std::string> answer = co_await WaitFor(std::move(call), args, id, ticket);
  co_return answer;
}

Task<Result<std::string>> Asking::AskWithKey(Call call, JsonView args) const {
  const std::string key = std::string(args["hook"].AsString()) + " " + std::string(args["ask"]["key"].AsString());
  while (true) {
    std::shared_ptr<void> held = keys_.Hold(key);
    if (held == nullptr) {
      co_await host_.Delay(kKeyPause);
      continue;
    }
    const Result<Json> found = co_await FindKey(args);
    if (!found.ok()) {
      co_return found.status();
    }
    if (!found->view().is_object()) {
      Result<std::string> asked = co_await AskNew(call, args, std::move(held));
      co_return asked;
    }
    held.reset();
    const std::string id((*found)["id"].AsString());
    if ((*found)["status"].AsString() != "pending") {
      Result<std::string> outcome = co_await Outcome(found->view().Dump());
      co_return outcome;
    }
    const WaitingRoom::Ticket ticket = room_.Enter(id);
    Result<std::string> answer = co_await WaitFor(call, args, id, ticket);
    const Result<Json> row = co_await Read(call, id);
    const bool was_withdrawn =
        row.ok() && (*row)["status"].AsString() == "cancelled" && (*row)["run"].AsString() != args["run"].AsString();
    if (!was_withdrawn || call.cancelled()) {
      co_return answer;
    }
    // The run that asked first has ended, and this one still wants to know.
  }
}

// What waits for an answer under this key, or what was answered to this run and did not reach it.
Task<Result<Json>> Asking::FindKey(JsonView args) const {
  const Result<StoreReply> reply = co_await ExecutePatiently(host_, KeyBatch(args));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  if (!rows.ok()) {
    co_return rows.status();
  }
  std::string found = "null";
  rows->view().ForEach([&](JsonView row) {
    const std::string_view status = row["status"].AsString();
    const bool is_late =
        row["run"].AsString() == args["run"].AsString() && status != "cancelled" && row["delivered_at"].is_null();
    if (found == "null" && (status == "pending" || is_late)) {
      found = row.Dump();
    }
  });
  co_return Json::Parse(found);
}

Task<Result<Json>> Asking::FindSame(JsonView args) const {
  const std::string approval(args["approval"].AsString());
  if (approval.empty() && args["run"].AsString().empty()) {
    co_return Json::Parse("null");
  }
  if (!approval.empty()) {
    const Result<StoreReply> reply = co_await ExecutePatiently(host_, GetBatch(approval));
    Result<Json> row = RowOf(reply);
    if (!row.ok() && row.status().code() != Code::kNotFound) {
      co_return row;
    }
    const bool is_this = row.ok() && (*row)["hook"].AsString() == args["hook"].AsString() &&
                         (*row)["point"].AsString() == args["point"].AsString() &&
                         (*row)["status"].AsString() != "pending" && IsSame((*row)["what"], args["payload"]);
    if (is_this) {
      co_return row;
    }
    co_return Json::Parse("null");
  }
  const Result<StoreReply> reply = co_await ExecutePatiently(host_, SameBatch(args));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  if (!rows.ok()) {
    co_return rows.status();
  }
  // A model may use an id twice: only the very same thing was answered. And what has no id of its own may be asked
  // again: an answer counts once then.
  const bool has_id = !args["tool_use_id"].AsString().empty();
  std::string found = "null";
  rows->view().ForEach([&](JsonView row) {
    const std::string_view status = row["status"].AsString();
    const bool counts = status == "pending" || (status != "cancelled" && (has_id || row["delivered_at"].is_null()));
    if (found == "null" && counts && IsSame(row["what"], args["payload"])) {
      found = row.Dump();
    }
  });
  co_return Json::Parse(found);
}

std::string Asking::AlwaysOf(JsonView args) const {
  // Only these rules can be made to last, so only their own questions offer it.
  if (args["point"].AsString() != "PreToolUse" || args["ask"]["kind"].AsString() != "rule") {
    return {};
  }
  const ToolCall call(args["payload"]["tool_name"].AsString(), args["payload"]["tool_input"], rules_.around());
  const std::optional<Always> always = AlwaysFor(call);
  return always ? always->ToJson() : std::string();
}

Task<Result<std::string>> Asking::AskNew(Call call, JsonView args, std::shared_ptr<void> key) const {
  const Result<StoreReply> pending = co_await ExecutePatiently(host_, PendingCountBatch(limits_.max_pending));
  if (!pending.ok()) {
    co_return pending.status();
  }
  const Result<Json> rows = Json::Parse(pending->Rows(0));
  if (rows.ok() && rows->view().size() >= limits_.max_pending) {
    co_return Denied("it needs a person's approval, and " + std::to_string(limits_.max_pending) +
                         " other questions wait for one already (max_pending)",
                     "tutti.hooks.approvals");
  }
  Asked asked;
  asked.id = NewUuid();
  asked.args = args.Dump();
  asked.why = WhyOf(args);
  asked.always = AlwaysOf(args);
  asked.created_at = NowIso();
  asked.expires_at = After(ExpiryOf(args["ask"], limits_.expiry));
  const WaitingRoom::Ticket ticket = room_.Enter(asked.id);
  const Result<StoreReply> stored = co_await Execute(host_, call.id(), RequestBatch(asked));
  if (!stored.ok() && stored.status().code() != Code::kAlreadyExists) {
    room_.Leave(ticket);
    co_return stored.status();
  }
  key.reset();
  host_.Count("tutti_approvals_asked_total");
  if (args["command"].is_object()) {
    room_.Leave(ticket);
    JsonObject approval;
    approval("id", asked.id)("status", "pending")("question", asked.why)("expires_at", asked.expires_at);
    co_return JsonObject()("answer", "pending").Raw("approval", approval.Take()).Take();
  }
  Result<std::string> answer = co_await WaitFor(std::move(call), args, asked.id, ticket);
  co_return answer;
}

Task<Result<std::string>> Asking::WaitFor(Call call, JsonView args, std::string id, WaitingRoom::Ticket ticket) const {
  const std::string run(args["run"].AsString());
  call.OnCancel([room = &room_, ticket] { room->Cancel(ticket); });
  co_await TellRun("runs.wait", run, id, "approval: " + WhyOf(args));
  // It may have been answered before anybody waited here.
  const Result<Json> before = co_await Read(call, id);
  if (before.ok() && (*before)["status"].AsString() != "pending") {
    room_.Close(id);
  }
  Callback<Ending> ended([room = &room_, ticket, host = host_](Callback<Ending>::Done done) {
    room->Wait(ticket, [host, done](Ending ending) {
      // Whoever ends it goes on at once.
      if (!host.Post([done, ending] { done(ending); }).ok()) {
        done(ending);
      }
    });
  });
  const Ending ending = co_await ended;
  if (ending == Ending::kCancelled) {
    co_await TellRun("runs.go_on", run, id, "");
    co_return Status::Cancelled("nobody waits for the answer any more");
  }
  const Result<Json> row = co_await Read(call, id);
  if (!row.ok()) {
    co_return row.status();
  }
  Result<std::string> outcome = co_await Outcome(row->view().Dump());
  co_await TellRun("runs.go_on", run, id, "");
  co_return outcome;
}

Task<Result<Json>> Asking::Read(Call call, std::string id) const {
  while (true) {
    const Result<StoreReply> reply = co_await Execute(host_, 0, GetBatch(id));
    Result<Json> row = RowOf(reply);
    const Code code = row.status().code();
    if ((code != Code::kUnavailable && code != Code::kResourceExhausted) || call.cancelled()) {
      co_return row;
    }
    co_await host_.Delay(kDatabasePause);
  }
}

Task<Result<std::string>> Asking::Outcome(std::string text) const {
  const Result<Json> row = Json::Parse(text);
  const std::string id((*row)["id"].AsString());
  const std::string_view status = (*row)["status"].AsString();
  const std::string_view reason = (*row)["reason"].AsString();
  std::string outcome;
  if (status == "allowed") {
    const JsonView on_allow = (*row)["ask"]["on_allow"];
    outcome = JsonObject()("answer", "allow")("by", By(row->view())).Take();
    if (on_allow["command"].is_string() && (*row)["delivered_at"].is_null()) {
      const Result<std::string> done = co_await host_.InvokeCommand(0, std::string(on_allow["command"].AsString()),
                                                                    AllowArgs(on_allow["args"], row->view()));
      if (!done.ok()) {
        outcome = Denied("it was allowed, but " + std::string(on_allow["command"].AsString()) +
                             " failed: " + std::string(done.status().message()),
                         By(row->view()));
      }
    }
  } else if (status == "denied") {
    outcome = Denied(reason.empty() ? "a person (" + By(row->view()) + ") denied it"
                                    : "a person (" + By(row->view()) + ") denied it: " + std::string(reason),
                     By(row->view()));
  } else {
    outcome =
        Denied(reason.empty() ? "the question for a person's approval has ended as " + std::string(status) : reason,
               "tutti.hooks.approvals");
  }
  const Result<StoreReply> delivered = co_await ExecutePatiently(host_, DeliverBatch(id));
  if (!delivered.ok()) {
    host_.Log(TUTTI_LOG_WARNING, "that an answer has reached who asked could not be stored",
              JsonObject()("approval", id)("error", delivered.status().ToString()).Take());
  }
  co_return outcome;
}

Task<void> Asking::TellRun(const char* command, std::string run, std::string id, std::string reason) const {
  if (run.empty()) {
    co_return;
  }
  JsonObject args;
  args("run", run)("id", id);
  if (!reason.empty()) {
    args("reason", reason);
  }
  const Result<std::string> told = co_await host_.InvokeCommand(0, command, args.Take());
  if (!told.ok() && told.status().code() != Code::kNotFound && told.status().code() != Code::kCancelled) {
    host_.Log(TUTTI_LOG_DEBUG, "a run could not be told that it waits",
              JsonObject()("run", run)("command", command)("error", told.status().ToString()).Take());
  }
}

Task<Result<std::string>> Asking::Withdraw(JsonView args) const {
  const Result<StoreReply> reply = co_await ExecutePatiently(host_, SameBatch(args));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  std::vector<std::string> pending;
  rows->view().ForEach([&](JsonView row) {
    if (row["status"].AsString() == "pending" && IsSame(row["what"], args["payload"])) {
      pending.push_back(row.Dump());
    }
  });
  for (const std::string& row : pending) {
    co_await Close(row, "cancelled", "what asked for it was stopped");
  }
  co_return JsonObject()("withdrawn", pending.size()).Take();
}

Task<void> Asking::WithdrawRun(std::string run) const {
  const Result<StoreReply> reply = co_await ExecutePatiently(host_, PendingOfRunBatch(run));
  const Result<Json> rows = Json::Parse(reply.ok() ? reply->Rows(0) : std::string_view("[]"));
  std::vector<std::string> pending;
  rows->view().ForEach([&](JsonView row) { pending.push_back(row.Dump()); });
  for (const std::string& row : pending) {
    co_await Close(row, "cancelled", "the run that asked for it has ended");
  }
}

Task<void> Asking::Close(std::string text, std::string status, std::string reason) const {
  const Result<Json> row = Json::Parse(text);
  const std::string id((*row)["id"].AsString());
  const Closing closing{status, {}, reason, {}, {}, {}};
  const Result<StoreReply> closed = co_await ExecutePatiently(host_, CloseBatch(row->view(), closing, {}));
  if (!closed.ok() && closed.status().code() != Code::kFailedPrecondition) {
    host_.Log(TUTTI_LOG_ERROR, "the end of an approval could not be stored",
              JsonObject()("approval", id)("error", closed.status().ToString()).Take());
    co_return;
  }
  room_.Close(id);
}

Task<void> Asking::RunKept(std::string text) const {
  const Result<Json> row = Json::Parse(text);
  const std::string id((*row)["id"].AsString());
  const JsonView command = (*row)["command"];
  JsonObject behalf;
  behalf("principal", (*row)["principal"].AsString()).Raw("scopes", (*row)["scopes"].Dump())("approval", id);
  const Result<std::string> result =
      co_await host_.InvokeOnBehalf(std::string(command["name"].AsString()), command["args"].Dump(),
                                    SurfaceOf((*row)["surface"].AsString()), behalf.Take());
  JsonObject stored;
  stored("ok", result.ok());
  if (!result.ok()) {
    stored("code", tutti_status_find(static_cast<tutti_code>(result.status().code()))->name);
    stored("message", result.status().message());
  } else if (result->size() > limits_.max_result_bytes) {
    stored("omitted_bytes", result->size());
  } else {
    stored.Raw("result", result->empty() ? std::string_view("null") : std::string_view(*result));
  }
  const Result<StoreReply> finished = co_await ExecutePatiently(host_, FinishBatch(row->view(), stored.Take()));
  if (!finished.ok()) {
    host_.Log(TUTTI_LOG_ERROR, "what came of a kept command could not be stored",
              JsonObject()("approval", id)("error", finished.status().ToString()).Take());
  }
}

}  // namespace tutti::approvals
