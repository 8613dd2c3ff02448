// SharedKeys: lets one question of a key be stored at a time, so that those who ask the same side by side find one row.
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace tutti::approvals {

class SharedKeys {
 public:
  // Holds the key until it goes. nullptr: somebody else holds it, try again.
  std::shared_ptr<void> Hold(const std::string& key) {
    const std::lock_guard lock(state_->mutex);
    if (!state_->held.insert(key).second) {
      return nullptr;
    }
    return {state_.get(), [state = state_, key](void*) {
              const std::lock_guard release(state->mutex);
              state->held.erase(key);
            }};
  }

 private:
  struct State {
    std::mutex mutex;
    std::set<std::string> held;  // guarded by mutex
  };

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace tutti::approvals
