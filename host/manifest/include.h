// Reads a manifest file together with what it includes, as one tree.
#pragma once

#include <optional>
#include <string>

#include "host/manifest/node.h"
#include "host/manifest/variables.h"

namespace tutti::host {

// An included file is laid over the file that names it, in the order of the list; the matches of a pattern in the order
// of their names. Maps are merged key by key and scalars replaced; entries of `plugins` are merged by id or appended,
// those of `plugin_path` appended, every other list is replaced. Names are relative to the file that contains them. A
// pattern may match nothing, a plain name must exist. Nothing is returned when the first file cannot be read.
std::optional<Node> ReadWithIncludes(const std::string& file, const Variables& variables, Problems& problems);

}  // namespace tutti::host
