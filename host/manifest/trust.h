// Decides how far a plugin is trusted: where it runs, what it is granted, and whether it may be loaded at all.
//
// First-party is what came with the program: an id that begins with "tutti." and a folder in the program's own plugin
// directories. It runs in the host with the permissions it asks for. So does what an operator pinned, as long as it is
// what was pinned. Everything else runs in a process of its own, with what the manifest grants and nothing more.
//
// Reads the library, plugin.sig and the links of the plugin's folder; otherwise plain values, no threads.
#pragma once

#include <string>
#include <vector>

#include "host/manifest/host_settings.h"
#include "host/manifest/lock_file.h"
#include "host/manifest/manifest.h"
#include "host/manifest/plugin_search.h"

namespace tutti::host {

struct TrustRules {
  TrustSettings settings;
  LockFile lock;
  std::string lock_path;                     // for messages
  std::vector<std::string> own_directories;  // of the program
};

// Whether it came with the program.
bool IsFirstParty(const PluginManifest& plugin, const std::vector<std::string>& own_directories);

// What is beside plugin.yaml against the keys. `library_sha256` is the library's digest.
SignatureCheck CheckPluginSignature(const PluginManifest& plugin, const std::string& library_sha256,
                                    const std::vector<std::string>& keys);

// "unsigned", "signed by the unknown key K" and so on.
std::string ToString(const SignatureCheck& check);

// Fills in isolation, grants and trust of an entry whose other members have been read; `node` is the entry in the
// manifest, whose `grants` are in `entry.grants` already. What the operator wrote and cannot be is a problem at its
// place; what the plugin lacks is entry.trust.refusal.
void DecideTrust(const TrustRules& rules, const FoundPlugin& found, const Node& node, PluginEntry& entry,
                 Problems& problems);

}  // namespace tutti::host
