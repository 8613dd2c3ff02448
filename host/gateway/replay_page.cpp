#include "host/gateway/replay_page.h"

#include <algorithm>
#include <charconv>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

std::uint64_t Number(std::string_view object, std::string_view name) {
  const std::string_view text = JsonMember(object, name);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The one result of the one operation.
std::string_view Only(std::string_view results) {
  std::string_view only;
  JsonElements(JsonMember(results, "results"),
               [&](std::string_view part) { JsonElements(part, [&](std::string_view result) { only = result; }); });
  return only;
}

}  // namespace

std::string ReplayPage::Operations(std::size_t limit) const {
  JsonObject operation;
  operation("op", "journal")("stream", following_->streams.front())("since", outcome_.position)("limit", limit);
  following_->filter.AddTo(operation);
  return "[" + operation.Take() + "]";
}

ReplayPage::Outcome ReplayPage::Send(std::string_view results) {
  const std::string_view page = Only(results);
  if (JsonMember(page, "next").empty()) {
    outcome_.status = Status::Internal("expected the storage plugin to answer a journal operation with \"next\"");
    return outcome_;
  }
  const std::uint64_t next = Number(page, "next");
  const std::uint64_t last = Number(page, "last");
  bool is_sending = SendMarkers(Number(page, "first"), last);
  JsonElements(JsonMember(page, "events"), [&](std::string_view entry) {
    is_sending = is_sending && SendFrame(EntryFrame(following_->form, entry));
    if (is_sending) {
      outcome_.position = Number(entry, "seq");
      ++outcome_.sent;
    }
  });
  if (is_sending) {
    // The storage looked behind a number of another journal as well.
    outcome_.position = std::max(outcome_.position, std::min(next, last));
    outcome_.has_reached_end = outcome_.position >= last;
  }
  return outcome_;
}

ReplayPage::Outcome ReplayPage::Send(const std::vector<EventPtr>& events) {
  for (const EventPtr& event : events) {
    if (following_->filter.Lets(*event)) {
      if (!SendFrame(EventFrames(*event).In(following_->form))) {
        return outcome_;
      }
      ++outcome_.sent;
    }
    outcome_.position = event->seq;
  }
  return outcome_;
}

bool ReplayPage::SendMarkers(std::uint64_t first, std::uint64_t last) {
  const std::string& stream = following_->streams.front();
  if (outcome_.position > last) {
    if (!SendFrame(AheadFrame(following_->form, stream, outcome_.position, last))) {
      return false;
    }
    outcome_.position = last;
  }
  if (outcome_.position + 1 < first) {
    if (!SendFrame(ExpiredFrame(following_->form, stream, outcome_.position + 1, first - 1))) {
      return false;
    }
    outcome_.position = first - 1;
  }
  return true;
}

bool ReplayPage::SendFrame(const std::string& frame) {
  key_.transport->Send({key_.id}, frame, accepted_);
  outcome_.is_blocked = accepted_.at(0) == TUTTI_WOULD_BLOCK;
  outcome_.is_gone = !outcome_.is_blocked && accepted_.at(0) != TUTTI_OK;
  return accepted_.at(0) == TUTTI_OK;
}

}  // namespace tutti::host
