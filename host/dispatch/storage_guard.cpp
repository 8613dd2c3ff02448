#include "host/dispatch/storage_guard.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using std::chrono::milliseconds;

constexpr std::array<StorageGuard::Lane, 2> kLanes = {StorageGuard::Lane::kWrite, StorageGuard::Lane::kRead};
constexpr milliseconds kFullRetry{500};

// Clients that come back at once would only be refused again.
constexpr milliseconds kLeastRetry{250};

std::string Seconds(milliseconds time) {
  return std::to_string((time.count() + 500) / 1000) + " s";
}

std::string_view What(StorageGuard::Lane lane) {
  return lane == StorageGuard::Lane::kWrite ? "nothing can be stored" : "nothing can be read";
}

}  // namespace

StorageGuard::StorageGuard(const Settings& settings, OnChange on_change, CircuitBreaker::Clock clock)
    : settings_(settings),
      on_change_(std::move(on_change)),
      clock_(clock),
      write_(settings.breaker, clock),
      read_(settings.breaker, clock) {}

Result<StorageGuard::Ticket> StorageGuard::Enter(Lane lane, bool is_urgent) {
  Ticket ticket{lane, {}, 0};
  if (!is_urgent) {
    ticket.pass = Of(lane).Enter();
    if (!ticket.pass.is_admitted) {
      const CircuitBreaker::View view = Of(lane).view();
      return Status::Unavailable("the database is in trouble for " + Seconds(view.failing_for) + ": " +
                                 view.last_error + "; try again later, /health/ready says when it is back")
          .WithRetryAfter(std::max(ticket.pass.retry_after, kLeastRetry));
    }
  }
  const std::unique_lock lock(mutex_);
  if (!is_urgent && flights_.size() >= settings_.waiting) {
    Of(lane).Leave(ticket.pass);
    return Status::Unavailable("expected at most " + std::to_string(settings_.waiting) +
                               " batches to wait for the database (host.storage.waiting), found that many; try again "
                               "later")
        .WithRetryAfter(kFullRetry);
  }
  ticket.flight = ++next_;
  flights_.emplace_hint(flights_.end(), ticket.flight, Flight{lane, clock_()});
  return ticket;
}

bool StorageGuard::Land(std::uint64_t flight) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(flight);
  if (found == flights_.end()) {
    return false;
  }
  const bool was_overdue = found->second.is_overdue;
  flights_.erase(found);
  return was_overdue;
}

void StorageGuard::Leave(const Ticket& ticket, const Status& status) {
  const bool was_overdue = Land(ticket.flight);
  if (status.code() == Code::kUnavailable) {
    Tell(ticket.lane, Of(ticket.lane).Failed(status.message()));
  } else if (was_overdue || status.code() == Code::kDeadlineExceeded || status.code() == Code::kCancelled) {
    Of(ticket.lane).Leave(ticket.pass);
  } else {
    // It answered, if only to refuse the batch.
    Tell(ticket.lane, Of(ticket.lane).Succeeded());
  }
}

void StorageGuard::Abandon(const Ticket& ticket) {
  Land(ticket.flight);
  Of(ticket.lane).Leave(ticket.pass);
}

void StorageGuard::SetHealthy() {
  for (const Lane lane : kLanes) {
    Tell(lane, Of(lane).Succeeded());
  }
}

void StorageGuard::Look() {
  if (settings_.slow.count() <= 0) {
    return;
  }
  const CircuitBreaker::Time now = clock_();
  std::vector<Lane> overdue;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [number, flight] : flights_) {
      if (now - flight.began < settings_.slow) {
        break;
      }
      if (!std::exchange(flight.is_overdue, true)) {
        overdue.push_back(flight.lane);
      }
    }
  }
  for (const Lane lane : overdue) {
    Tell(lane, Of(lane).Failed("the database has not answered within " + std::to_string(settings_.slow.count()) +
                               " ms (host.storage.breaker.slow_ms)"));
  }
}

std::size_t StorageGuard::waiting() const {
  const std::lock_guard lock(mutex_);
  return flights_.size();
}

std::string StorageGuard::Reason() const {
  for (const Lane lane : kLanes) {
    const CircuitBreaker::View view = OfConst(lane).view();
    if (view.state != CircuitBreaker::State::kClosed) {
      return std::string(What(lane)) + " for " + Seconds(view.failing_for) + ": " + view.last_error +
             "; requests that need the database are answered with 503, runs wait at their step; repair the database "
             "or the way to it, everything goes on by itself";
    }
  }
  return {};
}

std::string StorageGuard::ToJson() const {
  JsonObject json;
  for (const Lane lane : kLanes) {
    const CircuitBreaker::View view = OfConst(lane).view();
    json.Raw(ToString(lane),
             JsonObject()("state", ToString(view.state))("opened", view.opened)("refused", view.refused)(
                 "failing_ms", view.failing_for.count())("last_error", view.last_error)
                 .Take());
  }
  return json.Take();
}

void StorageGuard::Tell(Lane lane, CircuitBreaker::Change change) {
  if (change != CircuitBreaker::Change::kNone && on_change_) {
    on_change_(lane, change, Of(lane).view());
  }
}

std::string_view ToString(StorageGuard::Lane lane) {
  return lane == StorageGuard::Lane::kWrite ? "write" : "read";
}

bool OnlyReads(std::string_view ops) {
  constexpr std::array<std::string_view, 4> kReading = {"\"query\"", "\"get\"", "\"journal\"", "\"heads\""};
  bool only = true;
  JsonElements(ops, [&](std::string_view op) {
    only = only && std::find(kReading.begin(), kReading.end(), JsonMember(op, "op")) != kReading.end();
  });
  return only;
}

}  // namespace tutti::host
