// Descriptor: a file descriptor with an owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace tutti::documents {

class Descriptor {
 public:
  Descriptor() = default;

  // Takes it over; negative: none.
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  explicit operator bool() const { return number_ >= 0; }

  [[nodiscard]] int get() const { return number_; }

  // Gives it away.
  [[nodiscard]] int Release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

}  // namespace tutti::documents
