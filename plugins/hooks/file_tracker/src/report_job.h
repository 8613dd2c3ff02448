// ReportJob: makes the report of one turn, and tells what there is of it when the time is over.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "change_report.h"
#include "file_inspector.h"
#include "turn.h"

namespace tutti::file_tracker {

// Threads: Run on one thread; GiveUp from any, also before and during Run.
class ReportJob {
 public:
  using Done = std::function<void(ChangeReport)>;

  // `done` is called once, by Run or by GiveUp, with no lock held. `working_dir` is canonical.
  ReportJob(std::string working_dir, Limits limits, Turn::State turn, FileInspector::Clock::time_point until,
            Done done);

  // Looks at one file after another. Blocks on the file system.
  void Run();

  // Tells the report as it is; files that were not looked at yet are listed with `reason` instead of a diff.
  void GiveUp(const std::string& reason);

 private:
  // false: it is told already.
  bool Keep(std::optional<FileChange> change);
  bool Keep(FileRead read);
  void Tell(std::unique_lock<std::mutex> lock);

  const Turn::State turn_;
  FileInspector inspector_;
  std::mutex mutex_;
  ChangeReport report_;           // guarded by mutex_; what was looked at
  std::size_t changes_seen_ = 0;  // guarded by mutex_; also those that are not listed
  Done done_;                     // guarded by mutex_; empty once told
};

}  // namespace tutti::file_tracker
