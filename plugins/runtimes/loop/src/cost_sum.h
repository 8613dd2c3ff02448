// CostSum: what the model calls of a run cost together, as far as that is known.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace tutti::loop {

// Not thread-safe.
class CostSum {
 public:
  // One call; absent: its price is unknown.
  void Add(std::optional<double> usd) {
    if (!usd || !std::isfinite(*usd) || *usd < 0) {
      ++unpriced_calls_;
      return;
    }
    ++priced_calls_;
    // Whole picodollars: a sum of doubles would drift.
    pico_dollars_ += std::llround(std::min(*usd, kMaxCallUsd) * kPicoDollarsPerDollar);
  }

  // Goes on from the sums of a run that was cut off.
  void Restore(std::optional<double> usd, std::int64_t unpriced_calls) {
    unpriced_calls_ = unpriced_calls;
    if (usd) {
      Add(usd);
    }
  }

  // What the calls of known price cost; absent when there were only others.
  [[nodiscard]] std::optional<double> usd() const {
    if (priced_calls_ == 0 && unpriced_calls_ > 0) {
      return std::nullopt;
    }
    return static_cast<double>(pico_dollars_) / kPicoDollarsPerDollar;
  }

  [[nodiscard]] std::int64_t unpriced_calls() const { return unpriced_calls_; }

 private:
  static constexpr double kPicoDollarsPerDollar = 1e12;
  static constexpr double kMaxCallUsd = 1000;  // keeps thousands of calls inside 64 bits

  std::int64_t pico_dollars_ = 0;
  std::int64_t priced_calls_ = 0;
  std::int64_t unpriced_calls_ = 0;
};

}  // namespace tutti::loop
