// Sessions whose connections were lost, and that the server may still keep: with their locks, and with a transaction
// that nobody will end.
//
// Threads: any.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tutti::storage::postgresql {

class LostSessions {
 public:
  // `session` is PostgresqlConnection's name of it.
  void Add(std::string session) {
    const std::lock_guard lock(mutex_);
    // More are lost only while none can be ended; the server's own time limits end those.
    if (sessions_.size() < kMost) {
      sessions_.push_back(std::move(session));
    }
  }

  // Takes all.
  std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sessions_, {});
  }

 private:
  static constexpr std::size_t kMost = 256;

  std::mutex mutex_;
  std::vector<std::string> sessions_;  // guarded by mutex_
};

}  // namespace tutti::storage::postgresql
