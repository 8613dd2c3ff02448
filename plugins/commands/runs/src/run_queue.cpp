#include "run_queue.h"

#include <algorithm>
#include <utility>

namespace tutti::runs {

Result<bool> RunQueue::Enter(LiveRunPtr run, Busy busy) {
  // What was accepted is not refused for want of room: whoever accepted it has looked for that.
  const bool is_bounded = run->state() == RunState::kNone;
  return Add(std::move(run), busy, is_bounded);
}

Result<bool> RunQueue::EnterAgain(LiveRunPtr run) {
  return Add(std::move(run), Busy::kQueue, false);
}

Result<bool> RunQueue::Add(LiveRunPtr run, Busy busy, bool is_bounded) {
  Actions actions;
  bool has_turn = false;
  {
    const std::lock_guard lock(mutex_);
    const AcceptedRun& accepted = run->run();
    if (by_run_.contains(accepted.run)) {
      return Status::AlreadyExists("a run with the id " + accepted.run +
                                   " is there already; give each run an id of its own");
    }
    std::vector<EntryPtr>& line = by_key_[accepted.key];
    if (!line.empty() && busy == Busy::kRefuse) {
      return Status::FailedPrecondition("agent " + accepted.agent + " is busy with run " + line.front()->live->id());
    }
    if (is_bounded && line.size() > max_waiting_) {
      return Status::ResourceExhausted("agent " + accepted.agent + " has " + std::to_string(line.size() - 1) +
                                       " runs waiting already; try again when some have ended")
          .WithRetryAfter(std::chrono::seconds(5));
    }
    if (busy == Busy::kReplace) {
      for (const EntryPtr& other : line) {
        if (other->is_replaceable) {
          Stop(*other, StopKind::kInterrupt, actions);
        }
      }
    }
    has_turn = line.empty();
    auto entry = std::make_shared<Entry>();
    entry->has_turn = has_turn;
    entry->keeps_turn = KeepsPrompt(accepted);
    entry->is_replaceable = IsReplaceable(accepted);
    entry->live = std::move(run);
    by_run_.emplace(entry->live->id(), entry);
    line.push_back(std::move(entry));
  }
  Run(actions);
  return has_turn;
}

bool RunQueue::MayGo(const Entry& entry) {
  return entry.has_turn || entry.stop == StopKind::kSuspend ||
         (entry.stop == StopKind::kInterrupt && !entry.keeps_turn);
}

void RunQueue::OnTurn(const std::string& run, std::function<void()> go) {
  {
    const std::lock_guard lock(mutex_);
    const EntryPtr entry = FindEntry(run);
    if (entry != nullptr && !MayGo(*entry)) {
      entry->go = std::move(go);
      return;
    }
  }
  go();
}

bool RunQueue::Attach(const std::string& run, tutti_call handle) {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = FindEntry(run);
  if (entry == nullptr) {
    return false;
  }
  entry->handle = handle;
  entry->live->SetHandle(handle);
  return entry->stop != StopKind::kNone;
}

StopKind RunQueue::Stopped(const std::string& run) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = FindEntry(run);
  return entry == nullptr ? StopKind::kNone : entry->stop;
}

LiveRunPtr RunQueue::Find(std::string_view run) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = FindEntry(run);
  return entry == nullptr ? nullptr : entry->live;
}

std::vector<LiveRunPtr> RunQueue::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<LiveRunPtr> all;
  all.reserve(by_run_.size());
  for (const auto& [id, entry] : by_run_) {
    all.push_back(entry->live);
  }
  return all;
}

void RunQueue::Leave(const std::string& run) {
  Actions actions;
  EntryPtr left;
  {
    const std::lock_guard lock(mutex_);
    left = FindEntry(run);
    if (left == nullptr) {
      return;
    }
    by_run_.erase(run);
    const auto line = by_key_.find(left->live->run().key);
    std::erase(line->second, left);
    if (line->second.empty()) {
      by_key_.erase(line);
    } else if (EntryPtr& next = line->second.front(); !next->has_turn) {
      next->has_turn = true;
      if (next->go) {
        actions.go.push_back(std::exchange(next->go, nullptr));
      }
    }
    if (by_run_.empty()) {
      for (auto& empty : on_empty_) {
        actions.go.push_back(std::move(empty));
      }
      on_empty_.clear();
    }
  }
  left->on_leave.clear();
  Run(actions);
}

void RunQueue::Interrupt(const RunSelection& selection, std::function<void(std::vector<std::string>)> ended) {
  Actions actions;
  auto ids = std::make_shared<std::vector<std::string>>();
  {
    const std::lock_guard lock(mutex_);
    std::vector<EntryPtr> chosen;
    for (const auto& [id, entry] : by_run_) {
      if (selection.Holds(entry->live->run())) {
        chosen.push_back(entry);
        ids->push_back(id);
      }
    }
    // Each run holds one reference; the last to leave releases the last, which tells the caller.
    const std::shared_ptr<void> notice(nullptr, [ended, ids](void*) {
      if (!ids->empty()) {
        ended(*ids);
      }
    });
    for (const EntryPtr& entry : chosen) {
      entry->on_leave.push_back(notice);
      Stop(*entry, StopKind::kInterrupt, actions);
    }
  }
  const bool is_none = ids->empty();
  Run(actions);
  if (is_none) {
    ended({});
  }
}

void RunQueue::Suspend(std::string_view run) {
  Actions actions;
  {
    const std::lock_guard lock(mutex_);
    if (const EntryPtr entry = FindEntry(run); entry != nullptr) {
      Stop(*entry, StopKind::kSuspend, actions);
    }
  }
  Run(actions);
}

void RunQueue::OnEmpty(std::function<void()> empty) {
  {
    const std::lock_guard lock(mutex_);
    if (!by_run_.empty()) {
      on_empty_.push_back(std::move(empty));
      return;
    }
  }
  empty();
}

RunQueue::EntryPtr RunQueue::FindEntry(std::string_view run) const {
  const auto found = by_run_.find(run);
  return found == by_run_.end() ? nullptr : found->second;
}

void RunQueue::Stop(Entry& entry, StopKind kind, Actions& actions) {
  if (entry.stop != StopKind::kNone) {
    return;
  }
  entry.stop = kind;
  if (entry.go && MayGo(entry)) {
    actions.go.push_back(std::exchange(entry.go, nullptr));
  }
  if (entry.handle != 0) {
    actions.cancel.push_back(entry.handle);
  }
}

void RunQueue::Run(const Actions& actions) const {
  for (const tutti_call handle : actions.cancel) {
    cancel_(handle);
  }
  for (const auto& go : actions.go) {
    go();
  }
}

}  // namespace tutti::runs
