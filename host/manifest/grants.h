// The `grants` of a manifest entry: what the operator gives a plugin.
//
//   grants:
//     services: [store, commands]
//     net: true
//     exec: true
//     path: {read: [/usr/share/dict], write: [data]}     # relative: to the file that says so
//     tables: {org.example.other: {notes: [query]}}      # rights of other plugins on this one's tables
#pragma once

#include <string>

#include "host/manifest/node.h"
#include "host/registry/plugin_spec.h"

namespace tutti::host {

// Schema of the whole section, as YAML on one line.
std::string GrantsSectionSchema();

// All but `tables`. Shapes are the schema's to report. Empty paths, left by empty variables, fall away.
PluginGrants ReadGrants(const Node& section);

}  // namespace tutti::host
