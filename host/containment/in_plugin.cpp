#include "host/containment/in_plugin.h"

#include <unistd.h>

#include <algorithm>

#include "host/containment/alternate_stack.h"

namespace tutti::host {

// Gives the slot back when its thread ends.
struct SlotHolder {
  ThreadSlot* slot = nullptr;
  AlternateStack stack;

  ~SlotHolder() {
    ThreadSlot::mine = nullptr;
    slot->is_used_.store(false, std::memory_order_release);
  }
};

ThreadSlot& ThreadSlot::Acquire() {
  ThreadSlot* slot = first.load(std::memory_order_acquire);
  for (; slot != nullptr; slot = slot->next_) {
    bool used = false;
    if (slot->is_used_.compare_exchange_strong(used, true)) {
      break;
    }
  }
  if (slot == nullptr) {
    // Never freed: as many as there were threads at once.
    slot = new ThreadSlot;
    slot->next_ = first.load(std::memory_order_relaxed);
    while (!first.compare_exchange_weak(slot->next_, slot, std::memory_order_release, std::memory_order_relaxed)) {
    }
  }
  slot->thread_.store(::gettid(), std::memory_order_relaxed);
  slot->GiveUp(false);
  thread_local SlotHolder holder;
  holder.slot = slot;
  mine = slot;
  return *slot;
}

bool ThreadSlot::Frame::Get(PluginFrame& frame) const {
  const std::uint64_t before = number_.load(std::memory_order_acquire);
  frame.number = before;
  frame.plugin = plugin_.load(std::memory_order_acquire);
  frame.operation = operation_.load(std::memory_order_acquire);
  frame.call = call_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < detail_.size(); ++i) {
    const std::uint64_t word = detail_[i].load(std::memory_order_acquire);
    std::memcpy(frame.detail + i * sizeof word, &word, sizeof word);
  }
  frame.detail[PluginFrame::kDetail - 1] = '\0';
  return before != 0 && before % 2 == 0 && number_.load(std::memory_order_relaxed) == before;
}

std::size_t ThreadSlot::Read(PluginFrame* frames) const {
  // Twice as a rule suffices; a thread that changes its entry all the time is not one that hangs.
  constexpr int kTries = 4;
  for (int i = 0; i < kTries; ++i) {
    const std::size_t depth = std::min<std::size_t>(depth_.load(std::memory_order_acquire), kFrames);
    std::size_t read = 0;
    while (read < depth && frames_[read].Get(frames[read])) {
      ++read;
    }
    if (read == depth) {
      return depth;
    }
  }
  return 0;
}

bool ThreadSlot::IsInside(std::size_t level, std::uint64_t number) const {
  return level < kFrames && level < depth_.load(std::memory_order_acquire) && frames_[level].number() == number;
}

std::vector<ThreadInside> ThreadsInside() {
  std::vector<ThreadInside> threads;
  PluginFrame frames[ThreadSlot::kFrames];
  for (const ThreadSlot* slot = ThreadSlot::First(); slot != nullptr; slot = slot->next()) {
    if (const std::size_t count = slot->Read(frames); count > 0) {
      threads.push_back({slot, slot->thread(), {frames, frames + count}});
    }
  }
  return threads;
}

Presence PresenceIn(const PluginTag& plugin) {
  const ThreadSlot* mine = ThreadSlot::OfThisThread();
  Presence presence = Presence::kNobody;
  for (const ThreadInside& thread : ThreadsInside()) {
    const auto is_of_plugin = [&](const PluginFrame& frame) { return frame.plugin == &plugin; };
    if (thread.slot == mine || std::none_of(thread.frames.begin(), thread.frames.end(), is_of_plugin)) {
      continue;
    }
    if (thread.slot->is_given_up()) {
      return Presence::kLost;
    }
    presence = Presence::kSomebody;
  }
  return presence;
}

std::string Describe(const PluginFrame& frame) {
  std::string text = frame.operation->name;
  if (frame.detail[0] != '\0') {
    text += ' ';
    text += frame.detail;
  }
  return text;
}

}  // namespace tutti::host
