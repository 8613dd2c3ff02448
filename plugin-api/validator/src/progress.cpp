#include "progress.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace tutti::validator {
namespace {

constexpr std::size_t kSize = 512;

// Shared with the child; nullptr when the system gave none.
char* Place() {
  static char* const place = [] {
    void* made = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return made == MAP_FAILED ? nullptr : static_cast<char*>(made);
  }();
  return place;
}

}  // namespace

void SetProgress(std::string_view what) {
  if (char* place = Place()) {
    const std::size_t size = std::min<std::size_t>(what.size(), 500);
    std::memcpy(place, what.data(), size);
    std::memset(place + size, 0, kSize - size);
  }
}

void ResetProgress() {
  SetProgress({});
}

std::string LastProgress() {
  const char* place = Place();
  return place == nullptr ? std::string() : std::string(place, strnlen(place, kSize));
}

}  // namespace tutti::validator
