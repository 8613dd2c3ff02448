// A storage plugin inside the test that knows journal operations only, over events in memory.
//
// Threads: any. Ownership: borrows executor and calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/calls/call_table.h"
#include "host/events/event.h"
#include "host/executor/executor.h"
#include "host/registry/plugin_instance.h"
#include "host/registry/routing_table.h"

namespace tutti::host {

class MemoryJournal {
 public:
  static constexpr std::string_view kId = "org.example.journal";

  MemoryJournal(Executor& executor, CallTable& calls);

  // A table with this plugin alone.
  [[nodiscard]] RoutingTablePtr MakeTable();

  // Stores an event with the next number of its stream, of which there is one.
  Event Append(const std::string& type = "note", const std::string& agent = {}, const std::string& tree = {});

  // Numbers below are gone from now on.
  void Trim(std::uint64_t first);

  // The next `count` pages fail with this.
  void Fail(const Status& status, int count);

  // While held, pages wait for their answer.
  void Hold();
  void Release();

  // Pages asked for so far, the most at once, and how many wait.
  [[nodiscard]] int pages() const { return pages_.load(); }

  [[nodiscard]] int most_at_once() const { return most_at_once_.load(); }

  [[nodiscard]] std::size_t held();

  // Of the plugin's table.
  void Execute(tutti_call call, std::string batch);

 private:
  void Answer(tutti_call call, const std::string& batch);
  [[nodiscard]] std::string Page(const std::string& batch);

  Executor& executor_;
  CallTable& calls_;
  PluginInstance instance_;
  std::mutex mutex_;
  std::vector<Event> events_;                // guarded by mutex_
  std::uint64_t first_ = 1;                  // guarded by mutex_
  Status failure_;                           // guarded by mutex_
  int failures_ = 0;                         // guarded by mutex_
  bool is_holding_ = false;                  // guarded by mutex_
  std::vector<std::function<void()>> held_;  // guarded by mutex_
  std::atomic<int> pages_{0};
  std::atomic<int> at_once_{0};
  std::atomic<int> most_at_once_{0};
};

}  // namespace tutti::host
