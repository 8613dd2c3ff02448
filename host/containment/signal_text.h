// Text put together where nothing may be allocated: in a signal handler. What does not fit is cut off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tutti::host {

class SignalText {
 public:
  SignalText& operator<<(std::string_view text) {
    for (const char c : text) {
      if (size_ < sizeof buffer_) {
        buffer_[size_++] = c;
      }
    }
    return *this;
  }

  SignalText& operator<<(std::uint64_t number) { return Digits(number, 10); }

  // With 0x before it.
  SignalText& Hex(std::uint64_t number) { return (*this << "0x").Digits(number, 16); }

  [[nodiscard]] std::string_view view() const { return {buffer_, size_}; }

  void Clear() { size_ = 0; }

 private:
  SignalText& Digits(std::uint64_t number, std::uint64_t base) {
    char digits[20];
    std::size_t at = sizeof digits;
    do {
      digits[--at] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number != 0 && at > 0);
    return *this << std::string_view(digits + at, sizeof digits - at);
  }

  char buffer_[1024];
  std::size_t size_ = 0;
};

}  // namespace tutti::host
