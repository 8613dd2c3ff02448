// What the frames with many fields hold, as values, and how they are written and read.
//
// Plain functions without threads. Views in what was read point into the frame.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/isolation/frame.h"
#include "host/registry/plugin_spec.h"
#include "tutti/abi/core.h"
#include "tutti/abi/events.h"

namespace tutti::host {

// Everything a process needs to become one plugin.
struct WorkerPlan {
  std::string id;
  std::string version;
  std::filesystem::path library;  // as the operator knows it, for sentences
  std::filesystem::path copy;     // what is opened
  std::string sha256;
  std::vector<std::string> kinds;     // that plugin.yaml declares; it is asked for no other
  std::vector<std::string> services;  // ids of the service tables it is given
  std::uint32_t log_levels = 0;       // bit n: lines of level n are kept
  std::uint32_t event_window = 0;     // events of one call on their way
  std::uint64_t event_bytes = 0;      // the same in bytes
  std::uint64_t max_frame = 0;
  std::uint64_t max_waiting = 0;
  std::uint32_t workers = 0;
  std::uint64_t queue = 0;
  std::int64_t ask_timeout_ms = 0;
  PluginGrants grants;
  ProcessLimits limits;
  std::filesystem::path scratch;
};

void Put(FrameWriter& frame, const WorkerPlan& plan);
std::optional<WorkerPlan> ReadWorkerPlan(FieldReader& fields);

// How far the process was shut in.
struct ConfinementReport {
  Confinement level = Confinement::kProcess;
  std::vector<std::string> notes;
};

void Put(FrameWriter& frame, const ConfinementReport& report);
std::optional<ConfinementReport> ReadConfinementReport(FieldReader& fields);

// What a plugin serves; asked for once, after init.
struct KindsReport {
  bool command = false, storage = false, model = false, runtime = false, templates = false, hook = false;
  bool on_point = false, on_events = false;
  std::string definitions;  // of command
  std::string models;       // of model
};

void Put(FrameWriter& frame, const KindsReport& report);
std::optional<KindsReport> ReadKindsReport(FieldReader& fields);

void Put(FrameWriter& frame, const tutti_call_info& info);
// All but the call, which the frame's id is.
tutti_call_info ReadCallInfo(FieldReader& fields, tutti_call call);

void Put(FrameWriter& frame, const tutti_outcome& outcome);
tutti_outcome ReadOutcome(FieldReader& fields);

void Put(FrameWriter& frame, const tutti_event& event);
tutti_event ReadEvent(FieldReader& fields);

}  // namespace tutti::host
