#include "host/gateway/subscriptions.h"

#include <algorithm>
#include <utility>

namespace tutti::host {

namespace {

bool Wants(FrameForm form, const EventFilter& filter, const Event& event) {
  return form == FrameForm::kMessage ? !IsOwnType(event.type) : filter.Lets(event);
}

}  // namespace

void Subscriptions::Add(const ConnectionKey& key, const FollowingPtr& following) {
  Member& member = members_[key];
  member.following = following;
  Join(key, member);
}

void Subscriptions::Remove(const ConnectionKey& key) {
  const auto found = members_.find(key);
  if (found == members_.end()) {
    return;
  }
  Leave(key, found->second);
  for (const std::string& name : found->second.following->streams) {
    if (const auto stream = streams_.find(name); stream != streams_.end()) {
      stream->second.lagging.erase(key);
    }
    Tidy(name);
  }
  members_.erase(found);
}

void Subscriptions::Resume(const ConnectionKey& key) {
  const auto found = members_.find(key);
  if (found == members_.end() || !found->second.is_lagging) {
    return;
  }
  Member& member = found->second;
  while (!member.missed.empty()) {
    const auto& [stream, range] = *member.missed.begin();
    key.transport->Send({key.id}, GapFrame(member.following->form, stream, range.from, range.to), accepted_);
    if (accepted_.at(0) == TUTTI_WOULD_BLOCK) {
      return;
    }
    if (accepted_.at(0) != TUTTI_OK) {
      on_gone_(key);
      return;
    }
    ++gaps_;
    member.missed.erase(member.missed.begin());
  }
  member.is_lagging = false;
  for (const std::string& stream : member.following->streams) {
    streams_[stream].lagging.erase(key);
  }
  Join(key, member);
}

void Subscriptions::Deliver(const Event& event, bool is_repeated) {
  const auto found = streams_.find(event.stream);
  if (found == streams_.end()) {
    return;
  }
  for (const ConnectionKey& key : found->second.lagging) {
    Member& member = members_.at(key);
    const Following& following = *member.following;
    if (Wants(following.form, following.filter, event) && !(is_repeated && following.since)) {
      Extend(member, event.stream, event.seq, event.seq);
    }
  }
  EventFrames frames(event);
  const std::vector<Target> targets = TargetsOf(found->second, [&](const GroupKey& group) {
    return !(is_repeated && group.is_counting) && Wants(group.form, group.filter, event);
  });
  for (const Target& target : targets) {
    Send(target, frames.In(target.form), event.stream, event.seq, event.seq);
  }
}

void Subscriptions::DeliverGap(const std::string& name, std::uint64_t from, std::uint64_t to) {
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return;
  }
  for (const ConnectionKey& key : found->second.lagging) {
    Member& member = members_.at(key);
    if (!member.following->since) {
      Extend(member, name, from, to);
    }
  }
  const std::vector<Target> targets =
      TargetsOf(found->second, [](const GroupKey& group) { return !group.is_counting; });
  for (const Target& target : targets) {
    gaps_ += target.ids->size();
    Send(target, GapFrame(target.form, name, from, to), name, from, to);
  }
}

std::vector<std::pair<ConnectionKey, FollowingPtr>> Subscriptions::TakeCounting(const std::string& name,
                                                                                std::uint64_t from, std::uint64_t to) {
  std::vector<std::pair<ConnectionKey, FollowingPtr>> taken;
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return taken;
  }
  for (const ConnectionKey& key : found->second.lagging) {
    Member& member = members_.at(key);
    if (member.following->since) {
      Extend(member, name, from, to);
    }
  }
  for (const auto& [key, group] : found->second.groups) {
    for (const std::uint64_t id : group.members) {
      if (key.is_counting) {
        taken.emplace_back(ConnectionKey{key.transport, id}, nullptr);
      }
    }
  }
  for (auto& [key, following] : taken) {
    following = members_.at(key).following;
    Remove(key);
  }
  return taken;
}

std::vector<Subscriptions::Target> Subscriptions::TargetsOf(Stream& stream, const Wanted& wanted) {
  std::vector<Target> targets;
  std::shared_ptr<Ids> joined;  // of the last target, when it is made of several groups
  for (auto& [key, group] : stream.groups) {
    if (!wanted(key)) {
      continue;
    }
    if (group.ready == nullptr) {
      group.ready = std::make_shared<const Ids>(group.members.begin(), group.members.end());
    }
    // Groups are in order of transport and form.
    if (targets.empty() || targets.back().transport != key.transport || targets.back().form != key.form) {
      targets.push_back({key.transport, key.form, group.ready});
      joined = nullptr;
      continue;
    }
    if (joined == nullptr) {
      joined = std::make_shared<Ids>(*targets.back().ids);
      targets.back().ids = joined;
    }
    joined->insert(joined->end(), group.ready->begin(), group.ready->end());
  }
  return targets;
}

Subscriptions::GroupKey Subscriptions::GroupOf(const ConnectionKey& key, const Following& following) {
  return {key.transport, following.form, following.since.has_value(), following.filter};
}

void Subscriptions::Send(const Target& target, const std::string& frame, const std::string& stream, std::uint64_t from,
                         std::uint64_t to) {
  target.transport->Send(*target.ids, frame, accepted_);
  for (std::size_t i = 0; i < target.ids->size(); ++i) {
    const ConnectionKey key{target.transport, (*target.ids)[i]};
    if (accepted_[i] == TUTTI_WOULD_BLOCK) {
      Lag(key, stream, from, to);
    } else if (accepted_[i] != TUTTI_OK) {
      on_gone_(key);
    }
  }
}

void Subscriptions::Lag(const ConnectionKey& key, const std::string& stream, std::uint64_t from, std::uint64_t to) {
  const auto found = members_.find(key);
  if (found == members_.end()) {
    return;
  }
  Extend(found->second, stream, from, to);
  Leave(key, found->second);
  found->second.is_lagging = true;
  for (const std::string& name : found->second.following->streams) {
    streams_[name].lagging.insert(key);
  }
}

void Subscriptions::Join(const ConnectionKey& key, const Member& member) {
  const GroupKey group_key = GroupOf(key, *member.following);
  for (const std::string& stream : member.following->streams) {
    Group& group = streams_[stream].groups[group_key];
    group.members.insert(key.id);
    group.ready = nullptr;
  }
}

void Subscriptions::Leave(const ConnectionKey& key, const Member& member) {
  const GroupKey group_key = GroupOf(key, *member.following);
  for (const std::string& name : member.following->streams) {
    const auto stream = streams_.find(name);
    if (stream == streams_.end()) {
      continue;
    }
    const auto group = stream->second.groups.find(group_key);
    if (group != stream->second.groups.end() && group->second.members.erase(key.id) != 0) {
      group->second.ready = nullptr;
      if (group->second.members.empty()) {
        stream->second.groups.erase(group);
      }
    }
  }
}

void Subscriptions::Tidy(const std::string& name) {
  const auto stream = streams_.find(name);
  if (stream != streams_.end() && stream->second.groups.empty() && stream->second.lagging.empty()) {
    streams_.erase(stream);
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
