// The `storage` section of a plugin.yaml (format: tutti/abi/storage.h, SCHEMA).
#pragma once

#include <string>
#include <string_view>

#include "host/manifest/node.h"

namespace tutti::host {

// Checks names, types, references within the namespace and columns of constraints. Returns the section as JSON with
// "owner" added, columns in the order of the file.
std::string ReadStorageSection(const Node& section, const std::string& owner, Problems& problems);

// `storage_json` with `grants.tables` of a manifest entry ({plugin: {table: [verbs]}}) added to its own. Unknown tables
// are reported with the nearest.
std::string AddGrants(const std::string& storage_json, const Node& grants, Problems& problems);

// Built-in schema of `grants` here and of `grants.tables` there, shared with the manifest.
inline constexpr std::string_view kGrantsSchema =
    "{type: object, additionalProperties: {type: object, additionalProperties: {type: array, items: "
    "{enum: [query, insert, update, upsert, delete, claim]}}}}";

}  // namespace tutti::host
