// Keeps one plugin's process alive: starts it, watches it, says how it died, starts it again with growing delays, and
// gives it up when it dies too often.
//
// Threads: Start and Stop on the control thread; the rest from any. A thread of its own is the parent of the process
// and watches it; each start is carried out by another, so that output and death are seen meanwhile.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/isolation/restart_policy.h"
#include "host/isolation/worker_process.h"
#include "host/isolation/worker_report.h"
#include "host/isolation/worker_session.h"

namespace tutti::host {

class WorkerSupervisor {
 public:
  struct Settings {
    std::filesystem::path program;
    WorkerSession::Settings session;
    RestartPolicy::Settings restarts;
    std::chrono::milliseconds heartbeat{1000};        // between two looks at a process
    std::chrono::milliseconds hang{10000};            // without an answer, before it is killed
    std::chrono::milliseconds end_patience{2000};     // for a process that was asked to end
    std::uint64_t memory_bytes = 0;                   // resident; 0: no limit
    std::chrono::milliseconds callback_limit{30000};  // for a function that belongs to no call; 0: none
  };

  struct Owner {
    std::string id;
    const tutti_host* host = nullptr;
    PluginGrants grants;
    CallTable* calls = nullptr;
    // Makes a fresh process serve, as far as the plugin had come before.
    std::function<Status(WorkerSession&)> bring_up;
    // TUTTI_LOG_*, a constant sentence, and a flat JSON object.
    std::function<void(std::int32_t level, std::string_view message, std::string fields)> log;
    // It was given up.
    std::function<void(std::string reason)> on_given_up;
  };

  WorkerSupervisor(Owner owner, Settings settings);
  ~WorkerSupervisor();
  WorkerSupervisor(const WorkerSupervisor&) = delete;
  WorkerSupervisor& operator=(const WorkerSupervisor&) = delete;

  // Starts the first process and waits until bring_up has returned; when that fails nothing is left.
  Status Start();

  // The session of a process that serves; nullptr: see Away.
  [[nodiscard]] std::shared_ptr<WorkerSession> Serving() const;

  // The same also while it is brought up.
  [[nodiscard]] std::shared_ptr<WorkerSession> Current() const;

  // Why none serves, with a hint when to try again.
  [[nodiscard]] Status Away() const;

  // Kills the process, which counts as its death by `cause`.
  void End(std::string cause);

  // From here on the end of the process is wanted.
  void ExpectEnd();

  // Ends the process if it has not ended by itself, and the watching.
  void Stop();

  void SetConfinement(ConfinementReport report);

  [[nodiscard]] WorkerReport report() const;

 private:
  void Run();
  // One life of a process, from start to end. Returns why it ended.
  std::string Live();
  std::string Watch(WorkerProcess& process, const std::shared_ptr<WorkerSession>& session);
  void CheckPulse(WorkerProcess& process, WorkerSession& session);
  bool Pause(std::chrono::milliseconds delay);
  // The process has closed its end of the socket, and everything it sent was read.
  void Closed();
  void Wake() const;

  const Owner owner_;
  const Settings settings_;
  RestartPolicy policy_;
  int wake_ = -1;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable closed_;
  std::shared_ptr<WorkerSession> session_;  // guarded by mutex_
  WorkerProcess* process_ = nullptr;        // guarded by mutex_
  bool is_serving_ = false;                 // guarded by mutex_
  bool is_ending_ = false;                  // guarded by mutex_; an end is no death
  bool is_stopping_ = false;                // guarded by mutex_; and it is awaited
  bool is_closed_ = false;                  // guarded by mutex_; of this life
  std::string fault_;                       // guarded by mutex_; of this life
  std::optional<Status> brought_up_;        // guarded by mutex_; of this life
  std::optional<Status> first_start_;       // guarded by mutex_
  std::chrono::milliseconds delay_{0};      // guarded by mutex_
  WorkerReport report_;                     // guarded by mutex_

  // Of the watching thread.
  std::uint64_t pings_ = 0;
  RestartPolicy::Clock::time_point answered_;
};

}  // namespace tutti::host
