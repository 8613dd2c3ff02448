// The plugin inside its process: its object, its tables, and the calls that reach them.
//
// Threads: Create, Init, Activate, Deactivate, Destroy on the process' main thread; Take, TakeEvents, TakeStats on the
// thread that reads, they run no plugin code themselves.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/isolation/messages.h"
#include "host/isolation/worker_services.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/plugin.h"

namespace tutti::host {

class WorkerPlugin {
 public:
  // `kinds` as plugin.yaml declares them.
  WorkerPlugin(std::string id, std::vector<std::string> kinds, WorkerServices services);
  WorkerPlugin(const WorkerPlugin&) = delete;
  WorkerPlugin& operator=(const WorkerPlugin&) = delete;

  Status Create(const tutti_entry& entry);
  Result<KindsReport> Init(std::string_view config);
  Status Activate();
  // Waits for on_events first: the host has stopped sending, not the plugin taking.
  void Deactivate();
  void Destroy();

  // What is to run for a frame; see WorkerLink::Handler.
  Result<Executor::Work> Take(const Frame& frame);
  Result<Executor::Work> TakeEvents(const Frame& frame);
  Result<Executor::Work> TakeStats(const Frame& frame);

 private:
  struct Batch {
    std::uint64_t id = 0;
    std::string fields;
  };

  struct Tables;

  template <typename Fn>
  Status Guarded(const char* what, Fn fn);
  // Takes over a table that the plugin declares to have, once it is as it must be.
  template <typename Table>
  Status Fetch(const char* kind, const char* id, const Table** table);
  void Run(CallOp op, tutti_call call, std::string_view fields);
  void DrainEvents();
  void GiveBatch(const Batch& batch);

  const std::string id_;
  const std::vector<std::string> kinds_;
  WorkerServices services_;
  tutti_host host_;
  tutti_plugin plugin_{};
  std::shared_ptr<const Tables> tables_;  // written by Init, before anything is called
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Batch> batches_;      // guarded by mutex_
  bool is_giving_events_ = false;  // guarded by mutex_
};

}  // namespace tutti::host
