// Writer: brings summaries into their rows, one batch at a time, so that what is announced never goes backwards.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "job.h"
#include "newest.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::summarizer {

// Threads: any. Lives as long as a batch of it is on its way.
class Writer : public std::enable_shared_from_this<Writer> {
 public:
  // `written` is told the key of a job whose row has been dealt with, on any thread, with no lock held.
  Writer(Host host, std::size_t capacity, std::function<void(const std::string& key)> written);

  // Takes it; when too many wait already it is counted and lost, and its row keeps what it has.
  void Add(Summary summary);

  // Operations that belong together, with commas between. The same rule.
  void AddOperations(std::string ops);

  // Whether everything was written before the deadline.
  bool WaitUntilIdle(std::chrono::steady_clock::time_point deadline);

 private:
  struct Item {
    std::optional<Summary> summary;
    std::string ops;  // without a summary
    bool is_newest = false;
  };

  void Push(Item item);
  static Task<void> WriteAll(std::shared_ptr<Writer> self);
  std::vector<Item> TakeRound();
  static Task<void> WriteRound(std::shared_ptr<Writer> self, const std::vector<Item>& items);
  static Task<Status> Store(Host host, std::string ops);

  const Host host_;
  const std::size_t capacity_;
  const std::function<void(const std::string&)> written_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Item> items_;   // guarded by mutex_
  Newest newest_{10000};     // guarded by mutex_
  bool is_writing_ = false;  // guarded by mutex_
};

}  // namespace tutti::summarizer
