#include "host/isolation/served_calls.h"

#include <deque>
#include <optional>
#include <utility>

#include "host/isolation/messages.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

// Events that the caller's queue had no room for, and the end that comes after them.
struct Waiting {
  std::deque<std::string> events;
  std::optional<Result<std::string>> end;
};

struct ServedCalls::Served {
  tutti_call id = 0;
  std::shared_ptr<Channel> channel;
  OnEnd on_end;
  std::mutex mutex;
  std::unique_ptr<Waiting> waiting;  // guarded by mutex
  std::uint32_t taken_events = 0;    // guarded by mutex; not yet told
  std::uint64_t taken_bytes = 0;     // guarded by mutex
};

void ServedCalls::Begin(tutti_call call, FrameWriter& frame, OnEnd on_end) {
  auto served = std::make_shared<Served>();
  served->id = call;
  served->channel = channel_;
  served->on_end = std::move(on_end);
  Status failed;
  {
    const std::lock_guard lock(mutex_);
    failed = failed_;
    if (failed.ok()) {
      calls_.insert_or_assign(call, served);
    }
  }
  if (!failed.ok()) {
    FinishWith(served, failed);
    return;
  }
  const Channel::Sent sent = channel_->Send(frame);
  if (sent == Channel::Sent::kYes) {
    if (call < kOwn) {
      // Only now, so that the process knows the call that is cancelled. The notice runs at most until the call is
      // finished, which is as long as this object is kept; a call that is over takes none.
      const auto forward = [](void* user) {
        const auto* cancelled = static_cast<Served*>(user);
        FrameWriter cancel(FrameType::kCancel, cancelled->id);
        (void)cancelled->channel->SendAnswer(cancel);
      };
      (void)services_->on_cancel(host_, call, forward, served.get());
    }
    return;
  }
  if (sent == Channel::Sent::kClosed) {
    return;  // the process is about to be found dead, and then the call ends with the cause
  }
  const ServedPtr taken = Take(call);
  if (taken == nullptr) {
    return;
  }
  if (sent == Channel::Sent::kTooLarge) {
    FinishWith(taken,
               Status::ResourceExhausted("the arguments are larger than the " + std::to_string(channel_->max_frame()) +
                                         " bytes that cross to a plugin's process at once"));
  } else {
    FinishWith(taken, Status::ResourceExhausted("the plugin's process does not keep up with its calls; try again later")
                          .WithRetryAfter(std::chrono::milliseconds(500)));
  }
}

ServedCalls::ServedPtr ServedCalls::Find(tutti_call call) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? nullptr : found->second;
}

ServedCalls::ServedPtr ServedCalls::Take(tutti_call call) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  if (found == calls_.end()) {
    return nullptr;
  }
  ServedPtr served = std::move(found->second);
  calls_.erase(found);
  return served;
}

void ServedCalls::Finish(const ServedPtr& served, const tutti_outcome& outcome) {
  if (served->on_end) {
    served->on_end(outcome);
  }
  if (served->id < kOwn) {
    (void)services_->finish(host_, served->id, &outcome);
  }
}

void ServedCalls::FinishWith(const ServedPtr& served, const Status& reason) {
  WithOutcome(Result<std::string>(reason), [&](const tutti_outcome& outcome) { Finish(served, outcome); });
}

bool ServedCalls::Ended(const Frame& frame) {
  FieldReader fields(frame.fields);
  const tutti_outcome outcome = ReadOutcome(fields);
  if (!fields.is_complete()) {
    return false;
  }
  const ServedPtr served = Find(frame.id);
  if (served == nullptr) {
    return true;  // the host has ended it already
  }
  {
    const std::lock_guard lock(served->mutex);
    if (served->waiting != nullptr) {
      served->waiting->end = FromOutcome(outcome);
      return true;
    }
  }
  if (Take(frame.id) != nullptr) {
    Finish(served, outcome);
  }
  return true;
}

tutti_code ServedCalls::Emit(Served& served, std::string_view event) {
  const tutti_code code = services_->emit(host_, served.id, Str(event));
  if (code == TUTTI_WOULD_BLOCK) {
    return code;
  }
  std::uint32_t events = 0;
  std::uint64_t bytes = 0;
  {
    const std::lock_guard lock(served.mutex);
    ++served.taken_events;
    served.taken_bytes += event.size();
    if (served.taken_events * 4 >= settings_.event_window || served.taken_bytes * 4 >= settings_.event_bytes) {
      events = std::exchange(served.taken_events, 0);
      bytes = std::exchange(served.taken_bytes, 0);
    }
  }
  if (events > 0) {
    FrameWriter ack(FrameType::kEventAck, served.id);
    ack.U32(events).U64(bytes);
    (void)channel_->SendAnswer(ack);
  }
  return code;
}

bool ServedCalls::Event(const Frame& frame) {
  FieldReader fields(frame.fields);
  const std::string_view event = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  const ServedPtr served = Find(frame.id);
  if (served == nullptr) {
    return true;
  }
  {
    const std::lock_guard lock(served->mutex);
    if (served->waiting != nullptr) {
      served->waiting->events.emplace_back(event);
      return served->waiting->events.size() <= settings_.event_window;
    }
  }
  if (Emit(*served, event) == TUTTI_WOULD_BLOCK) {
    {
      const std::lock_guard lock(served->mutex);
      served->waiting = std::make_unique<Waiting>();
      served->waiting->events.emplace_back(event);
    }
    AwaitRoom(served);
  }
  return true;
}

void ServedCalls::AwaitRoom(const ServedPtr& served) {
  const auto more = [self = weak_from_this(), served] {
    if (const auto calls = self.lock()) {
      calls->GiveWaiting(served);
    }
  };
  const NodePtr node = table_.Find(served->id);
  if (node != nullptr && table_.OnRoom(served->id, node->owner, more)) {
    return;
  }
  // The call is over: nobody wants its events.
  bool has_ended = false;
  {
    const std::lock_guard lock(served->mutex);
    has_ended = served->waiting != nullptr && served->waiting->end.has_value();
    served->waiting.reset();
  }
  if (has_ended) {
    (void)Take(served->id);
  }
}

void ServedCalls::GiveWaiting(const ServedPtr& served) {
  std::unique_lock lock(served->mutex);
  while (served->waiting != nullptr && !served->waiting->events.empty()) {
    const std::string& event = served->waiting->events.front();
    lock.unlock();
    const tutti_code code = Emit(*served, event);
    if (code == TUTTI_WOULD_BLOCK) {
      AwaitRoom(served);
      return;
    }
    lock.lock();
    if (served->waiting != nullptr) {
      served->waiting->events.pop_front();
    }
  }
  const std::unique_ptr<Waiting> done = std::move(served->waiting);
  lock.unlock();
  if (done != nullptr && done->end && Take(served->id) != nullptr) {
    WithOutcome(*done->end, [&](const tutti_outcome& outcome) { Finish(served, outcome); });
  }
}

void ServedCalls::Fail(const Status& reason) {
  std::unordered_map<tutti_call, ServedPtr> calls;
  {
    const std::lock_guard lock(mutex_);
    failed_ = reason;
    calls.swap(calls_);
  }
  for (const auto& [id, served] : calls) {
    FinishWith(served, reason);
  }
}

}  // namespace tutti::host
