#include "host/logging/logger.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

// A terminal or pipe that takes nothing for this long loses the line: a stop must not hang on its reader.
constexpr int kConsoleWaitMs = 1000;
constexpr std::size_t kConsoleChunk = 4096;

void WriteConsole(std::string_view text) {
  while (!text.empty()) {
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    if (poll(&ready, 1, kConsoleWaitMs) <= 0 || (ready.revents & POLLOUT) == 0) {
      return;
    }
    const ssize_t written = write(STDERR_FILENO, text.data(), std::min(text.size(), kConsoleChunk));
    if (written < 0 && errno != EINTR && errno != EAGAIN) {
      return;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

}  // namespace

Result<std::unique_ptr<Logger>> Logger::Create(LoggerOptions options) {
  std::unique_ptr<Logger> logger(new Logger(options));
  if (!options.file.file.empty()) {
    logger->file_ = std::make_unique<LogFile>(std::move(options.file));
    if (Status status = logger->file_->Open(NowMicros()); !status.ok()) {
      return status;
    }
  }
  logger->thread_ = std::thread([self = logger.get()] { self->Run(); });
  return logger;
}

Logger::Logger(const LoggerOptions& options)
    : capacity_(static_cast<std::size_t>(std::max(options.queue, 1))),
      console_(options.console),
      level_(static_cast<std::int32_t>(options.level)) {}

Logger::~Logger() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Logger::WriteEnabled(LogLevel level, std::string_view message, std::span<const LogField> fields,
                          std::string_view json_fields) {
  const std::int64_t now = NowMicros();
  Line line{now, FormatLogLine(now, level, message, fields, json_fields)};
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= capacity_) {
      ++untold_;
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    if (untold_ > 0) {
      const LogField count("count", std::exchange(untold_, 0));
      queue_.push_back({now, FormatLogLine(now, LogLevel::kWarning, "log lines dropped", {&count, 1})});
      ++accepted_;
    }
    queue_.push_back(std::move(line));
    ++accepted_;
  }
  wake_.notify_one();
}

void Logger::Reopen() {
  {
    const std::lock_guard lock(mutex_);
    if (!queue_.empty() && queue_.back().text.empty()) {
      return;
    }
    queue_.push_back({NowMicros(), {}});
    ++accepted_;
  }
  wake_.notify_one();
}

bool Logger::Flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = accepted_;
  return stored_.wait_for(lock, limit, [&] { return stored_count_ >= target; });
}

void Logger::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    const std::deque<Line> lines = std::exchange(queue_, {});
    lock.unlock();
    for (const Line& line : lines) {
      Store(line);
    }
    lock.lock();
    stored_count_ += lines.size();
    stored_.notify_all();
  }
}

void Logger::Store(const Line& line) {
  if (line.text.empty()) {
    if (file_ && !file_->Open(line.time_us).ok()) {
      WriteConsole("the log file could not be opened again; lines are lost until it can\n");
    }
    return;
  }
  if (console_) {
    WriteConsole(line.text);
  }
  if (file_ && !file_->Write(line.text, line.time_us).ok()) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace tutti::host
