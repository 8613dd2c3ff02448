// News of other hosts on the same database, for the streams that somebody follows: looks at the heads of those streams
// now and then, hears of them sooner when the storage watches (tutti_storage.watch), and reads what has to be read.
//
// Threads: any. Nothing runs while nobody follows a stream.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "host/dispatch/store.h"
#include "host/events/stream_sequencer.h"

namespace tutti::host {

class JournalFeed final : public JournalPort {
 public:
  struct Settings {
    std::chrono::milliseconds poll{1000};        // between two looks at the heads
    std::int64_t page = 500;                     // events read at a time
    std::chrono::milliseconds read_limit{5000};  // a page that takes longer counts as failed
  };

  JournalFeed(Executor& executor, CallTable& calls, Routes& routes, Store& store, StreamSequencer& sequencer,
              Settings settings);
  ~JournalFeed() override;
  JournalFeed(const JournalFeed&) = delete;
  JournalFeed& operator=(const JournalFeed&) = delete;

  // To be called a few times per second; does what is due, on workers.
  void Tick();

  void ReadPage(const std::string& stream, std::uint64_t since, OnPage on_page) override;
  void WantHeads() override;

 private:
  using Clock = std::chrono::steady_clock;

  struct Reading;

  Task<void> Read(std::shared_ptr<Reading> reading);
  // Rounds over the followed streams until none was wanted meanwhile.
  Task<void> Look();
  Task<void> LookAt(const std::vector<std::string>& streams);
  void TakeHeads(const std::vector<std::string>& asked, std::string_view result);

  void WatchWhileFollowed();
  Task<void> Watch(RoutingTablePtr table, NodePtr parent);
  void TakeHint(std::string_view hint);

  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
  Store& store_;
  StreamSequencer& sequencer_;
  const Settings settings_;
  std::atomic<bool> is_wanted_{false};   // a look is wanted now
  std::atomic<bool> is_looking_{false};  // one is under way

  std::mutex mutex_;
  Clock::time_point next_look_;        // guarded by mutex_
  Clock::time_point next_watch_;       // guarded by mutex_
  NodePtr watch_;                      // guarded by mutex_; what the watch runs below
  PluginInstance* watched_ = nullptr;  // guarded by mutex_
};

}  // namespace tutti::host
