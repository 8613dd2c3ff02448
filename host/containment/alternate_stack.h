// A stack for signal handlers, so that a thread which has used up its own can still say where it died.
#pragma once

#include <cstddef>

namespace tutti::host {

// The calling thread's, from construction until destruction, both on that thread. Leaves alone one that is there
// already, such as a sanitizer's.
class AlternateStack {
 public:
  AlternateStack();
  ~AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tutti::host
