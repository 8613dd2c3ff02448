#include "host/gateway/subscriptions.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

std::string GapMessage(const std::string& stream, std::uint64_t from, std::uint64_t to) {
  return JsonObject()("type", "gap")("stream", stream)("from", from)("to", to)("timestamp", NowIso()).Take();
}

}  // namespace

void Subscriptions::Add(const ConnectionKey& key, const std::vector<std::string>& streams) {
  const std::lock_guard lock(mutex_);
  Member& member = members_[key];
  for (const std::string& stream : streams) {
    const bool is_known = std::find(member.streams.begin(), member.streams.end(), stream) != member.streams.end();
    if (!is_known && member.streams.size() < kMaxStreams) {
      member.streams.push_back(stream);
    }
  }
  Join(key, member);
}

void Subscriptions::Remove(const ConnectionKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = members_.find(key);
  if (found == members_.end()) {
    return;
  }
  Leave(key, found->second);
  for (const std::string& name : found->second.streams) {
    const auto stream = streams_.find(name);
    if (stream != streams_.end()) {
      stream->second.lagging.erase(key);
      if (stream->second.groups.empty() && stream->second.lagging.empty()) {
        streams_.erase(stream);
      }
    }
  }
  members_.erase(found);
}

void Subscriptions::Resume(const ConnectionKey& key) {
  std::map<std::string, Range> missed;
  {
    const std::lock_guard lock(mutex_);
    const auto found = members_.find(key);
    if (found == members_.end() || !found->second.is_lagging) {
      return;
    }
    missed = std::exchange(found->second.missed, {});
  }
  bool is_full = false;
  while (!missed.empty() && !is_full) {
    const auto& [stream, range] = *missed.begin();
    key.transport->Send({key.id}, GapMessage(stream, range.from, range.to), accepted_);
    is_full = accepted_.at(0) != TUTTI_OK;
    if (!is_full) {
      missed.erase(missed.begin());
    }
  }
  const std::lock_guard lock(mutex_);
  const auto found = members_.find(key);
  if (found == members_.end()) {
    return;
  }
  if (is_full) {
    found->second.missed = std::move(missed);
    return;
  }
  found->second.is_lagging = false;
  for (const std::string& stream : found->second.streams) {
    streams_[stream].lagging.erase(key);
  }
  Join(key, found->second);
}

void Subscriptions::OnEvents(const std::vector<EventPtr>& events) {
  for (const EventPtr& event : events) {
    Deliver(event->stream, event->data, event->seq, event->seq);
  }
}

void Subscriptions::OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) {
  Deliver(stream, GapMessage(stream, from, to), from, to);
}

void Subscriptions::Deliver(const std::string& stream, const std::string& message, std::uint64_t from,
                            std::uint64_t to) {
  for (const auto& [transport, ids] : TargetsOf(stream, from, to)) {
    transport->Send(*ids, message, accepted_);
    for (std::size_t i = 0; i < ids->size(); ++i) {
      if (accepted_[i] == TUTTI_WOULD_BLOCK) {
        Lag({transport, (*ids)[i]}, stream, from, to);
      } else if (accepted_[i] != TUTTI_OK) {
        Remove({transport, (*ids)[i]});
      }
    }
  }
}

Subscriptions::Targets Subscriptions::TargetsOf(const std::string& name, std::uint64_t from, std::uint64_t to) {
  Targets targets;
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return targets;
  }
  for (const ConnectionKey& key : found->second.lagging) {
    Extend(members_[key], name, from, to);
  }
  for (auto& [transport, group] : found->second.groups) {
    if (group.ready == nullptr) {
      group.ready = std::make_shared<const Ids>(group.members.begin(), group.members.end());
    }
    targets.emplace_back(transport, group.ready);
  }
  return targets;
}

void Subscriptions::Lag(const ConnectionKey& key, const std::string& stream, std::uint64_t from, std::uint64_t to) {
  const std::lock_guard lock(mutex_);
  const auto found = members_.find(key);
  if (found == members_.end()) {
    return;
  }
  Extend(found->second, stream, from, to);
  Leave(key, found->second);
  found->second.is_lagging = true;
  for (const std::string& name : found->second.streams) {
    streams_[name].lagging.insert(key);
  }
}

void Subscriptions::Join(const ConnectionKey& key, const Member& member) {
  for (const std::string& stream : member.streams) {
    Group& group = streams_[stream].groups[key.transport];
    group.members.insert(key.id);
    group.ready = nullptr;
  }
}

void Subscriptions::Leave(const ConnectionKey& key, const Member& member) {
  for (const std::string& name : member.streams) {
    const auto stream = streams_.find(name);
    if (stream == streams_.end()) {
      continue;
    }
    const auto group = stream->second.groups.find(key.transport);
    if (group != stream->second.groups.end() && group->second.members.erase(key.id) != 0) {
      group->second.ready = nullptr;
      if (group->second.members.empty()) {
        stream->second.groups.erase(group);
      }
    }
  }
}

void Subscriptions::Extend(Member& member, const std::string& stream, std::uint64_t from, std::uint64_t to) {
  // Transient events carry no number and are not missed by anybody later.
  if (from == 0) {
    return;
  }
  Range& range = member.missed[stream];
  range.from = range.from == 0 ? from : std::min(range.from, from);
  range.to = std::max(range.to, to);
}

}  // namespace tutti::host
