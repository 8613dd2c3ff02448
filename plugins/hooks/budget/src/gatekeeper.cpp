#include "gatekeeper.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::budget {
namespace {

constexpr int kMostLooks = 5;
constexpr std::chrono::milliseconds kPauseBetweenLooks{20};
constexpr std::chrono::milliseconds kPauseWhileAway{300};
constexpr int kTriesWhileAway = 3;
constexpr std::size_t kMostSeen = 20'000;
constexpr std::size_t kMostAnnounced = 10'000;
constexpr std::int64_t kLongestCommitMs = 900'000;
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

Facts FactsOf(const Call& call) {
  return Facts::Read(call.run(), call.agent(), call.stream(), call.principal(), call.labels());
}

std::string ModelKey(JsonView payload) {
  return "model/" + std::string(payload["call"].AsString());
}

std::string ToolKey(std::string_view run, JsonView payload) {
  return "tool/" + std::string(run) + "/" + std::string(payload["tool_use_id"].AsString());
}

// Of the agent that a tool call creates; known when the call has ended.
std::string CreationKey(std::string_view run, JsonView payload) {
  return "agent/" + std::string(run) + "/" + std::string(payload["tool_use_id"].AsString());
}

std::string EndKey(std::string_view run) {
  return "end/" + std::string(run);
}

std::string HowToRaise(const Breach& breach) {
  return "; POST /v1/budgets/" + breach.demand.limit->id + "/raise with scope_id \"" + breach.demand.scope.id +
         "\" raises it, as does /budget-raise " + breach.demand.limit->id + " " + breach.demand.scope.id;
}

}  // namespace

Gatekeeper::Gatekeeper(Host host, GateSettings settings, Times times)
    : host_(host), settings_(std::move(settings)), times_(std::move(times)), clock_(settings_.max_runs) {}

std::int64_t Gatekeeper::NowMs() const {
  return times_.steady_ms();
}

Task<HookReply> Gatekeeper::BeforeModel(JsonView payload, Call call) {
  Asked asked{.facts = FactsOf(call), .action = Action::kModelCall, .key = ModelKey(payload)};
  asked.next = asked.reserved = Estimate(payload, settings_.estimate);
  std::size_t refused = 0;
  {
    const std::lock_guard lock(mutex_);
    clock_.Touch(asked.facts, NowMs());
    // The tool calls before it have ended: what was asked about and is not taken by now was not allowed.
    refused = holds_.ReleaseAsked(asked.facts.run);
  }
  if (refused > 0) {
    co_return HookReply::Deny("a limit of this run was reached by its tool calls and was not raised, so the run ends");
  }
  co_return co_await Decide(std::move(asked), std::move(call));
}

Task<HookReply> Gatekeeper::BeforeTool(JsonView payload, Call call) {
  const std::string_view tool = payload["tool_name"].AsString();
  const bool creates = settings_.creating_tools.contains(tool);
  const bool starts = settings_.starting_tools.contains(tool);
  Asked asked{.facts = FactsOf(call), .key = ToolKey(call.run(), payload)};
  asked.action = creates ? Action::kCreateAgent : starts ? Action::kStartAgent : Action::kToolCall;
  asked.next[Resource::kToolCalls] = 1;
  if (creates) {
    asked.next[Resource::kAgents] = 1;
  }
  asked.reserved = asked.next;
  asked.next[Resource::kDepth] = asked.next[Resource::kConcurrentAgents] = 1;
  if (starts) {
    asked.starting = payload["tool_input"]["agent_name"].AsString();
  }
  {
    const std::lock_guard lock(mutex_);
    clock_.Touch(asked.facts, NowMs());
  }
  co_return co_await Decide(std::move(asked), std::move(call));
}

Task<HookReply> Gatekeeper::Decide(Asked asked, Call call) {
  const std::vector<Demand> demands =
      DemandsOf(limits_.For(asked.facts), asked.facts, asked.action, asked.next, Today());
  std::vector<Scope> scopes;
  for (const Demand& demand : demands) {
    scopes.push_back(demand.scope);
  }
  const std::vector<BookKey> keys = KeysOf(demands);
  for (int looks = 1;; ++looks) {
    std::uint64_t read = 0;
    {
      const std::lock_guard lock(mutex_);
      read = holds_.BeginRead();
    }
    Result<Books> books = Books();
    if (!demands.empty()) {
      books = co_await Look(keys, scopes, call.id());
    }
    bool is_certain = true;
    std::optional<Breach> breach;
    {
      const std::lock_guard lock(mutex_);
      if (books.ok()) {
        breach = Fit(asked, demands, *books, read, is_certain);
      }
      holds_.EndRead(read);
    }
    if (!books.ok()) {
      co_return HookReply::Fail(books.status());
    }
    if (!breach) {
      co_return HookReply::Allow();
    }
    if (is_certain || looks >= kMostLooks) {
      co_return co_await Refuse(asked, std::move(*breach), std::move(call));
    }
    co_await host_.Delay(kPauseBetweenLooks);
  }
}

Task<Result<Books>> Gatekeeper::Look(std::vector<BookKey> keys, std::vector<Scope> scopes, tutti_call parent) {
  const std::string batch = BooksBatch(keys, scopes);
  Status status;
  for (int tried = 1; tried <= kTriesWhileAway; ++tried) {
    const Result<StoreReply> reply = co_await Execute(host_, parent, batch);
    if (reply.ok()) {
      Books books = ReadBooks(keys, *reply);
      const std::lock_guard lock(mutex_);
      if (last_seen_.size() > kMostSeen) {
        last_seen_.clear();
      }
      for (const auto& [key, amounts] : books.spent) {
        last_seen_[key] = amounts;
      }
      co_return books;
    }
    status = reply.status();
    if (status.code() != Code::kUnavailable || tried == kTriesWhileAway) {
      break;
    }
    co_await host_.Delay(kPauseWhileAway);
  }
  if (status.code() == Code::kUnavailable) {
    // What was seen last, and what has been settled since, is known. The step after this call waits for the database
    // anyway, so that no more than one call of each run goes by such knowledge. Raises are not counted.
    Books books;
    const std::lock_guard lock(mutex_);
    const bool is_known = std::all_of(keys.begin(), keys.end(), [&](const BookKey& key) {
      const auto found = last_seen_.find(key);
      if (found != last_seen_.end()) {
        books.spent[key] = found->second;
      }
      return found != last_seen_.end();
    });
    if (is_known) {
      co_return books;
    }
  }
  co_return status;
}

std::optional<Breach> Gatekeeper::Fit(const Asked& asked, const std::vector<Demand>& demands, const Books& books,
                                      std::uint64_t read, bool& is_certain) {
  const auto besides = [&](const Demand& demand) { return BesidesOf(asked, demand, read, is_certain); };
  std::optional<Breach> breach = FindBreach(demands, books, besides);
  LimitTime(asked.facts.run, demands, books, besides);
  if (!breach || (breach->demand.limit->asks && !asked.facts.run.empty())) {
    const bool is_asked = breach && asked.action != Action::kModelCall;
    holds_.Reserve(asked.key, asked.facts.run, asked.facts.Scopes(), asked.reserved, is_asked, NowMs());
  }
  if (!breach && !asked.starting.empty()) {
    clock_.Start(asked.facts.stream, asked.starting, NowMs());
  }
  return breach;
}

void Gatekeeper::LimitTime(const std::string& run, const std::vector<Demand>& demands, const Books& books,
                           const std::function<Besides(const Demand&)>& besides) {
  std::int64_t remaining = std::numeric_limits<std::int64_t>::max();
  for (const Demand& demand : demands) {
    if (demand.resource == Resource::kWallTime) {
      remaining = std::min(remaining, std::max<std::int64_t>(RoomOf(demand, books, besides(demand)), 0));
    }
  }
  if (remaining != std::numeric_limits<std::int64_t>::max()) {
    clock_.SetRemaining(run, remaining, NowMs());
  }
}

Besides Gatekeeper::BesidesOf(const Asked& asked, const Demand& demand, std::uint64_t read, bool& is_certain) const {
  if (demand.resource == Resource::kDepth) {
    return {.spent = asked.facts.depth};
  }
  if (demand.resource == Resource::kConcurrentAgents) {
    return {.spent = clock_.BusyAgents(demand.scope, asked.facts.stream, asked.starting, NowMs())};
  }
  const Holds::Sum held = holds_.SumOf(demand.scope, read, asked.key);
  const std::int64_t amount = held.amounts[demand.resource];
  is_certain = is_certain && (held.is_certain || amount == 0);
  if (demand.resource == Resource::kWallTime) {
    return {.spent = amount + clock_.Untaken(demand.scope, NowMs())};
  }
  return {.reserved = amount};
}

Task<HookReply> Gatekeeper::Refuse(const Asked& asked, Breach breach, Call call) {
  const std::string sentence = breach.Sentence();
  const bool asks = breach.demand.limit->asks && !asked.facts.run.empty();
  host_.Count("budget_breaches_total", 1,
              JsonObject()("limit", breach.demand.limit->id)("resource", NameOf(breach.demand.resource)).Take());
  co_await Announce(asked.facts, breach, asks ? "asked" : "denied", call.id());
  if (!asks) {
    co_return HookReply::Deny(sentence + HowToRaise(breach));
  }
  {
    const std::lock_guard lock(mutex_);
    clock_.Wait(asked.facts.run, NowMs());
  }
  const Demand& demand = breach.demand;
  JsonObject args;
  args("limit", demand.limit->id)("scope_id", demand.scope.id)("resource", NameOf(demand.resource));
  args.Raw("at_least", ToNumber(demand.resource, breach.missing()));
  if (!demand.day.empty()) {
    args("day", demand.day);
  }
  if (!asked.facts.stream.empty()) {
    args("stream", asked.facts.stream);
  }
  JsonObject ask;
  ask("question", sentence + ". Raise the limit by " +
                      InWords(demand.resource, std::max(demand.bound, breach.missing())) + ", or by what you say?");
  ask("kind", "budget")("key", breach.Key()).Raw("detail", breach.ToJson())("expires_ms", settings_.question_expiry_ms);
  ask.Raw("on_allow", JsonObject()("command", "budget.raise").Raw("args", args.Take()).Take());
  co_return HookReply::AskFor(ask.Take());
}

// Once for every state of a limit, however many calls meet it.
Task<void> Gatekeeper::Announce(Facts facts, Breach breach, std::string_view action, tutti_call parent) {
  {
    const std::lock_guard lock(mutex_);
    if (announced_.size() > kMostAnnounced) {
      announced_.clear();
    }
    if (!announced_.insert(std::string(action) + "/" + breach.Key()).second) {
      co_return;
    }
  }
  host_.Log(
      TUTTI_LOG_WARNING, "a limit is reached",
      JsonObject()("limit", breach.demand.limit->id)("run", facts.run)("action", action)("reason", breach.Sentence())
          .Take());
  if (facts.stream.empty()) {
    co_return;
  }
  JsonObject data;
  data("type", "budget.breach")("run", facts.run)("agent", facts.agent)("action", action)("reason", breach.Sentence());
  data.Raw("detail", breach.ToJson())("timestamp", NowIso());
  Op event = Op::Append(facts.stream, "budget.breach", data.Take());
  event("run", facts.run)("agent", facts.agent);
  Batch batch;
  batch.Add(event);
  const Result<StoreReply> stored = co_await Execute(host_, parent, batch.Take());
  if (!stored.ok()) {
    host_.Log(TUTTI_LOG_WARNING, "the event of a limit that is reached could not be stored",
              JsonObject()("error", stored.status().ToString()).Take());
  }
}

HookReply Gatekeeper::Charge(const std::string& key, const Facts& facts, Amounts taken, std::string_view once) {
  const std::vector<Scope> scopes = facts.Scopes();
  const std::string day = Today();
  {
    const std::lock_guard lock(mutex_);
    taken[Resource::kWallTime] = clock_.Take(facts.run, NowMs());
    holds_.Settle(key, facts.run, scopes, taken, NowMs());
    holds_.ForgetSettledBefore(NowMs() - kLongestCommitMs);
  }
  Batch batch;
  if (!once.empty()) {
    batch.Add(ChargeOnce(once));
  }
  AddCharge(batch, scopes, day, taken);
  return batch.empty() ? HookReply::Allow() : HookReply::Record(batch.Ops());
}

HookReply Gatekeeper::RecordModel(JsonView payload, const Call& call) {
  const Amounts taken = Taken(payload, settings_.estimate);
  if (taken[Resource::kUnpricedCalls] > 0 && !has_warned_.exchange(true)) {
    host_.Log(TUTTI_LOG_WARNING, "a model call's cost is unknown and counts as unknown_cost_usd");
  }
  return Charge(ModelKey(payload), FactsOf(call), taken, payload["call"].AsString());
}

HookReply Gatekeeper::RecordFailure(JsonView payload) {
  const std::lock_guard lock(mutex_);
  holds_.Release(ModelKey(payload));
  return HookReply::Allow();
}

HookReply Gatekeeper::RecordTool(JsonView payload, const Call& call) {
  const Facts facts = FactsOf(call);
  const std::string key = ToolKey(call.run(), payload);
  if (settings_.creating_tools.contains(payload["tool_name"].AsString())) {
    Amounts agents;
    agents[Resource::kAgents] = 1;
    const std::lock_guard lock(mutex_);
    holds_.Reserve(CreationKey(call.run(), payload), facts.run, facts.Scopes(), agents, false, NowMs());
  }
  {
    // Somebody was asked and has allowed it, perhaps after a while.
    const std::lock_guard lock(mutex_);
    clock_.Touch(facts, NowMs());
  }
  Amounts taken;
  taken[Resource::kToolCalls] = 1;
  return Charge(key, facts, taken, "");
}

HookReply Gatekeeper::RecordToolEnd(JsonView payload, const Call& call) {
  const Facts facts = FactsOf(call);
  const std::string key = CreationKey(call.run(), payload);
  if (!settings_.creating_tools.contains(payload["tool_name"].AsString())) {
    return HookReply::Allow();
  }
  if (payload["is_error"].AsBool()) {
    const std::lock_guard lock(mutex_);
    holds_.Release(key);
    return HookReply::Allow();
  }
  Amounts taken;
  taken[Resource::kAgents] = 1;
  return Charge(key, facts, taken, "");
}

// The payload alone says which run it is: the call that fires it need not be the run's.
HookReply Gatekeeper::RecordState(JsonView payload, const Call& call) {
  const std::string labels = payload["labels"].is_object() ? payload["labels"].Dump() : std::string();
  const Facts facts = Facts::Read(payload["run"].AsString(), payload["agent"].AsString(), payload["stream"].AsString(),
                                  call.principal(), labels);
  const std::string_view to = payload["to"].AsString();
  if (to == "done" || to == "failed" || to == "interrupted") {
    return RecordEnd(facts);
  }
  const std::lock_guard lock(mutex_);
  if (to == "running") {
    clock_.Touch(facts, NowMs());
  } else if (to == "waiting") {
    clock_.Wait(facts.run, NowMs());
  }
  return HookReply::Allow();
}

HookReply Gatekeeper::RecordEnd(const Facts& facts) {
  const std::vector<Scope> scopes = facts.Scopes();
  Amounts taken;
  {
    const std::lock_guard lock(mutex_);
    taken[Resource::kWallTime] = clock_.End(facts.run, NowMs());
    holds_.ReleaseReserved(facts.run);
    if (taken.empty()) {
      return HookReply::Allow();
    }
    holds_.Settle(EndKey(facts.run), facts.run, scopes, taken, NowMs());
  }
  Batch batch;
  AddCharge(batch, scopes, Today(), taken);
  return HookReply::Record(batch.Ops());
}

void Gatekeeper::Committed(std::string_view point, std::string_view run, JsonView payload) {
  const std::lock_guard lock(mutex_);
  if (point == "model.after") {
    holds_.Store(ModelKey(payload));
  } else if (point == "PreToolUse") {
    holds_.Store(ToolKey(run, payload));
  } else if (point == "PostToolUse") {
    holds_.Store(CreationKey(run, payload));
  } else {
    holds_.Store(EndKey(payload["run"].AsString()));
  }
}

bool Gatekeeper::WatchesTime() const {
  return limits_.BoundAnywhere(Resource::kWallTime);
}

Task<void> Gatekeeper::Watch() {
  std::vector<Facts> overdue;
  {
    const std::lock_guard lock(mutex_);
    overdue = clock_.Overdue(NowMs());
  }
  for (Facts& facts : overdue) {
    co_await StopWhenOver(std::move(facts));
  }
}

// Looks again: the limit may have been raised since, here or on another host.
Task<void> Gatekeeper::StopWhenOver(Facts facts) {
  std::vector<Demand> demands = DemandsOf(limits_.For(facts), facts, Action::kModelCall, Amounts(), Today());
  std::erase_if(demands, [](const Demand& demand) { return demand.resource != Resource::kWallTime; });
  std::vector<Scope> scopes;
  for (const Demand& demand : demands) {
    scopes.push_back(demand.scope);
  }
  const Result<Books> books = co_await Look(KeysOf(demands), scopes, 0);
  std::optional<Breach> breach;
  {
    const std::lock_guard lock(mutex_);
    if (!books.ok()) {
      clock_.SetRemaining(facts.run, 0, NowMs());
      co_return;
    }
    const std::uint64_t read = holds_.BeginRead();
    bool is_certain = true;
    const Asked asked{.facts = facts};
    const auto besides = [&](const Demand& demand) { return BesidesOf(asked, demand, read, is_certain); };
    breach = FindBreach(demands, *books, besides);
    if (!breach) {
      LimitTime(facts.run, demands, *books, besides);
    }
    holds_.EndRead(read);
    if (!breach) {
      co_return;
    }
  }
  co_await Announce(facts, *breach, "interrupted", 0);
  host_.Count("budget_interrupts_total", 1, JsonObject()("limit", breach->demand.limit->id).Take());
  tutti::Pending stopping = host_.InvokeCommand(0, "runs.interrupt", JsonObject()("run", facts.run).Take());
  const Result<std::string> stopped = co_await std::move(stopping);
  if (!stopped.ok()) {
    host_.Log(TUTTI_LOG_WARNING, "a run whose time is over could not be stopped",
              JsonObject()("run", facts.run)("error", stopped.status().ToString()).Take());
  }
}

Task<void> Gatekeeper::Clean() {
  const std::int64_t now = times_.unix_micros();
  const Result<StoreReply> cleaned = co_await Execute(
      host_, 0, CleanBatch(DayOf(now - settings_.run_retention_days * kMicrosPerDay), now - kMicrosPerDay));
  if (!cleaned.ok() && cleaned.status().code() != Code::kUnavailable) {
    host_.Log(TUTTI_LOG_WARNING, "old rows of budgets could not be removed",
              JsonObject()("error", cleaned.status().ToString()).Take());
  }
}

Task<Result<std::string>> Gatekeeper::Raise(JsonView args, Call call) {
  const Limit* limit = limits_.Find(args["limit"].AsString());
  if (limit == nullptr) {
    co_return Status::NotFound("there is no limit " + JsonQuote(args["limit"].AsString()) +
                               "; GET /v1/budgets lists them");
  }
  std::vector<Resource> bounded;
  for (std::size_t i = 0; i < kResources; ++i) {
    if (limit->bounds[i]) {
      bounded.push_back(static_cast<Resource>(i));
    }
  }
  const std::string_view named = args["resource"].AsString();
  const std::optional<Resource> resource = named.empty() ? std::optional(bounded.front()) : FindResource(named);
  if (!resource || !limit->bound(*resource) || (named.empty() && bounded.size() > 1)) {
    std::string names;
    for (const Resource known : bounded) {
      names += (names.empty() ? "" : ", ") + std::string(NameOf(known));
    }
    co_return Status::InvalidArgument("expected `resource` to be one that the limit " + limit->id + " bounds (" +
                                      names + "), found " + JsonQuote(named));
  }
  const bool is_server = limit->scope == ScopeKind::kServer;
  budget::Raise raise{.id = std::string(args["approval"].AsString())};
  raise.limit = limit->id;
  raise.scope = {limit->scope, is_server ? "" : std::string(args["scope_id"].AsString())};
  raise.day = limit->is_per_day ? std::string(args["day"].AsString(Today())) : "";
  raise.resource = *resource;
  raise.by = call.principal();
  if (!IsUuid(raise.id)) {
    raise.id = NewUuid();
  }
  if (!is_server && raise.scope.id.empty()) {
    co_return Status::InvalidArgument("expected `scope_id`, the id of the " + std::string(NameOf(limit->scope)) +
                                      " that the limit " + limit->id + " is raised for, found none");
  }
  const std::optional<std::int64_t> at_least = FromNumber(*resource, args["at_least"]);
  raise.amount = std::max(*limit->bound(*resource), at_least.value_or(0));
  if (args["amount"].is_number()) {
    raise.amount = FromNumber(*resource, args["amount"]).value_or(0);
  }
  if (raise.amount <= 0) {
    co_return Status::InvalidArgument("expected `amount` to be a positive number, found " + args["amount"].Dump());
  }
  Batch batch;
  batch.Add(InsertRaise(raise));
  const std::string answer =
      JsonObject()("limit", raise.limit)("scope", NameOf(raise.scope.kind))("scope_id", raise.scope.id)
          .OrNull("day", raise.day)("resource", NameOf(raise.resource))
          .Raw("raised", ToNumber(raise.resource, raise.amount))
          .Take();
  const std::string stream(args["stream"].AsString(call.stream()));
  if (!stream.empty()) {
    JsonObject data;
    data("type", "budget.raised").Raw("raise", answer)("by", raise.by)("timestamp", NowIso());
    batch.Add(Op::Append(stream, "budget.raised", data.Take()));
  }
  const Result<StoreReply> stored = co_await Execute(host_, call.id(), batch.Take());
  if (stored.status().code() == Code::kAlreadyExists) {
    co_return answer;  // every run that waited for the approval says so, and it raises once
  }
  if (!stored.ok()) {
    co_return stored.status();
  }
  host_.Count("budget_raises_total", 1, JsonObject()("limit", raise.limit).Take());
  co_return answer;
}

Amounts Gatekeeper::Reserved(const Scope& scope) const {
  const std::lock_guard lock(mutex_);
  return holds_.Open(scope);
}

}  // namespace tutti::budget
