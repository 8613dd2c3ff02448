#include "host/journal/journal_keeper.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr std::int64_t kHeads = 1000;      // streams of one page of heads
constexpr std::size_t kLookedAtOnce = 50;  // streams whose oldest event is looked at in one batch

// The results of the operations of a batch of one part.
Result<Json> ReadResults(const Result<std::string>& answer) {
  return answer.ok() ? Json::Parse(Store::PartOf(*answer, 0)) : answer.status();
}

}  // namespace

JournalKeeper::JournalKeeper(Executor& executor, CallTable& calls, Store& store, Settings settings, OnRound on_round)
    : executor_(executor),
      calls_(calls),
      store_(store),
      settings_(settings),
      on_round_(std::move(on_round)),
      next_(Clock::now() + std::min(settings.first, settings.every)) {}

void JournalKeeper::Tick() {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (now < next_ || calls_.is_stopping() || is_running_) {
      return;
    }
    next_ = now + settings_.every;
    is_running_ = true;
  }
  const bool is_submitted =
      executor_.Submit([this] { Spawn(Round(), [this](const std::exception_ptr&) { is_running_ = false; }); });
  if (!is_submitted) {
    is_running_ = false;
  }
}

void JournalKeeper::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  WakeUp();
}

bool JournalKeeper::LetRest(std::coroutine_handle<> round) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_ || executor_.SubmitAfter(settings_.pause, [this] { WakeUp(); }) == 0) {
    return false;
  }
  resting_ = round;
  return true;
}

void JournalKeeper::WakeUp() {
  std::coroutine_handle<> round;
  {
    const std::lock_guard lock(mutex_);
    round = std::exchange(resting_, {});
  }
  if (round) {
    round.resume();
  }
}

std::string JournalKeeper::Before(std::chrono::hours age) const {
  return FormatMicros(NowMicros() - std::chrono::duration_cast<std::chrono::microseconds>(age).count());
}

Task<Result<std::string>> JournalKeeper::Run(std::string ops) {
  if (calls_.is_stopping()) {
    co_return Status::Cancelled("the host stops");
  }
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  std::vector<BatchPart> parts;
  parts.push_back({"tutti.host", std::move(ops)});
  Result<std::string> answer = co_await store_.Execute(std::move(parts), std::move(context), nullptr);
  co_return answer;
}

Task<void> JournalKeeper::Round() {
  Report report;
  Status status;
  if (settings_.max_age.count() > 0 || settings_.max_events > 0) {
    status = co_await TrimStreams(report);
  }
  if (status.ok() && settings_.audit_max_age.count() > 0) {
    status = co_await PruneAudit(report);
  }
  on_round_(status, report);
  {
    const std::lock_guard lock(mutex_);
    next_ = Clock::now() + settings_.every;
  }
  is_running_ = false;
}

Task<Status> JournalKeeper::TrimStreams(Report& report) {
  const std::string limit = Before(settings_.max_age);
  // Named: a temporary would have to outlive the wait.
  const std::string too_many = "\"keep\":" + std::to_string(settings_.max_events);
  const std::string too_old = "\"older_than\":" + JsonQuote(limit);
  std::string after;
  while (true) {
    Batch batch;
    Op op("heads", {});
    op("after", after);
    op("limit", kHeads);
    batch.Add(std::move(op));
    const Result<std::string> answer = co_await Run(batch.Ops());
    const Result<Json> results = ReadResults(answer);
    if (!results.ok()) {
      co_return results.status();
    }
    std::vector<Head> heads;
    (*results)["results"][0]["heads"].ForEach([&](JsonView head) {
      heads.push_back({std::string(head["stream"].AsString()), head["first"].AsInt(), head["last"].AsInt()});
    });
    for (const Head& head : heads) {
      if (settings_.max_events > 0 && head.last - head.first + 1 > settings_.max_events) {
        const Status status = co_await Trim(head.stream, too_many, report);
        if (!status.ok()) {
          co_return status;
        }
      }
    }
    if (settings_.max_age.count() > 0) {
      const Result<std::vector<Head>> old = co_await TooOld(heads, limit);
      if (!old.ok()) {
        co_return old.status();
      }
      for (const Head& head : *old) {
        const Status status = co_await Trim(head.stream, too_old, report);
        if (!status.ok()) {
          co_return status;
        }
      }
    }
    if (heads.size() < static_cast<std::size_t>(kHeads)) {
      co_return Status();
    }
    after = heads.back().stream;
  }
}

Task<Result<std::vector<JournalKeeper::Head>>> JournalKeeper::TooOld(const std::vector<Head>& heads,
                                                                     const std::string& limit) {
  std::vector<Head> old;
  for (std::size_t i = 0; i < heads.size(); i += kLookedAtOnce) {
    const std::size_t end = std::min(heads.size(), i + kLookedAtOnce);
    Batch batch;
    for (std::size_t at = i; at < end; ++at) {
      Op op("journal", {});
      op("stream", heads[at].stream);
      op("limit", 1);
      batch.Add(std::move(op));
    }
    const Result<std::string> answer = co_await Run(batch.Ops());
    const Result<Json> results = ReadResults(answer);
    if (!results.ok()) {
      co_return results.status();
    }
    for (std::size_t at = i; at < end; ++at) {
      const JsonView page = (*results)["results"][at - i];
      if (page["count"].AsInt() > 0 && page["events"][0]["time"].AsString() < limit) {
        old.push_back(heads[at]);
      }
    }
    Rest rest{*this};
    co_await rest;
  }
  co_return old;
}

Task<Status> JournalKeeper::Trim(const std::string& stream, const std::string& measure, Report& report) {
  bool more = true;
  while (more) {
    std::string ops = R"([{"op":"trim","stream":)" + JsonQuote(stream) + "," + measure +
                      ",\"limit\":" + std::to_string(settings_.batch) + "}]";
    const Result<std::string> answer = co_await Run(std::move(ops));
    const Result<Json> results = ReadResults(answer);
    if (!results.ok()) {
      co_return results.status();
    }
    report.events += (*results)["results"][0]["removed"].AsInt();
    more = (*results)["results"][0]["more"].AsBool();
    Rest rest{*this};
    co_await rest;
  }
  co_return Status();
}

Task<Status> JournalKeeper::PruneAudit(Report& report) {
  const std::string where = R"({"time":{"lt":)" + JsonQuote(Before(settings_.audit_max_age)) + "}}";
  while (true) {
    Batch find;
    Op op = Op::Query("host.audit");
    op.Raw("select", R"(["id"])");
    op.Raw("where", where);
    op.Raw("order", R"([{"by":"time"}])");
    op("limit", settings_.batch);
    find.Add(std::move(op));
    const Result<std::string> answer = co_await Run(find.Ops());
    const Result<Json> results = ReadResults(answer);
    if (!results.ok()) {
      co_return results.status();
    }
    std::string ids;
    (*results)["results"][0]["rows"].ForEach(
        [&](JsonView row) { ids += (ids.empty() ? "" : ",") + JsonQuote(row["id"].AsString()); });
    if (ids.empty()) {
      co_return Status();
    }
    Batch remove;
    remove.Add(Op::Delete("host.audit", R"({"id":{"in":[)" + ids + "]}}"));
    const Result<std::string> removed = co_await Run(remove.Ops());
    if (!removed.ok()) {
      co_return removed.status();
    }
    report.audit_rows += (*results)["results"][0]["count"].AsInt();
    Rest rest{*this};
    co_await rest;
  }
}

}  // namespace tutti::host
