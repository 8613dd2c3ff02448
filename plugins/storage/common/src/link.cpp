#include "link.h"

namespace tutti::storage {

Result<Connection*> Link::Get() {
  constexpr std::chrono::milliseconds kPause(250);
  if (connection_ && connection_->usable()) {
    return connection_.get();
  }
  connection_.reset();
  if (!failure_.ok() && std::chrono::steady_clock::now() - failed_at_ < kPause) {
    return failure_;
  }
  auto made = driver_.Connect(access_);
  failure_ = made.status();
  {
    const std::lock_guard lock(mutex_);
    trouble_ = failure_.ok() ? "" : std::string(failure_.message());
  }
  if (!made.ok()) {
    failed_at_ = std::chrono::steady_clock::now();
    return failure_;
  }
  connection_ = std::move(*made);
  return connection_.get();
}

std::string Link::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace tutti::storage
