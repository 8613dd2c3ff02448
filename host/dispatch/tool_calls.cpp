#include "host/dispatch/tool_calls.h"

namespace tutti::host {

ToolCalls::Entry::Entry(ToolCalls& calls, std::string run, std::string tool_use_id, NodePtr node)
    : calls_(calls), key_(std::move(run), std::move(tool_use_id)) {
  const std::lock_guard lock(calls_.mutex_);
  is_first_ = !key_.first.empty() && calls_.running_.try_emplace(key_, State{std::move(node), false, {}}).second;
}

ToolCalls::Entry::~Entry() {
  if (!is_first_) {
    return;
  }
  std::vector<std::function<void()>> ended;
  {
    const std::lock_guard lock(calls_.mutex_);
    const auto found = calls_.running_.find(key_);
    ended = std::move(found->second.ended);
    calls_.running_.erase(found);
  }
  for (const auto& tell : ended) {
    tell();
  }
}

bool ToolCalls::Entry::is_stopped() const {
  const std::lock_guard lock(calls_.mutex_);
  return is_first_ && calls_.running_.at(key_).is_stopped;
}

NodePtr ToolCalls::Stop(std::string_view run, std::string_view tool_use_id, std::function<void()> ended) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find({std::string(run), std::string(tool_use_id)});
  if (found == running_.end()) {
    return nullptr;
  }
  found->second.is_stopped = true;
  found->second.ended.push_back(std::move(ended));
  return found->second.node;
}

}  // namespace tutti::host
