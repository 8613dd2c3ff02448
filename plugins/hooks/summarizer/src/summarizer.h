// Summarizer: from events to sentences in rows, in the background.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "event_job.h"
#include "job_queue.h"
#include "model_desk.h"
#include "settings.h"
#include "tutti/abi/events.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"
#include "writer.h"

namespace tutti::summarizer {

// Threads: any. Lives as long as anything of it is on its way.
class Summarizer : public std::enable_shared_from_this<Summarizer> {
 public:
  static std::shared_ptr<Summarizer> Create(Host host, const Settings& settings);

  // One entry of on_events.
  void Observe(const tutti_event& event);

  // What waits gets its fallback text, calls are ended, everything is written. False: not all of it in time.
  bool Stop();

 private:
  // What is remembered of a run until it stops.
  struct RunNotes {
    std::string last_text;       // id of its last text row
    bool changes_files = false;  // a tool was used that does
  };

  // Owned copies of what a look-up needs of an event.
  struct Moment {
    std::string point, agent, stream;
    std::int64_t time_us = 0;

    [[nodiscard]] Observed view() const { return {point, agent, stream, time_us}; }
  };

  Summarizer(Host host, const Settings& settings);

  void Note(const Observed& seen, const std::string& run, JsonView payload);
  void Submit(Job job);
  // Gives the job its sentence, or its fallback for `reason`.
  void Finish(Job job, std::string sentence, const char* reason);
  void Forget(const std::string& key);
  void StartTask(Task<void> task);

  static Task<void> Pump(std::shared_ptr<Summarizer> self);
  static Task<void> LookUpTexts(std::shared_ptr<Summarizer> self, Moment moment);
  static Task<void> LookUpFiles(std::shared_ptr<Summarizer> self, Moment moment, std::string row);
  // Waits in slices, so that a stop is not held up.
  static Task<void> WaitForBatch(std::shared_ptr<Summarizer> self);

  bool IsStopping();
  bool IsBatchFull();

  const Host host_;
  const Settings settings_;
  const std::string since_;  // rows from before are not summed up
  const std::shared_ptr<ModelDesk> desk_;
  std::shared_ptr<Writer> writer_;
  std::mutex mutex_;
  std::condition_variable idle_;
  JobQueue queue_;                        // guarded by mutex_
  std::set<std::string> known_;           // guarded by mutex_; keys of jobs that are on their way
  std::map<std::string, RunNotes> runs_;  // guarded by mutex_
  std::size_t pumps_ = 0;                 // guarded by mutex_
  std::size_t tasks_ = 0;                 // guarded by mutex_
  bool is_stopping_ = false;              // guarded by mutex_
};

}  // namespace tutti::summarizer
