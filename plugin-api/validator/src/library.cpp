#include "library.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <string>

namespace tutti::validator {

Result<const tutti_entry*> LoadEntry(const PluginFolder& folder) {
  boost::dll::fs::error_code error;
  // Never freed: a plugin's code stays mapped until the process ends.
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks)
  auto* library = new boost::dll::shared_library();
  library->load(folder.library, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    const char* reason = dlerror();  // Boost.DLL's own message can lose it
    return Status::NotFound(folder.library.string() +
                            " could not be loaded: " + (reason != nullptr ? reason : error.message()));
  }
  if (!library->has(TUTTI_ENTRY_SYMBOL)) {
    return Status::NotFound("expected the exported constant " TUTTI_ENTRY_SYMBOL ", found none in " +
                            folder.library.string());
  }
  return &library->get<const tutti_entry>(TUTTI_ENTRY_SYMBOL);
}

Status CheckEntry(const tutti_entry* entry) {
  if (entry->magic != TUTTI_ENTRY_MAGIC) {
    return Status::InvalidArgument("expected the magic number " + std::to_string(TUTTI_ENTRY_MAGIC) +
                                   " at the start of the entry, found " + std::to_string(entry->magic));
  }
  if (!TUTTI_HAS(entry, tutti_entry, create)) {
    return Status::InvalidArgument("expected an entry of at least " + std::to_string(sizeof(tutti_entry)) +
                                   " bytes, found size " + std::to_string(entry->size));
  }
  if (entry->abi_major != TUTTI_ABI_MAJOR) {
    return Status::InvalidArgument("expected ABI major " + std::to_string(TUTTI_ABI_MAJOR) + ", found " +
                                   std::to_string(entry->abi_major) + "; build against this tutti's headers");
  }
  if (entry->id == nullptr || *entry->id == '\0' || entry->version == nullptr || *entry->version == '\0') {
    return Status::InvalidArgument("expected an id and a version in the entry, found an empty one");
  }
  if (entry->create == nullptr) {
    return Status::InvalidArgument("expected a create function in the entry, found NULL");
  }
  return {};
}

Result<const tutti_entry*> LoadUsableEntry(const PluginFolder& folder) {
  Result<const tutti_entry*> entry = LoadEntry(folder);
  if (!entry.ok()) {
    return entry;
  }
  const Status status = CheckEntry(*entry);
  return status.ok() ? entry : Result<const tutti_entry*>(status);
}

}  // namespace tutti::validator
