#include "host/containment/code_map.h"

#include <link.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

namespace tutti::host {

namespace {

std::mutex writing;
std::array<CodeRange, 1024> ranges;  // written under `writing`, below `kept` never again
std::atomic<std::size_t> kept{0};

// What dl_iterate_phdr tells of the object around an address.
struct Wanted {
  std::uintptr_t address;
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

int Look(dl_phdr_info* info, std::size_t, void* user) {
  auto& wanted = *static_cast<Wanted*>(user);
  std::uintptr_t begin = ~std::uintptr_t{0};
  std::uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD) {
      begin = std::min<std::uintptr_t>(begin, info->dlpi_addr + part.p_vaddr);
      end = std::max<std::uintptr_t>(end, info->dlpi_addr + part.p_vaddr + part.p_memsz);
    }
  }
  if (wanted.address < begin || wanted.address >= end) {
    return 0;
  }
  wanted.begin = begin;
  wanted.end = end;
  return 1;
}

}  // namespace

void KeepCode(const PluginTag& plugin, const void* address) {
  Wanted wanted{reinterpret_cast<std::uintptr_t>(address)};
  if (dl_iterate_phdr(&Look, &wanted) == 0) {
    return;
  }
  const std::lock_guard lock(writing);
  CodeRange known;
  const std::size_t count = kept.load(std::memory_order_relaxed);
  if (count == ranges.size() || FindCode(wanted.begin, known)) {
    return;
  }
  ranges[count] = {wanted.begin, wanted.end, &plugin};
  kept.store(count + 1, std::memory_order_release);
}

bool FindCode(std::uintptr_t address, CodeRange& found) {
  const std::size_t count = kept.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (ranges[i].begin <= address && address < ranges[i].end) {
      found = ranges[i];
      return true;
    }
  }
  return false;
}

}  // namespace tutti::host
