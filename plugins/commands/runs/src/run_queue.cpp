#include "run_queue.h"

#include <algorithm>
#include <utility>

namespace tutti::runs {

Result<bool> RunQueue::Enter(RunKey run, Busy busy) {
  Actions actions;
  bool has_turn = false;
  {
    const std::lock_guard lock(mutex_);
    if (by_run_.contains(run.run)) {
      return Status::AlreadyExists("a run with the id " + run.run +
                                   " is there already; give each run an id of its own");
    }
    std::vector<EntryPtr>& line = by_key_[run.key];
    if (!line.empty() && busy == Busy::kRefuse) {
      return Status::FailedPrecondition("agent " + run.agent + " is busy with run " + line.front()->key.run);
    }
    if (line.size() > max_waiting_) {
      return Status::ResourceExhausted("agent " + run.agent + " has " + std::to_string(line.size() - 1) +
                                       " runs waiting already; try again when some have ended")
          .WithRetryAfter(std::chrono::seconds(5));
    }
    if (busy == Busy::kReplace) {
      for (const EntryPtr& other : line) {
        MarkInterrupted(*other, actions);
      }
    }
    has_turn = line.empty();
    auto entry = std::make_shared<Entry>(Entry{.key = std::move(run), .has_turn = has_turn});
    by_run_.emplace(entry->key.run, entry);
    line.push_back(std::move(entry));
  }
  Run(actions);
  return has_turn;
}

void RunQueue::OnTurn(const std::string& run, std::function<void()> go) {
  {
    const std::lock_guard lock(mutex_);
    const EntryPtr entry = Find(run);
    if (entry != nullptr && !entry->has_turn && !entry->is_interrupted) {
      entry->go = std::move(go);
      return;
    }
  }
  go();
}

bool RunQueue::Attach(const std::string& run, tutti_call handle) {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = Find(run);
  if (entry == nullptr) {
    return false;
  }
  entry->handle = handle;
  return entry->is_interrupted;
}

bool RunQueue::IsInterrupted(const std::string& run) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = Find(run);
  return entry != nullptr && entry->is_interrupted;
}

std::optional<std::string> RunQueue::Conversation(std::string_view run) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = Find(run);
  return entry == nullptr ? std::nullopt : std::optional(entry->key.conversation);
}

void RunQueue::Leave(const std::string& run) {
  Actions actions;
  EntryPtr left;
  {
    const std::lock_guard lock(mutex_);
    left = Find(run);
    if (left == nullptr) {
      return;
    }
    by_run_.erase(run);
    const auto line = by_key_.find(left->key.key);
    std::erase(line->second, left);
    if (line->second.empty()) {
      by_key_.erase(line);
    } else if (EntryPtr& next = line->second.front(); !next->has_turn) {
      next->has_turn = true;
      if (next->go) {
        actions.go.push_back(std::exchange(next->go, nullptr));
      }
    }
  }
  left->on_leave.clear();
  Run(actions);
}

void RunQueue::Interrupt(std::string_view run, std::string_view agent, std::function<void(std::size_t)> ended) {
  Actions actions;
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    std::vector<EntryPtr> chosen;
    for (const auto& [id, entry] : by_run_) {
      if (run.empty() ? entry->key.agent == agent : id == run) {
        chosen.push_back(entry);
      }
    }
    count = chosen.size();
    // Each run holds one reference; the last to leave releases the last, which tells the caller.
    const std::shared_ptr<void> notice(nullptr, [ended, count](void*) {
      if (count > 0) {
        ended(count);
      }
    });
    for (const EntryPtr& entry : chosen) {
      entry->on_leave.push_back(notice);
      MarkInterrupted(*entry, actions);
    }
  }
  Run(actions);
  if (count == 0) {
    ended(0);
  }
}

RunQueue::EntryPtr RunQueue::Find(std::string_view run) const {
  const auto found = by_run_.find(run);
  return found == by_run_.end() ? nullptr : found->second;
}

void RunQueue::MarkInterrupted(Entry& entry, Actions& actions) {
  if (std::exchange(entry.is_interrupted, true)) {
    return;
  }
  if (entry.go) {
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
