// From a Node to JSON: by a schema, or by YAML's own rules.
//
// No threads, no ownership beyond the values passed.
#pragma once

#include <set>
#include <string>

#include "host/manifest/node.h"
#include "host/manifest/schema_view.h"
#include "host/manifest/variables.h"

namespace tutti::host {

// Places inside a JSON document, written "[key][0]"; where a problem is known already.
using KnownFaults = std::set<std::string>;

// Types every value by `schema`. Values of the wrong type and unknown keys are reported, left out (null in a list), and
// noted in `faults`.
rapidjson::Value TypeBySchema(const Node& node, const SchemaView& schema, const std::string& at, KnownFaults& faults,
                              Problems& problems, rapidjson::Document::AllocatorType& allocator);

// Unknown keys only.
void FindUnknownKeys(const Node& node, const SchemaView& schema, Problems& problems);

// Adds what is missing and has a default, at every depth. A missing object appears when its own defaults complete it.
// `owner` gives the place of problems in defaults that name variables.
void FillDefaults(rapidjson::Value& value, const SchemaView& schema, const Variables* variables, const Node& owner,
                  Problems& problems, rapidjson::Document::AllocatorType& allocator);

// JSON text by YAML's core rules: null, true, false, numbers; everything else, and everything in quotes, is text.
std::string ToJson(const Node& node);

}  // namespace tutti::host
