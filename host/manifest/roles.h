// Which plugin is the storage, the model and the runtime.
#pragma once

#include <string>
#include <vector>

#include "host/manifest/listing.h"
#include "host/manifest/manifest.h"
#include "host/manifest/node.h"
#include "host/manifest/variables.h"

namespace tutti::host {

// A role names a plugin by `as` or by id. `auto`, also the default: for storage tutti.storage.postgresql when
// DATABASE_URL is set, else tutti.storage.sqlite; for model tutti.models.anthropic when ANTHROPIC_API_KEY is set, else
// tutti.models.rehearsal; when that one is not enabled, and for runtime, the only enabled plugin of the kind.
// Storage and model plugins that are not chosen, and serve nothing else, get `chosen` = false.
// `storage`: id of a plugin that is the storage whatever the manifest says, also when it is switched off; empty: none.
Roles ResolveRoles(const Node& root, const Variables& variables, const std::string& storage,
                   std::vector<ListedPlugin>& listed, Problems& problems);

}  // namespace tutti::host
