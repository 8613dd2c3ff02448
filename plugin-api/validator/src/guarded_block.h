// Bytes with nothing readable behind them: whoever reads or writes past the end crashes, there and then.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutti::validator {

// Aligned to eight bytes, as long as `size` is a multiple of eight. Ownership: frees its pages.
class GuardedBlock {
 public:
  explicit GuardedBlock(std::size_t size);
  ~GuardedBlock();
  GuardedBlock(const GuardedBlock&) = delete;
  GuardedBlock& operator=(const GuardedBlock&) = delete;

  [[nodiscard]] void* data() const { return data_; }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::size_t mapped_ = 0;
  void* pages_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace tutti::validator
