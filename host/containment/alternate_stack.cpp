#include "host/containment/alternate_stack.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tutti::host {

namespace {

// Room for unwinding, besides what the kernel saves of a processor with wide registers.
constexpr std::size_t kUsable = 128 * 1024;

}  // namespace

AlternateStack::AlternateStack() {
  stack_t present{};
  if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) {
    return;
  }
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  size_ = kUsable + page;
  void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) {
    return;
  }
  // Below it lies a page nobody may touch.
  (void)::mprotect(memory, page, PROT_NONE);
  stack_t own{};
  own.ss_sp = static_cast<char*>(memory) + page;
  own.ss_size = kUsable;
  if (::sigaltstack(&own, nullptr) != 0) {
    ::munmap(memory, size_);
    return;
  }
  memory_ = memory;
}

AlternateStack::~AlternateStack() {
  if (memory_ == nullptr) {
    return;
  }
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
  ::munmap(memory_, size_);
}

}  // namespace tutti::host
