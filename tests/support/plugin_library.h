// Opens a built plugin library and hands out what creates the plugin, so that a test sees exactly what the host loads.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tutti/abi/plugin.h"

namespace tutti::testing {

// Stays open until the process ends, like in the host.
inline const tutti_entry& OpenPlugin(const char* library) {
  void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    ADD_FAILURE() << ::dlerror();
    std::abort();
  }
  return *static_cast<const tutti_entry*>(::dlsym(handle, TUTTI_ENTRY_SYMBOL));
}

}  // namespace tutti::testing
