#include "upkeep.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "approval_rows.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::approvals {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};

std::vector<std::string> RowsOf(std::string_view rows) {
  std::vector<std::string> texts;
  const Result<Json> json = Json::Parse(rows);
  if (json.ok()) {
    json->view().ForEach([&](JsonView row) { texts.push_back(row.Dump()); });
  }
  return texts;
}

}  // namespace

void Upkeep::Start() {
  Arm(true);
}

void Upkeep::Stop() {
  Timer last;
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  last = std::move(timer_);
}

void Upkeep::Arm(bool is_first) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) {
    return;
  }
  timer_ = host_.PostAfter(is_first ? std::min(kFirstPause, pause_) : pause_, [this, is_first] {
    auto round = [](Upkeep* self, bool first) -> Task<void> { co_await self->Round(first); };
    Spawn(round(this, is_first), [this](const std::exception_ptr&) { Arm(false); });
  });
}

Task<void> Upkeep::Round(bool is_first) {
  bool is_recovered = true;
  if (is_first) {
    is_recovered = co_await Recover();
    if (is_recovered) {
      WarnOfUnknownTools();
    }
  }
  const Status status = co_await Sweep();
  if (!status.ok()) {
    host_.Log(TUTTI_LOG_DEBUG, "approvals could not be looked after", JsonObject()("error", status.ToString()).Take());
  }
  Arm(!is_recovered);
}

Task<Status> Upkeep::Sweep() {
  const std::vector<std::string> awaited = room_.Awaited();
  const Result<StoreReply> reply = co_await Execute(host_, 0, SweepBatch(NowIso(), awaited));
  if (!reply.ok()) {
    co_return reply.status();
  }
  TakeRules(reply->Rows(1));
  const Result<Json> ended = Json::Parse(reply->Rows(2));
  if (ended.ok()) {
    ended->view().ForEach([&](JsonView row) { room_.Close(std::string(row["id"].AsString())); });
  }
  for (const std::string& row : RowsOf(reply->Rows(0))) {
    co_await asking_.Close(row, "expired", "nobody answered the question for a person's approval in time");
  }
  co_return Status();
}

void Upkeep::TakeRules(std::string_view rows) {
  const Result<Json> json = Json::Parse(rows);
  if (!json.ok()) {
    return;
  }
  std::vector<LastingRules::Stored> stored;
  json->view().ForEach([&](JsonView row) {
    stored.push_back({std::string(row["id"].AsString()), std::string(row["form"].AsString()),
                      std::string(row["tool"].AsString()), std::string(row["pattern"].AsString())});
  });
  for (const std::string& id : lasting_.Set(stored, rules_.around())) {
    host_.Log(TUTTI_LOG_WARNING, "a lasting rule cannot be read and is left out", JsonObject()("rule", id).Take());
  }
}

Task<bool> Upkeep::Recover() {
  // The runs plugin may be activated later than this one; without it there are no runs either.
  const Result<std::string> self = co_await host_.InvokeCommand(0, "runs.self", "{}");
  if (self.status().code() == Code::kUnavailable) {
    co_return false;
  }
  const Result<Json> known = Json::Parse(self.ok() ? std::string_view(*self) : std::string_view("{}"));
  const std::string owner(known.ok() ? (*known)["owner"].AsString() : std::string_view());
  const Result<StoreReply> unfinished = co_await ExecutePatiently(host_, UnfinishedBatch(owner, began_at_));
  for (const std::string& text : RowsOf(unfinished.ok() ? unfinished->Rows(0) : std::string_view("[]"))) {
    const Result<Json> row = Json::Parse(text);
    const std::string result =
        JsonObject()("ok", false)("code", "UNKNOWN")(
            "message", "the server stopped while the command ran: its outcome is unknown; look before you repeat it")
            .Take();
    (void)co_await ExecutePatiently(host_, FinishBatch(row->view(), result));
  }
  const Result<StoreReply> pending = co_await ExecutePatiently(host_, PendingRunsBatch());
  std::set<std::string> runs;
  for (const std::string& text : RowsOf(pending.ok() ? pending->Rows(0) : std::string_view("[]"))) {
    const Result<Json> row = Json::Parse(text);
    if (!(*row)["run"].AsString().empty()) {
      runs.emplace((*row)["run"].AsString());
    }
  }
  for (const std::string& run : runs) {
    if (co_await HasEnded(run)) {
      co_await asking_.WithdrawRun(run);
    }
  }
  co_return true;
}

Task<bool> Upkeep::HasEnded(std::string run) const {
  const Result<std::string> found = co_await host_.InvokeCommand(0, "runs.get", JsonObject()("run", run).Take());
  if (!found.ok()) {
    co_return false;
  }
  const Result<Json> json = Json::Parse(*found);
  const std::string_view status = json.ok() ? (*json)["status"].AsString() : std::string_view();
  co_return status == "done" || status == "failed" || status == "interrupted";
}

void Upkeep::WarnOfUnknownTools() const {
  const Result<Json> tools = Json::Parse(host_.Tools());
  std::vector<std::string> names;
  if (tools.ok()) {
    tools->view().ForEach([&](JsonView tool) { names.emplace_back(tool["name"].AsString()); });
  }
  for (const auto& [name, place] : rules_.tool_names()) {
    if (!names.empty() && name != "*" && std::find(names.begin(), names.end(), name) == names.end()) {
      host_.Log(TUTTI_LOG_WARNING, "a rule names a tool that no plugin offers",
                JsonObject()("rule", place)("tool", name + DidYouMean(name, names)).Take());
    }
  }
}

}  // namespace tutti::approvals
