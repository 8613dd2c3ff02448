#include "host/gateway/event_streams.h"

#include <algorithm>
#include <utility>

#include "host/gateway/close_with.h"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// Missing events that are sent in delivery order itself; more than that goes page by page beside it.
constexpr std::size_t kMostAtSeam = 64;
constexpr std::size_t kLeastPage = 8;
constexpr std::chrono::milliseconds kLongestRetry{30000};

bool MayPass(const Status& status) {
  switch (status.code()) {
    case Code::kUnavailable:
    case Code::kAborted:
    case Code::kResourceExhausted:
    case Code::kDeadlineExceeded:
      return true;
    default:
      return false;
  }
}

ContextPtr OwnContext() {
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  return context;
}

}  // namespace

EventStreams::EventStreams(Services services, const Settings& settings)
    : services_(services),
      settings_(settings),
      context_(OwnContext()),
      live_([this](const ConnectionKey& key) { End(key); }) {}

void EventStreams::Follow(const ConnectionKey& key, FollowingPtr following, std::function<bool()> is_closed) {
  services_.events.After(
      [self = shared_from_this(), key, following = std::move(following), is_closed = std::move(is_closed)] {
        // A connection that closes later is removed after this.
        if (!is_closed()) {
          self->Begin(key, following);
        }
      });
}

void EventStreams::Resume(const ConnectionKey& key) {
  // In delivery order, so that a refused Send on its way there is noted before.
  services_.events.After([self = shared_from_this(), key] {
    const auto found = self->replays_.find(key);
    if (found == self->replays_.end()) {
      self->live_.Resume(key);
      self->Count();
      return;
    }
    const ReplayPtr replay = found->second;
    replay->has_room_news = true;
    if (std::exchange(replay->is_waiting, false)) {
      self->Advance(replay);
    }
  });
}

void EventStreams::Remove(const ConnectionKey& key) {
  services_.events.After([self = shared_from_this(), key] { self->End(key); });
}

void EventStreams::Begin(const ConnectionKey& key, const FollowingPtr& following) {
  std::vector<tutti_code> accepted(1, TUTTI_OK);
  if (following->form == FrameForm::kServerSent) {
    key.transport->Send({key.id}, kServerSentComment, accepted);
  }
  if (!following->first.empty() && accepted.at(0) == TUTTI_OK) {
    key.transport->Send({key.id}, ObjectFrame(following->form, following->first), accepted);
  }
  if (accepted.at(0) != TUTTI_OK) {
    if (accepted.at(0) == TUTTI_WOULD_BLOCK) {
      CloseWith(key, Status::Unavailable("the connection's queue has no room for the first message"));
    }
    return;
  }
  followers_[key] = following;
  for (const std::string& stream : following->streams) {
    services_.events.Follow(stream);
  }
  ++following_.at(static_cast<std::size_t>(following->form));
  if (following->form == FrameForm::kServerSent) {
    ScheduleHeartbeat();
  }
  if (!following->since) {
    live_.Add(key, following);
  } else {
    ++counted_.try_emplace(following->streams.front(), settings_).first->second.followers;
    StartReplay(key, following, *following->since);
  }
  Count();
}

void EventStreams::End(const ConnectionKey& key) {
  const auto found = followers_.find(key);
  if (found == followers_.end()) {
    return;
  }
  const FollowingPtr following = found->second;
  followers_.erase(found);
  --following_.at(static_cast<std::size_t>(following->form));
  live_.Remove(key);
  for (const std::string& stream : following->streams) {
    services_.events.Unfollow(stream);
  }
  if (const auto replay = replays_.find(key); replay != replays_.end()) {
    waiting_.erase(replay->second->ticket);
    replays_.erase(replay);
  }
  if (following->since) {
    const auto counted = counted_.find(following->streams.front());
    counted->second.ahead.erase(key);
    if (--counted->second.followers == 0) {
      counted_.erase(counted);
    }
  }
  Count();
}

void EventStreams::StartReplay(const ConnectionKey& key, const FollowingPtr& following, std::uint64_t position) {
  auto replay = std::make_shared<Replay>();
  replay->key = key;
  replay->following = following;
  replay->position = position;
  replay->limit = settings_.page;
  replays_[key] = replay;
  Advance(replay);
}

void EventStreams::Advance(const ReplayPtr& replay) {
  Counted& counted = counted_.at(replay->following->streams.front());
  RecentEvents& recent = counted.recent;
  if (!recent.is_known() && replay->has_reached_end) {
    // Whatever was delivered before this stream was counted in was committed before the last page was read.
    recent.Jump(replay->position);
  }
  if (!recent.is_known() || (replay->position > recent.head() && !replay->has_reached_end)) {
    Read(replay);
  } else if (replay->position > recent.head()) {
    replays_.erase(replay->key);
    counted.ahead[replay->key] = replay;
  } else if (replay->position == recent.head()) {
    Join(replay);
  } else if (!recent.Covers(replay->position) || recent.head() - replay->position > kMostAtSeam) {
    Read(replay);
  } else {
    replay->has_room_news = false;
    const ReplayPage::Outcome outcome =
        ReplayPage(replay->key, replay->following, replay->position).Send(recent.After(replay->position, kMostAtSeam));
    replay->position = outcome.position;
    replayed_ += outcome.sent;
    if (outcome.is_gone) {
      End(replay->key);
    } else if (outcome.is_blocked) {
      replay->is_waiting = true;
    } else {
      Join(replay);
    }
  }
}

void EventStreams::Join(const ReplayPtr& replay) {
  replays_.erase(replay->key);
  live_.Add(replay->key, replay->following);
}

void EventStreams::Read(const ReplayPtr& replay) {
  if (reading_ < settings_.readers) {
    StartPage(replay);
    return;
  }
  replay->ticket = next_ticket_++;
  waiting_.emplace(replay->ticket, replay);
}

void EventStreams::StartPage(const ReplayPtr& replay) {
  ++reading_;
  replay->has_reached_end = false;
  replay->has_room_news = false;
  auto page = std::make_shared<ReplayPage>(replay->key, replay->following, replay->position);
  const RecentEvents& recent = counted_.at(replay->following->streams.front()).recent;
  if (recent.Covers(replay->position) && replay->position < recent.head()) {
    auto events = recent.After(replay->position, replay->limit);
    services_.executor.Resume([self = shared_from_this(), replay, page, events = std::move(events)] {
      const ReplayPage::Outcome outcome = page->Send(events);
      self->services_.events.After([self, replay, outcome] { self->EndPage(replay, outcome); });
    });
    return;
  }
  std::string operations = page->Operations(replay->limit);
  Spawn(ReadPage(shared_from_this(), replay, page, std::move(operations)),
        [self = shared_from_this(), replay](const std::exception_ptr&) {
          ReplayPage::Outcome outcome;
          outcome.status = Status::Internal("the host failed while it read the journal");
          self->services_.events.After([self, replay, outcome] { self->EndPage(replay, outcome); });
        });
}

Task<void> EventStreams::ReadPage(std::shared_ptr<EventStreams> self, ReplayPtr replay,
                                  std::shared_ptr<ReplayPage> page, std::string operations) {
  std::vector<BatchPart> parts;
  parts.push_back({"tutti.host", std::move(operations)});
  Task<Result<std::string>> reading = self->services_.store.Execute(std::move(parts), self->context_, nullptr);
  const Result<std::string> results = co_await std::move(reading);
  ReplayPage::Outcome outcome;
  if (results.ok()) {
    outcome = page->Send(*results);
  } else {
    outcome.status = results.status();
  }
  self->services_.events.After([self, replay, outcome] { self->EndPage(replay, outcome); });
}

void EventStreams::EndPage(const ReplayPtr& replay, const ReplayPage::Outcome& outcome) {
  --reading_;
  while (reading_ < settings_.readers && !waiting_.empty()) {
    const ReplayPtr next = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    StartPage(next);
  }
  replayed_ += outcome.sent;
  const auto found = replays_.find(replay->key);
  if (found == replays_.end() || found->second != replay) {
    return;
  }
  if (!outcome.status.ok()) {
    RetryLater(replay, outcome.status);
    Count();
    return;
  }
  replay->position = outcome.position;
  replay->has_reached_end = outcome.has_reached_end;
  if (outcome.is_gone) {
    End(replay->key);
    return;
  }
  if (outcome.is_blocked) {
    // What did not fit is read again: less of it, as the client takes less.
    replay->limit = std::clamp<std::size_t>(2 * outcome.sent, std::min(kLeastPage, settings_.page), settings_.page);
    replay->is_waiting = !replay->has_room_news;
  } else {
    replay->limit = std::min(2 * replay->limit, settings_.page);
  }
  if (!replay->is_waiting) {
    Advance(replay);
  }
  Count();
}

void EventStreams::RetryLater(const ReplayPtr& replay, const Status& status) {
  if (MayPass(status)) {
    const auto wished = status.retry_after().count() > 0 ? status.retry_after() : settings_.retry;
    const std::uint64_t timer = services_.executor.SubmitAfter(
        std::min<std::chrono::milliseconds>(wished, kLongestRetry), [self = shared_from_this(), replay] {
          self->services_.events.After([self, replay] {
            const auto found = self->replays_.find(replay->key);
            if (found != self->replays_.end() && found->second == replay) {
              self->Advance(replay);
              self->Count();
            }
          });
        });
    if (timer != 0) {
      return;
    }
  }
  CloseWith(replay->key, status);
  End(replay->key);
}

void EventStreams::OnEvents(const std::vector<EventPtr>& events) {
  for (const EventPtr& event : events) {
    bool is_repeated = false;
    const auto counted = event->seq == 0 ? counted_.end() : counted_.find(event->stream);
    if (counted != counted_.end()) {
      RecentEvents& recent = counted->second.recent;
      is_repeated = recent.is_known() && event->seq <= recent.head();
      if (!is_repeated) {
        if (recent.is_known() && event->seq > recent.head() + 1) {
          Skip(event->stream, counted->second, recent.head() + 1, event->seq - 1);
        }
        recent.Push(event);
      }
    }
    live_.Deliver(*event, is_repeated);
    // Delivery may have ended the last one who counts.
    if (const auto still = event->seq == 0 ? counted_.end() : counted_.find(event->stream); still != counted_.end()) {
      JoinReached(still->second);
    }
  }
  Count();
}

void EventStreams::OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) {
  if (const auto counted = counted_.find(stream); counted != counted_.end()) {
    RecentEvents& recent = counted->second.recent;
    if (!recent.is_known() || to > recent.head()) {
      Skip(stream, counted->second, recent.is_known() ? recent.head() + 1 : from, to);
    }
  }
  live_.DeliverGap(stream, from, to);
  Count();
}

void EventStreams::Skip(const std::string& stream, Counted& counted, std::uint64_t from, std::uint64_t to) {
  const std::vector<std::pair<ConnectionKey, FollowingPtr>> live = live_.TakeCounting(stream, from, to);
  std::vector<ReplayPtr> left_behind;
  std::erase_if(counted.ahead, [&](const auto& entry) {
    const bool is_behind = entry.second->position < to;
    if (is_behind) {
      left_behind.push_back(entry.second);
    }
    return is_behind;
  });
  counted.recent.Jump(to);
  JoinReached(counted);
  for (const auto& [key, following] : live) {
    StartReplay(key, following, from - 1);
  }
  for (const ReplayPtr& replay : left_behind) {
    StartReplay(replay->key, replay->following, replay->position);
  }
}

void EventStreams::JoinReached(Counted& counted) {
  std::erase_if(counted.ahead, [&](const auto& entry) {
    const bool is_reached = entry.second->position == counted.recent.head();
    if (is_reached) {
      live_.Add(entry.first, entry.second->following);
    }
    return is_reached;
  });
}

void EventStreams::ScheduleHeartbeat() {
  if (has_heartbeat_ || settings_.heartbeat.count() == 0) {
    return;
  }
  const auto beat = [weak = weak_from_this()] {
    if (const std::shared_ptr<EventStreams> self = weak.lock()) {
      self->services_.events.After([self] { self->Heartbeat(); });
    }
  };
  has_heartbeat_ = services_.executor.SubmitAfter(settings_.heartbeat, beat) != 0;
}

void EventStreams::Heartbeat() {
  std::map<TransportPort*, std::vector<std::uint64_t>> listeners;
  for (const auto& [key, following] : followers_) {
    if (following->form == FrameForm::kServerSent) {
      listeners[key.transport].push_back(key.id);
    }
  }
  std::vector<tutti_code> accepted;
  for (const auto& [transport, ids] : listeners) {
    transport->Send(ids, kServerSentComment, accepted);
  }
  has_heartbeat_ = false;
  if (!listeners.empty()) {
    ScheduleHeartbeat();
  }
}

void EventStreams::Count() {
  replaying_ = replays_.size();
  gaps_ = live_.gaps();
}

EventStreams::Counts EventStreams::counts() const {
  Counts counts{};
  for (std::size_t i = 0; i < kFrameForms; ++i) {
    counts.following.at(i) = following_.at(i).load();
  }
  counts.replaying = replaying_.load();
  counts.replayed_total = replayed_.load();
  counts.gaps_total = gaps_.load();
  return counts;
}

}  // namespace tutti::host
