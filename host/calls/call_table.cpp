#include "host/calls/call_table.h"

#include <algorithm>
#include <utility>

#include "host/containment/enter_plugin.h"

namespace tutti::host {

Result<NodePtr> CallTable::Begin(Spec spec) {
  const std::uint32_t depth = spec.parent ? spec.parent->depth + 1 : 0;
  if (depth > settings_.max_depth) {
    return Status::FailedPrecondition("calls may be nested " + std::to_string(settings_.max_depth) +
                                      " deep (calls.max_depth), this one would be deeper");
  }
  if (running_.fetch_add(1) >= settings_.max_running) {
    running_.fetch_sub(1);
    return Status::ResourceExhausted("the host runs " + std::to_string(settings_.max_running) +
                                     " calls at once (calls.max_running); try again later")
        .WithRetryAfter(std::chrono::milliseconds(1000));
  }
  auto node = std::make_shared<CallNode>();
  node->id = spec.id != 0 ? spec.id : next_id_.fetch_add(1);
  node->depth = depth;
  node->deadline_ms = spec.deadline_ms;
  node->grace_ms_ = spec.grace_ms < 0 ? settings_.cancel_grace.count() : spec.grace_ms;
  node->owner = spec.owner;
  node->starter = spec.starter;
  node->tag = spec.tag;
  node->context = std::move(spec.context);
  node->parent = std::move(spec.parent);
  node->on_event_ = std::move(spec.on_event);
  node->completion_ = std::move(spec.completion);
  node->gate = spec.ticket.gate();
  node->ticket_ = std::move(spec.ticket);
  {
    Shard& shard = ShardOf(node->id);
    const std::lock_guard lock(shard.mutex);
    if (!shard.nodes.emplace(node->id, node).second) {
      running_.fetch_sub(1);
      return Status::AlreadyExists("call " + std::to_string(node->id) + " is running already");
    }
  }
  if (node->parent) {
    bool is_cancelled = false;
    {
      CallNode& parent = *node->parent;
      const std::lock_guard lock(parent.mutex_);
      auto& children = parent.children_;
      if (children.size() >= 16 && children.size() == children.capacity()) {
        std::erase_if(children, [](const std::weak_ptr<CallNode>& child) { return child.expired(); });
      }
      children.push_back(node);
      is_cancelled = parent.is_cancelled_.load();
    }
    if (is_cancelled) {
      Cancel(node);
    }
  }
  return node;
}

NodePtr CallTable::Find(tutti_call id) const {
  const Shard& shard = ShardOf(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.nodes.find(id);
  return found == shard.nodes.end() ? nullptr : found->second;
}

bool CallTable::Finish(tutti_call id, std::string_view owner, Result<std::string> result) {
  const NodePtr node = Find(id);
  return node && node->owner == owner && Finish(node, std::move(result));
}

bool CallTable::Finish(const NodePtr& node, Result<std::string> result) {
  return End(node, std::move(result), Notice::kAwait);
}

bool CallTable::End(const NodePtr& node, Result<std::string> result, Notice notice) {
  CallNode::Completion completion;
  PluginGate::Ticket ticket;
  bool is_kept = false;
  bool is_due = false;
  std::function<void()> on_room;  // dropped outside of the lock, without being called
  {
    std::unique_lock lock(node->mutex_);
    if (node->is_finished_) {
      if (notice == Notice::kAwait) {
        AwaitNotice(*node, lock);
      }
      return false;
    }
    node->is_finished_ = true;
    if (node->deadline_passed_ && !result.ok() && result.status().code() == Code::kCancelled) {
      result = Status::DeadlineExceeded("the call was not done by its deadline");
    }
    if (notice == Notice::kAwait) {
      AwaitNotice(*node, lock);
    } else {
      // Whoever watches the plugin must not wait for it; the plugin's own finish still finds what to wait for. A notice
      // that no worker has come to yet is still given, or the plugin would go on for ever, and until then it stays.
      is_due = node->notice_sent_ && node->notice_ != nullptr;
      node->notice_ = is_due ? node->notice_ : nullptr;
      is_kept = node->is_kept_ = is_due || node->notice_running_;
    }
    if (node->is_draining_ || !node->events_.empty()) {
      // The events go first: whoever drains them ends the call.
      node->completion_ = [end = std::move(node->completion_), ended = std::move(result)](Result<std::string>) mutable {
        end(std::move(ended));
      };
    } else {
      completion = std::move(node->completion_);
    }
    if (!is_due) {
      ticket = std::move(node->ticket_);
    }
    on_room = std::exchange(node->on_room_, nullptr);
  }
  node->events_room_.notify_all();
  if (!is_kept) {
    Erase(*node);
  }
  running_.fetch_sub(1);
  // Before the completion: whoever learns of the end finds the place free.
  (void)PluginGate::Ticket(std::move(ticket));
  if (completion) {
    completion(std::move(result));
  }
  return true;
}

void CallTable::Erase(const CallNode& node) {
  Shard& shard = ShardOf(node.id);
  const std::lock_guard lock(shard.mutex);
  shard.nodes.erase(node.id);
}

void CallTable::Cancel(const NodePtr& node) {
  std::vector<std::weak_ptr<CallNode>> children;
  bool notify = false;
  {
    const std::lock_guard lock(node->mutex_);
    if (node->is_finished_ || node->is_cancelled_.exchange(true)) {
      return;
    }
    children = node->children_;
    notify = node->notice_ != nullptr && !node->notice_sent_;
    node->notice_sent_ = node->notice_sent_ || notify;
  }
  node->events_room_.notify_all();
  if (notify) {
    executor_.Resume([this, node] { RunNotice(node); });
  }
  for (const auto& weak : children) {
    if (const NodePtr child = weak.lock()) {
      Cancel(child);
    }
  }
}

void CallTable::GiveDeadline(CallNode& parent, std::int64_t deadline_ms) {
  std::vector<std::weak_ptr<CallNode>> children;
  {
    const std::lock_guard lock(parent.mutex_);
    children = parent.children_;
  }
  for (const auto& weak : children) {
    const NodePtr child = weak.lock();
    std::int64_t none = 0;
    if (child && child->deadline_ms.compare_exchange_strong(none, deadline_ms)) {
      GiveDeadline(*child, deadline_ms);
    }
  }
}

void CallTable::RunNotice(const NodePtr& node) {
  void (*fn)(void*) = nullptr;
  void* user = nullptr;
  {
    const std::lock_guard lock(node->mutex_);
    fn = std::exchange(node->notice_, nullptr);  // nullptr: withdrawn, or the call is over
    user = node->notice_user_;
    node->notice_running_ = fn != nullptr;
    node->notice_thread_ = std::this_thread::get_id();
  }
  if (fn != nullptr && node->tag == nullptr) {
    fn(user);
  } else if (fn != nullptr) {
    // What it throws concerns the cancelled call only, which ends at its deadline if not otherwise.
    (void)EnterPlugin(*node->tag, operation::kOnCancel, 0, {}, nullptr, [&] { fn(user); });
  }
  bool was_kept = false;
  PluginGate::Ticket ticket;
  {
    const std::lock_guard lock(node->mutex_);
    node->notice_running_ = false;
    was_kept = node->is_kept_;
    if (was_kept) {
      ticket = std::move(node->ticket_);
    }
  }
  node->notice_done_.notify_all();
  if (was_kept) {
    Erase(*node);
  }
}

void CallTable::AwaitNotice(CallNode& node, std::unique_lock<std::mutex>& lock) {
  node.notice_ = nullptr;
  if (node.notice_thread_ != std::this_thread::get_id()) {
    node.notice_done_.wait(lock, [&node] { return !node.notice_running_; });
  }
}

tutti_code CallTable::OnCancel(tutti_call id, std::string_view owner, void (*fn)(void*), void* user) {
  const NodePtr node = Find(id);
  if (!node || node->owner != owner) {
    return TUTTI_NOT_FOUND;
  }
  {
    const std::lock_guard lock(node->mutex_);
    if (node->is_finished_) {
      return TUTTI_NOT_FOUND;
    }
    node->notice_ = fn;
    node->notice_user_ = user;
    if (!node->is_cancelled_.load() || node->notice_sent_) {
      return TUTTI_OK;
    }
    node->notice_sent_ = true;
  }
  executor_.Resume([this, node] { RunNotice(node); });
  return TUTTI_OK;
}

void CallTable::Forget(tutti_call id, std::string_view owner) {
  const NodePtr node = Find(id);
  if (node && node->owner == owner) {
    std::unique_lock lock(node->mutex_);
    AwaitNotice(*node, lock);
  }
}

tutti_code CallTable::Emit(tutti_call id, std::string_view owner, std::string event) {
  return EmitWait(id, owner, std::move(event), std::chrono::milliseconds(0));
}

tutti_code CallTable::EmitWait(tutti_call id, std::string_view owner, std::string event,
                               std::chrono::milliseconds timeout) {
  const NodePtr node = Find(id);
  if (!node || node->owner != owner) {
    return TUTTI_NOT_FOUND;
  }
  std::unique_lock lock(node->mutex_);
  if (node->is_finished_) {
    return TUTTI_NOT_FOUND;
  }
  if (!node->on_event_) {
    return TUTTI_OK;
  }
  const auto has_room = [&] { return node->events_.size() < settings_.events_queue; };
  if (!has_room()) {
    if (timeout.count() == 0) {
      return TUTTI_WOULD_BLOCK;
    }
    const auto may_go_on = [&] { return node->is_finished_ || node->is_cancelled_.load() || has_room(); };
    if (!node->events_room_.wait_for(lock, timeout, may_go_on)) {
      return TUTTI_DEADLINE_EXCEEDED;
    }
    if (node->is_finished_) {
      return TUTTI_NOT_FOUND;
    }
    if (!has_room()) {
      return TUTTI_CANCELLED;
    }
  }
  node->events_.push_back(std::move(event));
  if (!node->is_draining_) {
    node->is_draining_ = true;
    executor_.Resume([this, node] { Drain(node); });
  }
  return TUTTI_OK;
}

bool CallTable::OnRoom(tutti_call id, std::string_view owner, std::function<void()> fn) {
  const NodePtr node = Find(id);
  if (!node || node->owner != owner) {
    return false;
  }
  {
    const std::lock_guard lock(node->mutex_);
    if (node->is_finished_) {
      return false;
    }
    if (node->events_.size() > settings_.events_queue / 2) {
      node->on_room_ = std::move(fn);
      return true;
    }
  }
  executor_.Resume(std::move(fn));
  return true;
}

void CallTable::Drain(const NodePtr& node) {
  CallNode::Completion completion;
  std::unique_lock lock(node->mutex_);
  while (!node->events_.empty()) {
    const std::string event = std::move(node->events_.front());
    node->events_.pop_front();
    // Half a queue at once: a notice per event would cost more than the event.
    std::function<void()> on_room;
    if (node->on_room_ && node->events_.size() <= settings_.events_queue / 2) {
      on_room = std::exchange(node->on_room_, nullptr);
    }
    lock.unlock();
    node->events_room_.notify_one();
    if (on_room) {
      on_room();
    }
    node->on_event_(event);
    lock.lock();
  }
  node->is_draining_ = false;
  if (node->is_finished_) {
    completion = std::exchange(node->completion_, nullptr);
  }
  lock.unlock();
  if (completion) {
    completion(std::string());
  }
}

void CallTable::Sweep(std::int64_t now_ms) {
  for (const NodePtr& node : All()) {
    if (node->deadline_ms == 0 || now_ms < node->deadline_ms) {
      continue;
    }
    {
      const std::lock_guard lock(node->mutex_);
      node->deadline_passed_ = true;
    }
    GiveDeadline(*node, node->deadline_ms);
    Cancel(node);
    if (now_ms >= node->deadline_ms + node->grace_ms_ &&
        End(node, Status::DeadlineExceeded("the call was not done by its deadline, and did not stop when cancelled"),
            Notice::kLeave) &&
        settings_.on_overdue) {
      settings_.on_overdue(*node);
    }
  }
}

void CallTable::CancelAll() {
  is_stopping_ = true;  // before the look at who is there: what it misses sees this
  // From above: what a call below comes to because of it must not be taken for a result by those above.
  std::vector<NodePtr> nodes = All();
  std::stable_sort(nodes.begin(), nodes.end(), [](const NodePtr& a, const NodePtr& b) { return a->depth < b->depth; });
  for (const NodePtr& node : nodes) {
    Cancel(node);
  }
}

void CallTable::CancelOf(std::string_view plugin) {
  for (const NodePtr& node : All()) {
    if (node->owner == plugin || node->starter == plugin) {
      Cancel(node);
    }
  }
}

void CallTable::CancelInside(const PluginGate& gate) {
  for (const NodePtr& node : Inside(gate)) {
    Cancel(node);
  }
}

std::size_t CallTable::FinishInside(const PluginGate& gate, const Status& status) {
  std::size_t count = 0;
  for (const NodePtr& node : Inside(gate)) {
    count += Finish(node, status) ? 1 : 0;
  }
  return count;
}

bool CallTable::IsBelow(const CallNode& node, const PluginGate& gate) {
  for (const CallNode* each = &node; each != nullptr; each = each->parent.get()) {
    if (each->gate == &gate) {
      return true;
    }
  }
  return false;
}

std::vector<NodePtr> CallTable::Inside(const PluginGate& gate) const {
  std::vector<NodePtr> inside = All();
  std::erase_if(inside, [&gate](const NodePtr& node) { return node->gate != &gate; });
  return inside;
}

std::vector<NodePtr> CallTable::All() const {
  std::vector<NodePtr> all;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [id, node] : shard.nodes) {
      all.push_back(node);
    }
  }
  return all;
}

}  // namespace tutti::host
