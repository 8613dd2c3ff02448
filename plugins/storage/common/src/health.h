// Whether the database answers, as its users have last seen it.
//
// Threads: any.
#pragma once

#include <mutex>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::storage {

class Health {
 public:
  // How something that needed the database ended. UNAVAILABLE and DATA_LOSS are trouble, success ends it; what was
  // wrong with the question itself says nothing.
  void Met(const Status& status) {
    const std::lock_guard lock(mutex_);
    if (status.ok()) {
      trouble_.clear();
    } else if (status.code() == Code::kUnavailable || status.code() == Code::kDataLoss) {
      trouble_ = status.message();
    }
  }

  // The newest trouble; empty when it is over.
  [[nodiscard]] std::string trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

 private:
  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
};

}  // namespace tutti::storage
