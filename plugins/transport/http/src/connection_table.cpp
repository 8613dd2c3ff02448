#include "connection_table.h"

#include <algorithm>

namespace tutti::transport::http {
namespace {

// One for all tables of this library, so that a number of a server that was stopped is never made again.
std::atomic<std::uint64_t> last_sequence{0};

}  // namespace

ConnectionTable::ConnectionTable(std::size_t limit)
    : limit_(std::min<std::size_t>(limit, std::size_t{1} << kSlotBits)), slots_(limit_) {}

void ConnectionTable::ServeWith(std::vector<IoLoop*> loops) {
  const std::lock_guard lock(mutex_);
  loops_ = std::move(loops);
  free_.resize(loops_.size());
}

Connection* ConnectionTable::Acquire() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    const std::size_t index = turn_++ % loops_.size();
    if (!free_[index].empty()) {
      Connection* connection = free_[index].back();
      free_[index].pop_back();
      ++used_;
      return connection;
    }
    if (owned_.size() < limit_) {
      const auto slot = static_cast<std::uint32_t>(owned_.size());
      owned_.push_back(std::make_unique<Connection>(slot, loops_[index]));
      slots_[slot].store(owned_.back().get(), std::memory_order_release);
      ++used_;
      return owned_.back().get();
    }
  }
  return nullptr;
}

void ConnectionTable::Release(Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto owner = std::find(loops_.begin(), loops_.end(), connection.loop);
  free_[static_cast<std::size_t>(owner - loops_.begin())].push_back(&connection);
  if (--used_ == 0) {
    emptied_.notify_all();
  }
}

std::uint64_t ConnectionTable::NewNumber(const Connection& connection) {
  const std::uint64_t sequence = last_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
  return sequence << kSlotBits | connection.slot;
}

Connection* ConnectionTable::Find(std::uint64_t number) const {
  const std::uint64_t slot = number & ((std::uint64_t{1} << kSlotBits) - 1);
  return number == 0 || slot >= slots_.size() ? nullptr : slots_[slot].load(std::memory_order_acquire);
}

std::size_t ConnectionTable::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

bool ConnectionTable::WaitUntilEmpty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, deadline, [this] { return used_ == 0; });
}

void ConnectionTable::ForEach(const std::function<void(Connection&)>& fn) const {
  std::vector<Connection*> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(owned_.size());
    for (const auto& connection : owned_) {
      all.push_back(connection.get());
    }
  }
  for (Connection* connection : all) {
    fn(*connection);
  }
}

}  // namespace tutti::transport::http
