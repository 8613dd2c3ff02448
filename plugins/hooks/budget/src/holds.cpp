#include "holds.h"

#include <algorithm>
#include <utility>

namespace tutti::budget {
namespace {

bool Contains(const std::vector<Scope>& scopes, const Scope& scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

}  // namespace

void Holds::Reserve(const std::string& key, const std::string& run, std::vector<Scope> scopes, const Amounts& amounts,
                    bool is_asked, std::int64_t now_ms) {
  holds_[key] = {.run = run,
                 .scopes = std::move(scopes),
                 .amounts = amounts,
                 .state = State::kReserved,
                 .is_asked = is_asked,
                 .since_ms = now_ms};
}

void Holds::Settle(const std::string& key, const std::string& run, std::vector<Scope> scopes, const Amounts& amounts,
                   std::int64_t now_ms) {
  holds_[key] = {
      .run = run, .scopes = std::move(scopes), .amounts = amounts, .state = State::kSettled, .since_ms = now_ms};
}

void Holds::Store(const std::string& key) {
  const auto found = holds_.find(key);
  if (found == holds_.end()) {
    return;
  }
  found->second.state = State::kStored;
  found->second.stored_at = ++clock_;
  DropStored();
}

void Holds::Release(const std::string& key) {
  holds_.erase(key);
}

std::size_t Holds::ReleaseAsked(const std::string& run) {
  return std::erase_if(holds_, [&](const auto& entry) {
    return entry.second.run == run && entry.second.is_asked && entry.second.state == State::kReserved;
  });
}

void Holds::ReleaseReserved(const std::string& run) {
  std::erase_if(holds_,
                [&](const auto& entry) { return entry.second.run == run && entry.second.state == State::kReserved; });
}

void Holds::ForgetSettledBefore(std::int64_t before_ms) {
  std::erase_if(holds_, [&](const auto& entry) {
    return entry.second.state == State::kSettled && entry.second.since_ms < before_ms;
  });
}

std::uint64_t Holds::BeginRead() {
  reads_.insert(++clock_);
  return clock_;
}

void Holds::EndRead(std::uint64_t read) {
  const auto found = reads_.find(read);
  if (found != reads_.end()) {
    reads_.erase(found);
  }
  DropStored();
}

void Holds::DropStored() {
  const std::uint64_t oldest = reads_.empty() ? clock_ + 1 : *reads_.begin();
  std::erase_if(holds_, [&](const auto& entry) {
    return entry.second.state == State::kStored && entry.second.stored_at < oldest;
  });
}

Holds::Sum Holds::SumOf(const Scope& scope, std::uint64_t read, const std::string& except) const {
  Sum sum;
  for (const auto& [key, hold] : holds_) {
    if (key == except || !Contains(hold.scopes, scope) || (hold.state == State::kStored && hold.stored_at < read)) {
      continue;
    }
    // What was settled when the read began may have been committed before the rows were looked at.
    sum.is_certain = sum.is_certain && hold.state == State::kReserved;
    sum.amounts += hold.amounts;
  }
  return sum;
}

Amounts Holds::Open(const Scope& scope) const {
  Amounts amounts;
  for (const auto& [key, hold] : holds_) {
    if (hold.state != State::kStored && Contains(hold.scopes, scope)) {
      amounts += hold.amounts;
    }
  }
  return amounts;
}

}  // namespace tutti::budget
