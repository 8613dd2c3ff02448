// plugin.yaml: what a plugin says about itself before any of its code runs.
//
// Example, every key (id, version, abi, kinds and summary are required):
//   id: org.example.redact
//   version: 1.2.0
//   abi: "1.0"                                # boundary revision it was built for
//   library: redact.so                        # beside this file; default <folder>.so
//   kinds: [hook]                             # transport storage hook command model runtime template
//   summary: Masks card numbers in tool arguments.
//   requires: [storage, tutti.commands.runs, "tutti.hooks.guard >= 0.2.0"]   # kinds, or plugins
//   permissions: [store, net]                 # host/manifest/permissions.h; must be granted
//   isolation: [host, process]                # where it can run; default both, of transports [host]
//   exclusive: true                           # never active twice: a reload stops it before the new one; default false
//   points: {PreToolUse: gate, PostToolUse: [record, observe]}
//   order: {PreToolUse: 50}                   # where it stands at a point, unless the manifest says otherwise
//   storage: {namespace: redact, version: 1, tables: {...}}                  # tutti/abi/storage.h
//   config: {type: object, properties: {mode: {type: string, default: mask}}}  # JSON Schema, draft 7
//
// Plain values; no threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/manifest/node.h"
#include "host/manifest/points.h"
#include "host/manifest/problem.h"
#include "host/manifest/schema.h"
#include "host/manifest/version.h"

namespace tutti::host {

struct Requirement {
  std::string name;                // a kind, or a plugin id when it has a dot
  std::optional<Version> minimum;  // of a plugin
  Place place;

  [[nodiscard]] bool is_kind() const { return name.find('.') == std::string::npos; }
};

struct PluginManifest {
  std::string id;
  Version version;
  AbiVersion abi;
  std::string directory;  // absolute
  std::string library;    // absolute
  std::string sha256;     // of plugin.yaml as it was read, lower-case hex
  std::vector<std::string> kinds;
  std::string summary;
  std::vector<Requirement> requirements;
  std::vector<std::string> permissions;
  std::vector<std::string> isolation;  // host, process
  bool exclusive = false;
  std::map<std::string, std::vector<PointMode>> points;
  std::map<std::string, int> order;  // by point; lower runs first, absent is 100
  std::string storage_json;          // schema section with `owner` added; empty without one
  Schema config = Schema::Empty();
  Place place;

  [[nodiscard]] bool Serves(std::string_view kind) const;

  // `where` is host or process.
  [[nodiscard]] bool RunsIn(std::string_view where) const;
};

// The kinds this host knows.
const std::vector<std::string>& KindNames();

// `file` is the path of a plugin.yaml. The manifest is returned whenever its id could be read, and is complete only
// when no problem was added.
std::optional<PluginManifest> ReadPluginManifest(const std::string& file, Problems& problems);

}  // namespace tutti::host
