// Which addresses are whose code: for a crash on a thread that a plugin made itself, and for the lines of a backtrace.
//
// Threads: Keep from any thread, Find from any thread and in a signal handler.
// Bound: 1024 libraries; code beyond that is not named in a crash.
#pragma once

#include <cstdint>

#include "host/containment/plugin_tag.h"

namespace tutti::host {

struct CodeRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  const PluginTag* plugin = nullptr;  // of the first instance made from it
};

// Remembers the library that this address lies in. Libraries are never closed, so it stays true.
void KeepCode(const PluginTag& plugin, const void* address);

// false: no plugin's.
bool FindCode(std::uintptr_t address, CodeRange& found);

}  // namespace tutti::host
