#include "host/events/stream_sequencer.h"

#include <memory>
#include <utility>
#include <variant>

namespace tutti::host {

void StreamSequencer::Follow(const std::string& stream, OnBegin on_begin) {
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    const auto [found, inserted] = lanes_.try_emplace(stream, most_held_);
    Entry& entry = found->second;
    is_new = inserted;
    if (inserted) {
      entry.number = next_number_++;
      count_ = lanes_.size();
    }
    ++entry.followers;
    if (on_begin && entry.lane.has_begun()) {
      outlet_.After([on_begin = std::move(on_begin), base = entry.lane.delivered()] { on_begin(base); });
    } else if (on_begin) {
      entry.waiting.push_back(std::move(on_begin));
    }
  }
  JournalPort* const journal = journal_;
  if (is_new && journal != nullptr) {
    journal->WantHeads();
  }
}

void StreamSequencer::Unfollow(const std::string& stream) {
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(stream);
  if (found == lanes_.end() || --found->second.followers > 0) {
    return;
  }
  Emit(stream, found->second, found->second.lane.Flush());
  lanes_.erase(found);
  count_ = lanes_.size();
}

void StreamSequencer::Publish(EventPtr event) {
  if (count_ == 0) {
    outlet_.Deliver(std::move(event));
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(event->stream);
  if (found == lanes_.end()) {
    outlet_.Deliver(std::move(event));
    return;
  }
  Emit(found->first, found->second, found->second.lane.OnEvent(std::move(event)));
}

void StreamSequencer::OnHead(const std::string& stream, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  if (const auto found = lanes_.find(stream); found != lanes_.end()) {
    Emit(stream, found->second, found->second.lane.OnHead(last));
  }
}

void StreamSequencer::OnHint(std::string_view stream, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(stream);
  if (found != lanes_.end() && found->second.lane.has_begun()) {
    Emit(found->first, found->second, found->second.lane.OnHead(last));
  }
}

std::vector<std::string> StreamSequencer::Followed() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> streams;
  for (const auto& [stream, entry] : lanes_) {
    streams.push_back(stream);
  }
  return streams;
}

void StreamSequencer::Emit(const std::string& stream, Entry& entry, StreamLane::Output output) {
  if (entry.lane.has_begun() && !entry.waiting.empty()) {
    for (OnBegin& on_begin : std::exchange(entry.waiting, {})) {
      outlet_.After([on_begin = std::move(on_begin), base = entry.lane.base()] { on_begin(base); });
    }
  }
  for (StreamLane::Item& item : output.items) {
    if (auto* const event = std::get_if<EventPtr>(&item)) {
      outlet_.Deliver(std::move(*event));
    } else {
      outlet_.DeliverGap(stream, std::get<EventGap>(item));
    }
  }
  if (output.read_since) {
    outlet_.After([this, stream, number = entry.number, since = *output.read_since] { Read(stream, number, since); });
  }
}

void StreamSequencer::Read(const std::string& stream, std::uint64_t number, std::uint64_t since) {
  JournalPort* const journal = journal_;
  if (journal == nullptr) {
    OnPage(stream, number, Status::Unavailable("the host stops"));
    return;
  }
  journal->ReadPage(stream, since,
                    [this, stream, number](Result<JournalPage> page) { OnPage(stream, number, std::move(page)); });
}

void StreamSequencer::OnPage(const std::string& stream, std::uint64_t number, Result<JournalPage> page) {
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(stream);
  if (found == lanes_.end() || found->second.number != number) {
    return;
  }
  StreamLane& lane = found->second.lane;
  Emit(stream, found->second, page.ok() ? lane.OnPage(std::move(*page)) : lane.OnReadFailed());
}

}  // namespace tutti::host
