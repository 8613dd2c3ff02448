#include "host/sandbox/descriptors.h"

#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>

namespace tutti::host {
namespace {

void CloseBetween(int first, int last) {
  if (first > last || ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0) {
    return;
  }
  // Kernels before 5.9.
  for (int descriptor = first; descriptor <= last; ++descriptor) {
    ::close(descriptor);
  }
}

}  // namespace

void CloseDescriptorsExcept(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  int next = STDERR_FILENO + 1;
  for (const int descriptor : kept) {
    if (descriptor >= next) {
      CloseBetween(next, descriptor - 1);
      next = descriptor + 1;
    }
  }
  ::closefrom(next);
}

}  // namespace tutti::host
