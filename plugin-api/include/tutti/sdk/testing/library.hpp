// LoadLibrary: a built plugin library in a FakeHost, so that a test sees exactly what a host would load, whatever
// language it was written in.
//
//   tutti::testing::FakeHost host;
//   tutti::testing::LoadedPlugin plugin = tutti::testing::LoadLibrary(host, TUTTI_PLUGIN_LIBRARY);
//   ASSERT_TRUE(plugin.Start(R"({"pattern":"rm -rf"})").ok());
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "tutti/abi/plugin.h"
#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/loaded_plugin.hpp"

namespace tutti::testing {

// The entry of the library at `path`, which stays open until the process ends, like in the host. Throws
// std::runtime_error with what the loader found wrong.
inline const tutti_entry& OpenEntry(const std::string& path) {
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    throw std::runtime_error(std::string("expected a plugin library, found: ") + ::dlerror());
  }
  const auto* entry = static_cast<const tutti_entry*>(::dlsym(handle, TUTTI_ENTRY_SYMBOL));
  if (entry == nullptr || entry->magic != TUTTI_ENTRY_MAGIC) {
    throw std::runtime_error("expected the symbol " TUTTI_ENTRY_SYMBOL " with its magic number in " + path +
                             ", found another library; is TUTTI_PLUGIN in one of its sources?");
  }
  return *entry;
}

inline LoadedPlugin LoadLibrary(FakeHost& host, const std::string& path) {
  return LoadedPlugin(host, OpenEntry(path).create);
}

}  // namespace tutti::testing
