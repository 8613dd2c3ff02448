#include "commits.h"

#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

// Whoever does not come back for a result within so many others has given it up.
constexpr std::size_t kMostKept = 4096;
constexpr std::size_t kMostBytes = 16U << 20U;

}  // namespace

Commits::Commits() : writer_(NewUuid()) {}

void Commits::Lost(CommitMark mark, Results results) {
  lost_ = std::move(mark);
  lost_results_ = std::move(results);
}

Status Commits::Settle(Driver& driver, Connection& connection) {
  if (!lost_) {
    return {};
  }
  const Result<bool> made = driver.WasCommitted(connection, *lost_);
  if (!made.ok() && made.status().code() != Code::kUnimplemented) {
    return made.status();
  }
  if (made.ok() && *made) {
    for (auto& [id, result] : lost_results_) {
      bytes_ += result.size();
      order_.push_back(id);
      made_.insert_or_assign(std::move(id), std::move(result));
    }
  }
  while (!order_.empty() && (order_.size() > kMostKept || bytes_ > kMostBytes)) {
    (void)Take(std::string(order_.front()));
    order_.pop_front();
  }
  lost_.reset();
  lost_results_.clear();
  return {};
}

std::optional<std::string> Commits::Take(const std::string& id) {
  const auto found = id.empty() ? made_.end() : made_.find(id);
  if (found == made_.end()) {
    return std::nullopt;
  }
  std::string result = std::move(found->second);
  bytes_ -= result.size();
  made_.erase(found);
  return result;
}

}  // namespace tutti::storage
