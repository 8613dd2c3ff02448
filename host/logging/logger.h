// The host's log: lines are queued by whoever writes and stored by one thread, so that writing never waits for a disk
// or a terminal.
//
// Threads: Write, WriteJson, IsEnabled, SetLevel, Reopen and dropped from any thread. The queue is bounded; when it is
// full a line is dropped and counted, and the next line that is stored is preceded by one that tells how many.
// Ownership: owns its thread and file; the destructor stores what is queued.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "host/logging/log_file.h"
#include "host/logging/log_line.h"
#include "host/logging/logger_options.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class Logger {
 public:
  // Opens the file; a failure names it and says why.
  static Result<std::unique_ptr<Logger>> Create(LoggerOptions options);

  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  [[nodiscard]] bool IsEnabled(LogLevel level) const {
    return static_cast<std::int32_t>(level) >= level_.load(std::memory_order_relaxed);
  }

  void SetLevel(LogLevel level) { level_.store(static_cast<std::int32_t>(level), std::memory_order_relaxed); }

  // `message` is a constant sentence, what varies is in the fields: Write(LogLevel::kDebug, "request", {{"path",
  // path}}).
  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) {
    if (IsEnabled(level)) {
      WriteEnabled(level, message, {fields.begin(), fields.size()}, {});
    }
  }

  // With the members of a flat JSON object after `fields`; for lines that come from plugins.
  void WriteJson(LogLevel level, std::string_view message, std::string_view json_fields,
                 std::initializer_list<LogField> fields = {}) {
    if (IsEnabled(level)) {
      WriteEnabled(level, message, {fields.begin(), fields.size()}, json_fields);
    }
  }

  // Opens the file again before the next line; for SIGHUP, after a program has moved it.
  void Reopen();

  // Waits until every line written so far is stored. False when `limit` passed first.
  bool Flush(std::chrono::milliseconds limit);

  // Lines lost since the start: the queue was full, or the file could not be written.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  // Empty text: open the file again here.
  struct Line {
    std::int64_t time_us;
    std::string text;
  };

  explicit Logger(const LoggerOptions& options);
  void WriteEnabled(LogLevel level, std::string_view message, std::span<const LogField> fields,
                    std::string_view json_fields);
  void Run();
  void Store(const Line& line);

  const std::size_t capacity_;
  const bool console_;
  std::atomic<std::int32_t> level_;
  std::atomic<std::uint64_t> dropped_{0};
  std::unique_ptr<LogFile> file_;  // the thread's, once it runs

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable stored_;
  std::deque<Line> queue_;          // guarded by mutex_
  std::uint64_t untold_ = 0;        // dropped lines not told yet; guarded by mutex_
  std::uint64_t accepted_ = 0;      // guarded by mutex_
  std::uint64_t stored_count_ = 0;  // guarded by mutex_
  bool stopping_ = false;           // guarded by mutex_

  std::thread thread_;
};

}  // namespace tutti::host
