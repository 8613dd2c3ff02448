#include "watchers.h"

#include <algorithm>
#include <utility>

namespace tutti::storage::postgresql {

void Watchers::Add(const Call& call) {
  {
    const std::lock_guard lock(life_);
    if (!listener_.Start()) {
      call.Finish(Status::ResourceExhausted("no descriptor is left for listening to other hosts"));
      return;
    }
  }
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
  }
  // By its number: a function that held the call would keep it for ever.
  call.OnCancel([this, id = call.id()] { End(id); });
}

void Watchers::Stop() {
  {
    const std::lock_guard lock(life_);
    listener_.Stop();
  }
  std::vector<Call> calls;
  {
    const std::lock_guard lock(mutex_);
    calls = std::exchange(calls_, {});
  }
  for (const Call& call : calls) {
    call.Finish(Status::Unavailable("the storage plugin stops"));
  }
}

void Watchers::End(tutti_call id) {
  std::vector<Call> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const Call& held) { return held.id() == id; });
    if (found == calls_.end()) {
      return;
    }
    ended.push_back(*found);
    calls_.erase(found);
  }
  ended[0].Finish(Status::Cancelled("nobody wants to hear of other hosts any more"));
}

void Watchers::Tell(const std::string& hint) {
  std::vector<Call> calls;
  {
    const std::lock_guard lock(mutex_);
    calls = calls_;
  }
  for (const Call& call : calls) {
    // A queue that is full drops a hint: whoever watches looks at the heads now and then.
    (void)call.Emit(hint);
  }
}

}  // namespace tutti::storage::postgresql
