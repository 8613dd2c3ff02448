// What the host needs to know of a plugin before it runs any of its code: from plugin.yaml, the manifest and the lock
// file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/calls/plugin_gate.h"

namespace tutti::host {

// Where a plugin's code runs.
enum class Isolation {
  kHost,     // in the host's own process
  kProcess,  // in a supervised child behind a socket
};

// How far a child is shut in; each level includes those before it.
enum class Confinement {
  kProcess,   // its own process with resource limits and no_new_privs
  kFiltered,  // and a system call filter
  kFull,      // and namespaces of its own: user, mount, IPC, and network unless granted
};

// What a plugin may reach besides its own computing. Names as in `permissions` of plugin.yaml.
struct PluginGrants {
  std::set<std::string> services;  // store commands models runtimes templates hooks events gateway admin secrets house
  bool net = false;                // sockets other than the one to the host
  bool exec = false;               // starting programs
  std::vector<std::filesystem::path> read_paths;   // absolute; directories with all below them
  std::vector<std::filesystem::path> write_paths;  // the same, and readable
};

// Bounds of a child process.
struct ProcessLimits {
  std::uint64_t memory_mb = 512;
  std::uint64_t files = 256;
  std::uint64_t processes = 64;   // threads count
  std::uint64_t file_mb = 16384;  // the largest file it can write
  std::chrono::milliseconds start_timeout{10000};
  int restarts = 5;  // in `restart_window`; one more and the plugin is quarantined
  std::chrono::milliseconds restart_window{60000};
};

struct PluginSpec {
  std::string id;
  std::string version;
  std::filesystem::path library;
  std::string sha256;  // the library must have this digest; empty: any
  std::vector<std::string> kinds;
  std::string config = "{}";                               // accepted by the schema, defaults filled in
  std::string storage;                                     // schema with grants; empty: owns no tables
  std::map<std::string, std::vector<std::string>> points;  // hook point -> gate | record | observe
  std::map<std::string, int> order;                        // hook point -> place among hooks; default 100
  std::set<std::string> deny_on_fault;                     // hook points that fail closed
  std::set<std::string> allow_on_fault;                    // hook points that fail open
  std::chrono::milliseconds call_timeout{0};               // 0: the host's default
  std::chrono::milliseconds hook_timeout{0};               // 0: the host's default
  std::uint64_t max_running = PluginGate::kNoLimit;        // calls inside at once
  bool required = false;
  int priority = 0;  // among plugins that offer the same thing, such as templates of one name: the highest wins
  PluginGrants grants;
  Isolation isolation = Isolation::kHost;
  Confinement min_confinement = Confinement::kProcess;  // refused when this system gives less
  ProcessLimits process;
  std::string refusal;  // a sentence: it must not be loaded; empty: it may
};

}  // namespace tutti::host
