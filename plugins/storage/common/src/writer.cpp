#include "writer.h"

#include <algorithm>
#include <thread>

#include "journal.h"

namespace tutti::storage {
namespace {

// Two hosts that write to the same streams in different order wait for each other, and the database ends one of them.
constexpr int kMostAborted = 32;

Status Expired() {
  constexpr std::chrono::milliseconds kRetry(1000);
  return Status::Unavailable(
             "the database is too slow: the batch waited longer than queue_wait_ms for its turn and was not "
             "stored; try again later")
      .WithRetryAfter(kRetry);
}

}  // namespace

void Writer::Run(std::vector<Job> jobs) {
  if (jobs.size() == 1 && !jobs[0].batch) {
    jobs[0].task(Connect());
    return;
  }
  Outcomes outcomes(jobs.size());
  Expire(jobs, most_wait_, outcomes);
  int lost = 0;
  aborted_ = 0;
  merge_ = true;
  for (Pass pass = Pass::kAgain; pass != Pass::kDone;) {
    auto connection = Connect();
    if (!connection.ok()) {
      FailRest(connection.status(), outcomes);
      break;
    }
    AnswerKnown(jobs, outcomes);
    pass = RunPass(**connection, jobs, outcomes);
    if (pass == Pass::kLost) {
      link_.Discard();
      // Nothing of the group was committed, so a second connection may do it all; a second loss is reported.
      constexpr std::chrono::milliseconds kRetry(1000);
      if (++lost > 1) {
        FailRest(
            Status::Unavailable("the connection to the database was lost; nothing was stored (" + lost_reason_ + ")")
                .WithRetryAfter(kRetry),
            outcomes);
        break;
      }
    }
  }
  batches_ += jobs.size();
  ++groups_;
  Status met = outcomes[0]->status();
  for (const auto& outcome : outcomes) {
    met = outcome->ok() || outcome->status().code() == Code::kUnavailable ? outcome->status() : met;
    if (met.ok()) {
      break;
    }
  }
  health_.Met(met);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].done(std::move(*outcomes[i]));
  }
}

Writer::Pass Writer::RunPass(Connection& connection, std::vector<Job>& jobs, Outcomes& outcomes) {
  const auto waiting = std::count_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return !outcome; });
  if (waiting == 0) {
    return Pass::kDone;
  }
  if (Status status = connection.Control(link_.driver().Begin(link_.access())); !status.ok()) {
    if (!connection.usable()) {
      lost_reason_ = status.message();
      return Pass::kLost;
    }
    FailRest(status, outcomes);
    return Pass::kDone;
  }
  const bool alone = waiting == 1;
  Successes succeeded;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (outcomes[i]) {
      continue;
    }
    if (const auto run = merge_ ? MergeableRun(jobs, i, outcomes) : std::vector<std::size_t>(); run.size() > 1) {
      const Pass merged = RunMerged(connection, jobs, run, succeeded);
      if (merged == Pass::kLost) {
        return Pass::kLost;
      }
      if (merged == Pass::kDone) {
        i = run.back();
        continue;
      }
      merge_ = false;
      if (!connection.in_transaction()) {
        return Pass::kAgain;
      }
    }
    Status status = alone ? Status() : connection.Control("SAVEPOINT batch");
    auto result = status.ok() ? jobs[i].batch->Run(connection) : Result<std::string>(status);
    if (!connection.usable()) {
      lost_reason_ = result.status().message();
      return Pass::kLost;
    }
    if (result.ok()) {
      status = alone ? Status() : connection.Control("RELEASE SAVEPOINT batch");
      if (!status.ok()) {
        outcomes[i] = status;
        link_.Discard();
        return Pass::kAgain;
      }
      succeeded.emplace_back(i, std::move(*result));
      continue;
    }
    if (result.status().code() != Code::kAborted || ++aborted_ > kMostAborted) {
      outcomes[i] = result.status();
    }
    if (!connection.in_transaction()) {
      return Pass::kAgain;
    }
    status = connection.Control(alone ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT batch");
    if (!status.ok()) {
      link_.Discard();
      return Pass::kAgain;
    }
  }
  return Commit(connection, jobs, std::move(succeeded), outcomes);
}

std::vector<std::size_t> Writer::MergeableRun(const std::vector<Job>& jobs, std::size_t first,
                                              const Outcomes& outcomes) {
  std::vector<std::size_t> run;
  for (std::size_t i = first; i < jobs.size(); ++i) {
    if (outcomes[i]) {
      continue;
    }
    if (jobs[i].batch->MergeablePlans().empty()) {
      break;
    }
    run.push_back(i);
  }
  return run;
}

Writer::Pass Writer::RunMerged(Connection& connection, const std::vector<Job>& jobs,
                               const std::vector<std::size_t>& run, Successes& succeeded) {
  std::vector<const CompiledOp*> plans;
  for (const std::size_t index : run) {
    const auto own = jobs[index].batch->MergeablePlans();
    plans.insert(plans.end(), own.begin(), own.end());
  }
  Status status = connection.Control("SAVEPOINT batch");
  auto results =
      status.ok() ? ApplyMerged(connection, link_.driver().dialect(), plans) : Result<std::vector<std::string>>(status);
  if (results.ok()) {
    status = connection.Control("RELEASE SAVEPOINT batch");
  } else if (connection.usable() && connection.in_transaction()) {
    status = connection.Control("ROLLBACK TO SAVEPOINT batch");
  }
  if (!connection.usable() || !status.ok()) {
    lost_reason_ = results.ok() ? status.message() : results.status().message();
    return Pass::kLost;
  }
  if (!results.ok()) {
    return Pass::kAgain;
  }
  auto next = results->begin();
  for (const std::size_t index : run) {
    const auto count = static_cast<std::ptrdiff_t>(jobs[index].batch->MergeablePlans().size());
    succeeded.emplace_back(index, jobs[index].batch->MergedResult({next, next + count}));
    next += count;
  }
  return Pass::kDone;
}

Result<Connection*> Writer::Connect() {
  auto connection = link_.Get();
  if (!connection.ok()) {
    return connection;
  }
  const Status settled = commits_.Settle(link_.driver(), **connection);
  if (!settled.ok()) {
    link_.Discard();
    return settled;
  }
  return connection;
}

void Writer::AnswerKnown(const std::vector<Job>& jobs, Outcomes& outcomes) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (outcomes[i]) {
      continue;
    }
    if (auto result = commits_.Take(jobs[i].batch->id())) {
      outcomes[i] = std::move(*result);
    }
  }
}

Writer::Pass Writer::Commit(Connection& connection, const std::vector<Job>& jobs, Successes succeeded,
                            Outcomes& outcomes) {
  if (!connection.in_transaction()) {
    return PassAfter(outcomes);
  }
  const CommitMark mark = commits_.Next();
  Status status = succeeded.empty() ? connection.Control("ROLLBACK") : connection.Commit(mark);
  if (!status.ok()) {
    const bool is_lost = !connection.usable() && !succeeded.empty();
    lost_reason_ = status.message();
    link_.Discard();
    const std::optional<bool> made = is_lost ? WasCommitted(mark) : std::nullopt;
    if (made && !*made) {
      return Pass::kLost;
    }
    if (made) {
      status = Status();
    } else if (is_lost) {
      Commits::Results results;
      for (const auto& [index, result] : succeeded) {
        if (!jobs[index].batch->id().empty()) {
          results.emplace_back(jobs[index].batch->id(), result);
        }
      }
      commits_.Lost(mark, std::move(results));
      constexpr std::chrono::milliseconds kRetry(1000);
      status = Status::Unavailable("the connection was lost while committing (" + lost_reason_ +
                                   "); whether the batch was stored is unknown: read before trying again")
                   .WithRetryAfter(kRetry);
    }
  }
  for (auto& [index, result] : succeeded) {
    outcomes[index] = status.ok() ? Result<std::string>(std::move(result)) : Result<std::string>(status);
  }
  if (!status.ok()) {
    FailRest(status, outcomes);
  }
  return PassAfter(outcomes);
}

std::optional<bool> Writer::WasCommitted(const CommitMark& mark) {
  constexpr std::chrono::milliseconds kBetween(100);
  const auto give_up = std::chrono::steady_clock::now() + settle_wait_;
  while (true) {
    if (auto connection = link_.Get(); connection.ok()) {
      const Result<bool> made = link_.driver().WasCommitted(**connection, mark);
      if (made.ok()) {
        return *made;
      }
      if (made.status().code() == Code::kUnimplemented) {
        return std::nullopt;
      }
      link_.Discard();
    }
    if (std::chrono::steady_clock::now() >= give_up) {
      return std::nullopt;
    }
    std::this_thread::sleep_for(kBetween);
  }
}

void Writer::Expire(std::vector<Job>& jobs, std::chrono::milliseconds most_wait, Outcomes& outcomes) {
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (now - jobs[i].queued > most_wait) {
      outcomes[i] = Expired();
    }
  }
}

Writer::Pass Writer::PassAfter(const Outcomes& outcomes) {
  const bool is_all =
      std::all_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return outcome.has_value(); });
  return is_all ? Pass::kDone : Pass::kAgain;
}

void Writer::FailRest(const Status& status, Outcomes& outcomes) {
  for (auto& outcome : outcomes) {
    if (!outcome) {
      outcome = status;
    }
  }
}

}  // namespace tutti::storage
