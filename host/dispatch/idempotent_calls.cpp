#include "host/dispatch/idempotent_calls.h"

#include <utility>

#include "host/dispatch/pause.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr std::int64_t kLeaseUs = 30'000'000;
constexpr std::int64_t kRenewMs = 10'000;
constexpr std::int64_t kCleanMs = 60'000;
constexpr std::int64_t kCleanedAtOnce = 500;
constexpr int kCleaningSteps = 20;
constexpr int kMostClaims = 4;
constexpr std::size_t kMostNotStored = 1000;
constexpr std::chrono::milliseconds kRetryAfter{1000};
constexpr std::chrono::milliseconds kStorePause{200};
constexpr int kStoreTries = 10;

std::int64_t NowUs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::microseconds>(system_clock::now().time_since_epoch()).count();
}

Status OtherRequest() {
  return Status::InvalidArgument(
      "expected the request that this Idempotency-Key came with first, found another body; use a new key for another "
      "request");
}

Status StillRunning() {
  return Status(Code::kAborted,
                "the first request with this Idempotency-Key is still running; ask again with the same key")
      .WithRetryAfter(kRetryAfter);
}

Status AnswerLost() {
  return Status::FailedPrecondition(
      "the first request with this Idempotency-Key was applied, and its answer was lost when the server or its "
      "database broke off; look at what it was to change before sending it again with a new key");
}

Status TooManyKeys(std::size_t most) {
  return Status::ResourceExhausted("the server keeps " + std::to_string(most) +
                                   " Idempotency-Keys, which is as many as it may "
                                   "(host.gateway.idempotency.max_keys); ask again later, or without a key")
      .WithRetryAfter(std::chrono::milliseconds(kCleanMs));
}

// Nothing is wrong with the request: the next try may go better.
bool IsPassing(const Status& status) {
  return status.code() == Code::kUnavailable || status.code() == Code::kResourceExhausted ||
         status.code() == Code::kAborted;
}

ContextPtr HostContext() {
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  return context;
}

}  // namespace

IdempotentCalls::IdempotentCalls(Executor& executor, Dispatcher& dispatcher, Store& store, Settings settings)
    : executor_(executor),
      dispatcher_(dispatcher),
      store_(store),
      settings_(settings),
      owner_(NewUuid()),
      context_(HostContext()) {}

void IdempotentCalls::Run(CommandCall call, RequestKey key, Done done, std::function<void(NodePtr)> on_start) {
  if (WaitFor(key, done)) {
    return;
  }
  Spawn(Serve(std::move(call), std::move(key), std::move(done), std::move(on_start)), [](const std::exception_ptr&) {});
}

bool IdempotentCalls::WaitFor(const RequestKey& key, const Done& done) {
  std::unique_lock lock(mutex_);
  if (const auto lost = not_stored_.find(key.id); lost != not_stored_.end()) {
    const Result<std::string> answer = lost->second;
    lock.unlock();
    done(answer, true);
    return true;
  }
  const auto [found, is_first] = running_.try_emplace(key.id);
  if (is_first) {
    found->second.fingerprint = key.fingerprint;
    return false;
  }
  const bool is_other = found->second.fingerprint != key.fingerprint;
  if (is_other || found->second.waiters.size() >= settings_.max_waiting) {
    lock.unlock();
    done(is_other ? OtherRequest() : StillRunning(), false);
    return true;
  }
  auto is_answered = std::make_shared<std::atomic<bool>>(false);
  found->second.waiters.push_back({[done](const Result<std::string>& result) { done(result, true); }, is_answered});
  lock.unlock();
  const auto give_up = [done, is_answered] {
    if (!is_answered->exchange(true)) {
      done(StillRunning(), false);
    }
  };
  if (executor_.SubmitAfter(settings_.wait, give_up) == 0) {
    give_up();
  }
  return true;
}

void IdempotentCalls::End(const std::string& id, const Result<std::string>& result) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found != running_.end()) {
      waiters = std::move(found->second.waiters);
      running_.erase(found);
    }
  }
  for (const Waiter& waiter : waiters) {
    if (!waiter.is_answered->exchange(true)) {
      waiter.answer(result);
    }
  }
}

Task<void> IdempotentCalls::Serve(CommandCall call, RequestKey key, Done done, std::function<void(NodePtr)> on_start) {
  Result<std::string> answer = StillRunning();
  Claim claim = Claim::kAgain;
  for (int tried = 0; claim == Claim::kAgain && tried < kMostClaims; ++tried) {
    claim = co_await Take(key, call.context->principal, answer);
  }
  if (claim == Claim::kOurs) {
    auto mark = std::make_shared<IdempotencyMark>(key.id, owner_);
    answer = co_await RunOnce(std::move(call), mark, std::move(on_start));
    answer = co_await Keep(mark, std::move(answer));
  }
  End(key.id, answer);
  done(answer, claim == Claim::kAnswered);
}

Task<IdempotentCalls::Claim> IdempotentCalls::Take(const RequestKey& key, const std::string& principal,
                                                   Result<std::string>& answer) {
  KeyRow row{.id = key.id,
             .fingerprint = key.fingerprint,
             .principal = principal,
             .request = key.request,
             .owner = owner_,
             .host = host_,
             .now_us = NowUs(),
             .lease_us = kLeaseUs,
             .retention_us = settings_.retention.count() * 1000};
  const bool is_full = keys_.load() >= static_cast<std::int64_t>(settings_.max_keys);
  std::string ops = is_full ? LookBatch(key.id) : ClaimBatch(row);
  const Result<std::string> claimed = co_await Execute(std::move(ops));
  if (!claimed.ok()) {
    answer = claimed.status();
    co_return Claim::kAnswered;
  }
  const StoreReply reply(*claimed);
  if (!is_full && reply.Member(0, "affected") == "1") {
    keys_.fetch_add(1);
    co_return Claim::kOurs;
  }
  const Result<Json> rows = Json::Parse(reply.Rows(is_full ? 0 : 1));
  const JsonView known = rows.ok() ? rows->view()[0] : JsonView();
  if (!known.is_object() && is_full) {
    answer = TooManyKeys(settings_.max_keys);
    co_return Claim::kAnswered;
  }
  if (!known.is_object()) {
    co_return Claim::kAgain;  // it went between the two
  }
  const bool is_done = known["state"].AsString() == "done";
  if (is_done && known["expires_at"].AsString() <= FormatMicros(row.now_us)) {
    (void)co_await Execute(DropExpiredBatch(key.id, row.now_us));
    co_return Claim::kAgain;
  }
  if (known["fingerprint"].AsString() != key.fingerprint) {
    answer = OtherRequest();
    co_return Claim::kAnswered;
  }
  if (is_done) {
    answer = AnswerOf(known);
    co_return Claim::kAnswered;
  }
  // Of this process it is not running any more, or it would have been waited for.
  const bool is_gone = known["host"].AsString() == host_ || known["lease_until"].AsString() <= FormatMicros(row.now_us);
  if (!is_gone) {
    answer = StillRunning();
    co_return Claim::kAnswered;
  }
  if (known["applied"].AsBool()) {
    answer = AnswerLost();
    co_return Claim::kAnswered;
  }
  const Result<std::string> taken = co_await Execute(TakeOverBatch(row, known["owner"].AsString()));
  co_return taken.ok() ? Claim::kOurs : Claim::kAgain;
}

Task<Result<std::string>> IdempotentCalls::RunOnce(CommandCall call, std::shared_ptr<IdempotencyMark> mark,
                                                   std::function<void(NodePtr)> on_start) {
  auto context = std::make_shared<CallContext>(*call.context);
  context->idempotency = std::move(mark);
  call.context = std::move(context);
  auto started = std::make_shared<CommandCall>(std::move(call));
  Callback<Result<std::string>> ended([dispatcher = &dispatcher_, started, on_start](auto done) {
    const NodePtr node = dispatcher->Run(std::move(*started), done);
    if (on_start && node != nullptr) {
      on_start(node);
    }
  });
  Result<std::string> result = co_await ended;
  co_return result;
}

// What is answered is what is kept, so that a retry is told the same.
Task<Result<std::string>> IdempotentCalls::Keep(std::shared_ptr<IdempotencyMark> mark, Result<std::string> result) {
  mark->SetOver();
  const std::string id = mark->id();
  if (IsPassing(result.status()) && !mark->is_applied()) {
    const Result<std::string> forgotten = co_await Execute(ForgetBatch(id, owner_));
    if (!forgotten.ok()) {
      co_return result;  // a retry finds the row, and nothing applied
    }
    if (StoreReply(*forgotten).Member(0, "affected") == "1") {
      keys_.fetch_sub(1);
      co_return result;
    }
    result = AnswerLost();  // the batch that broke off was committed after all
  }
  const bool is_too_large = result.ok() && result->size() > settings_.max_answer_bytes;
  const Result<std::string> kept =
      is_too_large ? Result<std::string>(Status::FailedPrecondition(
                         "the first request with this Idempotency-Key was applied, and its answer of " +
                         std::to_string(result->size()) +
                         " bytes was too large to be kept "
                         "(host.gateway.idempotency.max_answer_bytes)"))
                   : result;
  for (int tried = 1; tried <= kStoreTries; ++tried) {
    const Result<std::string> stored = co_await Execute(FinishBatch(id, owner_, kept));
    if (stored.ok()) {
      co_return result;
    }
    if (tried < kStoreTries) {
      Pause pause{executor_, kStorePause};
      co_await pause;
    }
  }
  // Known as long as this process lives.
  const std::lock_guard lock(mutex_);
  if (not_stored_.size() < kMostNotStored) {
    not_stored_.emplace(id, kept);
  }
  co_return result;
}

Task<Result<std::string>> IdempotentCalls::Execute(std::string ops) {
  std::vector<BatchPart> parts;
  parts.push_back({"tutti.host", std::move(ops)});
  const Result<std::string> result = co_await store_.Execute(std::move(parts), context_, nullptr);
  if (!result.ok()) {
    co_return result;
  }
  co_return Store::PartOf(*result, 0);
}

void IdempotentCalls::Tick(std::int64_t now_ms) {
  bool is_running = false;
  {
    const std::lock_guard lock(mutex_);
    is_running = !running_.empty();
  }
  // On a worker: the loop that ticks must not stand still with a storage plugin that does.
  if (is_running && now_ms >= next_renewal_ms_.load()) {
    next_renewal_ms_ = now_ms + kRenewMs;
    (void)executor_.Submit([this] { Spawn(Renew(NowUs()), [](const std::exception_ptr&) {}); });
  }
  if (now_ms >= next_cleaning_ms_.load()) {
    next_cleaning_ms_ = now_ms + kCleanMs;
    (void)executor_.Submit([this] { Spawn(Clean(NowUs()), [](const std::exception_ptr&) {}); });
  }
}

Task<void> IdempotentCalls::Renew(std::int64_t now_us) {
  (void)co_await Execute(RenewBatch(owner_, now_us + kLeaseUs));
}

Task<void> IdempotentCalls::Clean(std::int64_t now_us) {
  for (int step = 0; step < kCleaningSteps; ++step) {
    const Result<std::string> found = co_await Execute(FindExpiredBatch(now_us, kCleanedAtOnce));
    if (!found.ok()) {
      co_return;
    }
    const StoreReply reply(*found);
    const Result<Json> counted = Json::Parse(reply.Rows(1));
    const Result<Json> rows = Json::Parse(reply.Rows(0));
    if (!counted.ok() || !rows.ok()) {
      co_return;
    }
    const auto old = static_cast<std::int64_t>(rows->view().size());
    keys_ = counted->view()[0]["rows"].AsInt() - old;
    if (old == 0) {
      co_return;
    }
    JsonWriter ids;
    ids.BeginArray();
    rows->view().ForEach([&](JsonView row) { ids.Value(row["id"].AsString()); });
    const Result<std::string> dropped = co_await Execute(DropBatch(ids.EndArray().Take()));
    if (!dropped.ok() || old < kCleanedAtOnce) {
      co_return;
    }
  }
}

}  // namespace tutti::host
