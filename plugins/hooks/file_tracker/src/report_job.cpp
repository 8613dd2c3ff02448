#include "report_job.h"

#include <utility>

namespace tutti::file_tracker {

ReportJob::ReportJob(std::string working_dir, Limits limits, Turn::State turn, FileInspector::Clock::time_point until,
                     Done done)
    : turn_(std::move(turn)), inspector_(std::move(working_dir), limits, turn_.bases, until), done_(std::move(done)) {
  report_.calls_not_listed = turn_.calls_not_listed;
}

void ReportJob::Run() {
  for (const TouchedFile& file : turn_.changed) {
    if (!Keep(inspector_.InspectChange(file))) {
      return;
    }
  }
  for (const TouchedFile& file : turn_.read) {
    if (!Keep(inspector_.InspectRead(file))) {
      return;
    }
  }
  Tell(std::unique_lock(mutex_));
}

void ReportJob::GiveUp(const std::string& reason) {
  std::unique_lock lock(mutex_);
  if (!done_) {
    return;
  }
  for (std::size_t i = changes_seen_; i < turn_.changed.size(); ++i) {
    report_.changes.push_back(inspector_.Unseen(turn_.changed[i], reason));
  }
  for (std::size_t i = report_.reads.size(); i < turn_.read.size(); ++i) {
    report_.reads.push_back(inspector_.Uncounted(turn_.read[i]));
  }
  Tell(std::move(lock));
}

bool ReportJob::Keep(std::optional<FileChange> change) {
  const std::lock_guard lock(mutex_);
  if (!done_) {
    return false;
  }
  ++changes_seen_;
  if (change) {
    report_.changes.push_back(std::move(*change));
  }
  return true;
}

bool ReportJob::Keep(FileRead read) {
  const std::lock_guard lock(mutex_);
  if (!done_) {
    return false;
  }
  report_.reads.push_back(std::move(read));
  return true;
}

void ReportJob::Tell(std::unique_lock<std::mutex> lock) {
  const Done done = std::exchange(done_, nullptr);
  if (!done) {
    return;
  }
  ChangeReport report = std::move(report_);
  lock.unlock();
  done(std::move(report));
}

}  // namespace tutti::file_tracker
