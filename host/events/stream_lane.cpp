#include "host/events/stream_lane.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace tutti::host {

void StreamLane::Begin(std::uint64_t base) {
  has_begun_ = true;
  base_ = base;
  delivered_ = base;
  target_ = base;
}

StreamLane::Output StreamLane::OnHead(std::uint64_t last) {
  Output output;
  if (!has_begun_) {
    Begin(last);
    return output;
  }
  target_ = std::max(target_, last);
  AskIfBehind(output);
  return output;
}

StreamLane::Output StreamLane::OnEvent(EventPtr event) {
  Output output;
  if (event->seq == 0) {
    if (held_.empty()) {
      output.items.emplace_back(std::move(event));
      return output;
    }
    held_.rbegin()->second.behind.push_back(std::move(event));
    ++held_count_;
  } else {
    if (!has_begun_) {
      Begin(event->seq - 1);
    }
    if (event->seq <= base_) {
      output.items.emplace_back(std::move(event));
      return output;
    }
    if (event->seq <= delivered_ || held_.contains(event->seq)) {
      return output;
    }
    target_ = std::max(target_, event->seq);
    const std::uint64_t seq = event->seq;
    held_[seq].event = std::move(event);
    ++held_count_;
    Drain(output);
  }
  if (held_count_ > most_held_) {
    FlushInto(output);
  }
  AskIfBehind(output);
  return output;
}

StreamLane::Output StreamLane::OnPage(JournalPage page) {
  Output output;
  is_reading_ = false;
  target_ = std::max(target_, page.last);
  if (page.first > delivered_ + 1) {
    output.items.emplace_back(EventGap{delivered_ + 1, page.first - 1});
    delivered_ = page.first - 1;
    Drain(output);
  }
  for (Event& event : page.events) {
    if (event.seq > delivered_) {
      Deliver(std::make_shared<const Event>(std::move(event)), output);
      Drain(output);
    }
  }
  // Numbers that the journal no longer has: an agent's data was erased.
  delivered_ = std::max(delivered_, std::min(page.next, target_));
  Drain(output);
  if (page.next <= read_since_ && page.first <= read_since_ + 1) {
    FlushInto(output);  // a page that leads nowhere would be asked for without an end
    return output;
  }
  AskIfBehind(output);
  return output;
}

StreamLane::Output StreamLane::OnReadFailed() {
  is_reading_ = false;
  return Flush();
}

StreamLane::Output StreamLane::Flush() {
  Output output;
  FlushInto(output);
  return output;
}

void StreamLane::Deliver(EventPtr event, Output& output) {
  delivered_ = event->seq;
  output.items.emplace_back(std::move(event));
}

void StreamLane::Drain(Output& output) {
  while (!held_.empty() && held_.begin()->first <= delivered_ + 1) {
    Held held = std::move(held_.begin()->second);
    const std::uint64_t seq = held_.begin()->first;
    held_.erase(held_.begin());
    held_count_ -= 1 + held.behind.size();
    if (seq > delivered_) {
      Deliver(std::move(held.event), output);
    }
    for (EventPtr& transient : held.behind) {
      output.items.emplace_back(std::move(transient));
    }
  }
}

void StreamLane::FlushInto(Output& output) {
  while (!held_.empty()) {
    if (const std::uint64_t next = held_.begin()->first; next > delivered_ + 1) {
      output.items.emplace_back(EventGap{delivered_ + 1, next - 1});
      delivered_ = next - 1;
    }
    Drain(output);
  }
}

void StreamLane::AskIfBehind(Output& output) {
  if (!is_reading_ && target_ > delivered_) {
    is_reading_ = true;
    read_since_ = delivered_;
    output.read_since = delivered_;
  }
}

}  // namespace tutti::host
