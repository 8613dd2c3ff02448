#include "asking.h"

#include <utility>

#include "answers.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::questions {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::string AgentName(const Call& call) {
  const Result<Json> labels = Json::Parse(call.labels().empty() ? std::string_view("{}") : call.labels());
  return labels.ok() ? std::string((*labels)["agent_name"].AsString()) : std::string();
}

std::string After(std::chrono::milliseconds delay) {
  const auto at = std::chrono::system_clock::now() + delay;
  return FormatMicros(duration_cast<microseconds>(at.time_since_epoch()).count());
}

std::string ToolResult(std::string_view text) {
  const std::string block = JsonObject()("type", "text")("text", text).Take();
  return JsonObject().Raw("content", "[" + block + "]")("is_error", false).Take();
}

std::string InWords(std::chrono::milliseconds time) {
  const auto seconds = duration_cast<std::chrono::seconds>(time).count();
  return seconds >= 120 ? std::to_string(seconds / 60) + " minutes" : std::to_string(time.count()) + " ms";
}

}  // namespace

Task<Result<std::string>> Asking::Ask(Call call, JsonView args) const {
  if (Status status = CheckDistinct(args["questions"]); !status.ok()) {
    co_return status;
  }
  Asked asked;
  asked.id = NewUuid();
  asked.stream = call.stream();
  asked.run = call.run();
  asked.agent_id = call.agent();
  asked.agent_name = AgentName(call);
  asked.questions = args["questions"].Dump();
  asked.created_at = NowIso();
  asked.expires_at = After(expiry_);
  if (asked.stream.empty()) {
    co_return Status::FailedPrecondition(
        "only an agent in a run can ask: this call belongs to no stream that anybody follows");
  }
  // Before the row is there, so that the first answer finds who waits for it.
  if (!room_.Enter(asked.id)) {
    co_return Status::ResourceExhausted("too many questions are open; go on without an answer, or ask again later");
  }
  const Result<StoreReply> stored = co_await Execute(host_, call.id(), OpenBatch(asked));
  if (!stored.ok()) {
    room_.Leave(asked.id);
    co_return stored.status();
  }
  const Ending ending = co_await WaitFor(call, asked.id);
  if (ending != Ending::kAnswered) {
    co_return co_await EndWithoutAnswer(asked.id, ending);
  }
  const Result<Json> row = co_await Find(0, asked.id);
  if (!row.ok()) {
    co_return row.status();
  }
  co_return ToolResult(AnsweredText((*row)["questions"], (*row)["answers"]));
}

Task<Ending> Asking::WaitFor(Call call, std::string id) const {
  call.OnCancel([room = &room_, id] { room->End(id, Ending::kCancelled); });
  Timer timer = host_.PostAfter(expiry_, [room = &room_, id] { room->End(id, Ending::kExpired); });
  room_.SetTimer(id, std::move(timer));
  Callback<Ending> ended([room = &room_, id, host = host_](Callback<Ending>::Done done) {
    room->Wait(id, [host, done](Ending ending) {
      // Whoever ends it goes on at once.
      if (!host.Post([done, ending] { done(ending); }).ok()) {
        done(ending);
      }
    });
  });
  const Ending ending = co_await ended;
  co_return ending;
}

Task<Result<std::string>> Asking::EndWithoutAnswer(std::string id, Ending ending) const {
  const bool has_expired = ending == Ending::kExpired;
  const std::string reason =
      has_expired ? "nobody answered within " + InWords(expiry_) : "the run that asked has ended";
  const Result<Json> row = co_await Find(0, id);
  if (row.ok() && (*row)["status"].AsString() == "open") {
    const Closing closing{has_expired ? "expired" : "cancelled", {}, {}, reason};
    const Result<StoreReply> closed = co_await ExecutePatiently(host_, CloseBatch(row->view(), closing));
    if (!closed.ok() && closed.status().code() != Code::kFailedPrecondition) {
      host_.Log(TUTTI_LOG_ERROR, "the end of a question could not be stored",
                JsonObject()("question", id)("error", closed.status().ToString()).Take());
    }
  }
  if (!has_expired) {
    co_return Status::Cancelled(reason);
  }
  // Who answered in the last moment has been told that it counts.
  const Result<Json> latest = co_await Find(0, id);
  if (latest.ok() && (*latest)["status"].AsString() == "answered") {
    co_return ToolResult(AnsweredText((*latest)["questions"], (*latest)["answers"]));
  }
  co_return Status::DeadlineExceeded(reason + "; go on with your best judgement, and say so");
}

Task<Result<std::string>> Asking::Answer(Call call, JsonView args) const {
  const std::string id(args["id"].AsString());
  const Result<Json> row = co_await Find(call.id(), id);
  if (!row.ok()) {
    co_return row.status();
  }
  if ((*row)["status"].AsString() != "open") {
    co_return Status::FailedPrecondition("the question was closed at " + std::string((*row)["closed_at"].AsString()) +
                                         " as " + std::string((*row)["status"].AsString()));
  }
  const Result<std::string> answers = ReadAnswers((*row)["questions"], args);
  if (!answers.ok()) {
    co_return answers.status();
  }
  const std::string& who = call.principal();
  const Closing closing{"answered", *answers, who, {}};
  const Result<StoreReply> closed = co_await Execute(host_, call.id(), CloseBatch(row->view(), closing));
  if (!closed.ok()) {
    co_return closed.status();
  }
  room_.End(id, Ending::kAnswered);
  co_return JsonObject()("id", id)("status", "answered").Raw("answers", *answers).Take();
}

Task<Result<Json>> Asking::Find(tutti_call parent, std::string id) const {
  if (!IsUuid(id)) {
    co_return Status::InvalidArgument("a question's id is a UUID, found \"" + CleanUtf8(Utf8Prefix(id, 60)) + "\"");
  }
  const Result<StoreReply> reply = co_await Execute(host_, parent, GetBatch(id));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const std::string_view rows = reply->Rows(0);
  if (rows.size() <= 2) {
    co_return Status::NotFound("there is no question " + id);
  }
  co_return Json::Parse(rows.substr(1, rows.size() - 2));
}

}  // namespace tutti::questions
