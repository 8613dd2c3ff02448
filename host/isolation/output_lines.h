// Cuts what a process prints into lines for the log.
//
// Plain class; one thread at a time. Bounds: `max_line` bytes per line, the rest of a longer one becomes further lines;
// `max_per_second` lines, more are counted and dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tutti::host {

class OutputLines {
 public:
  using Clock = std::chrono::steady_clock;
  using Take = std::function<void(std::string_view line)>;

  static constexpr std::size_t kMaxLine = 4096;
  static constexpr std::uint32_t kMaxPerSecond = 200;

  explicit OutputLines(Take take) : take_(std::move(take)) {}

  void Add(std::string_view bytes, Clock::time_point now);

  // The process ended: what is left is the last line.
  void End(Clock::time_point now);

 private:
  void Give(std::string_view line, Clock::time_point now);

  const Take take_;
  std::string partial_;
  Clock::time_point second_{};
  std::uint32_t in_second_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace tutti::host
