// The plugin's library, loaded as the host loads it, and its entry.
#pragma once

#include <memory>

#include "folder.h"
#include "tutti/abi/plugin.h"
#include "tutti/sdk/status.hpp"

namespace tutti::validator {

// Stays loaded until the process ends, as in the host.
Result<const tutti_entry*> LoadEntry(const PluginFolder& folder);

// OK when `create` may be called through the entry; otherwise what is wrong with it.
Status CheckEntry(const tutti_entry* entry);

// Both in one.
Result<const tutti_entry*> LoadUsableEntry(const PluginFolder& folder);

}  // namespace tutti::validator
