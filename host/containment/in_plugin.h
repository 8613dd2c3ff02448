// Which thread is inside which plugin, doing what: written at every entry, read by the watchdog and, when the process
// crashes, by a signal handler.
//
// Entering costs about a dozen plain stores on memory of the thread's own: no lock, no clock, no allocation. How long a
// thread has been inside is seen by looking twice: an entry keeps its number as long as it lasts.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "host/containment/operation.h"
#include "host/containment/plugin_tag.h"

namespace tutti::host {

// One entry, as read by another thread or a signal handler.
struct PluginFrame {
  static constexpr std::size_t kDetail = 48;  // the rest of a longer detail is cut off

  const PluginTag* plugin = nullptr;
  const PluginOperation* operation = nullptr;
  tutti_call call = 0;        // 0: outside any call
  std::uint64_t number = 0;   // grows with every entry at this depth of the thread
  char detail[kDetail] = {};  // command, hook point, ...; terminated
};

// A thread's stack of entries. Written by its thread only; read by any, also in a signal handler.
class ThreadSlot {
 public:
  static constexpr std::size_t kFrames = 16;  // deeper entries are counted, not described

  // The calling thread's own; made at the first use, handed on to another thread after this one has ended.
  static ThreadSlot& Current() { return mine != nullptr ? *mine : Acquire(); }

  // nullptr: this thread never entered a plugin. Safe in a signal handler.
  static const ThreadSlot* OfThisThread() { return mine; }

  // All that ever were, in use or not. Safe in a signal handler.
  static const ThreadSlot* First() { return first.load(std::memory_order_acquire); }

  [[nodiscard]] const ThreadSlot* next() const { return next_; }

  void Push(const PluginTag& plugin, const PluginOperation& operation, tutti_call call, std::string_view detail) {
    const std::uint32_t at = depth_.load(std::memory_order_relaxed);
    if (at < kFrames) {
      frames_[at].Set(plugin, operation, call, detail);
    }
    depth_.store(at + 1, std::memory_order_release);
  }

  void Pop() { depth_.store(depth_.load(std::memory_order_relaxed) - 1, std::memory_order_release); }

  // Entries, the outermost first; the number of those written to `frames`, which has room for kFrames. 0 as well when
  // the thread moves too fast to be read.
  std::size_t Read(PluginFrame* frames) const;

  // Marks a thread that is not expected back, or unmarks it because it came. [any]
  void GiveUp(bool is_given_up) const { is_given_up_.store(is_given_up); }

  [[nodiscard]] bool is_given_up() const { return is_given_up_.load(); }

  // The kernel's number of the thread.
  [[nodiscard]] int thread() const { return thread_.load(std::memory_order_relaxed); }

  // Whether this entry, the `level`th from outside, still lasts.
  [[nodiscard]] bool IsInside(std::size_t level, std::uint64_t number) const;

 private:
  friend struct SlotHolder;

  // Written in order and read against it: a reader that sees the same even number before and after has a whole entry.
  class Frame {
   public:
    void Set(const PluginTag& plugin, const PluginOperation& operation, tutti_call call, std::string_view detail) {
      const std::uint64_t number = number_.load(std::memory_order_relaxed);
      number_.store(number + 1, std::memory_order_relaxed);
      plugin_.store(&plugin, std::memory_order_release);
      operation_.store(&operation, std::memory_order_release);
      call_.store(call, std::memory_order_release);
      SetDetail(detail);
      number_.store(number + 2, std::memory_order_release);
    }

    bool Get(PluginFrame& frame) const;

    [[nodiscard]] std::uint64_t number() const { return number_.load(std::memory_order_acquire); }

   private:
    void SetDetail(std::string_view detail) {
      const std::size_t size = detail.size() < PluginFrame::kDetail - 1 ? detail.size() : PluginFrame::kDetail - 1;
      for (std::size_t at = 0; at <= size; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        const std::size_t left = size - at;
        if (left >= sizeof word) {
          std::memcpy(&word, detail.data() + at, sizeof word);
        } else if (left > 0) {
          std::memcpy(&word, detail.data() + at, left);
        }
        detail_[at / sizeof word].store(word, std::memory_order_release);
      }
    }

    std::atomic<std::uint64_t> number_{0};
    std::atomic<const PluginTag*> plugin_{nullptr};
    std::atomic<const PluginOperation*> operation_{nullptr};
    std::atomic<tutti_call> call_{0};
    std::array<std::atomic<std::uint64_t>, PluginFrame::kDetail / sizeof(std::uint64_t)> detail_{};
  };

  static ThreadSlot& Acquire();

  static inline constinit thread_local ThreadSlot* mine = nullptr;
  static inline constinit std::atomic<ThreadSlot*> first{nullptr};

  std::atomic<std::uint32_t> depth_{0};
  std::atomic<bool> is_used_{true};
  std::atomic<int> thread_{0};
  mutable std::atomic<bool> is_given_up_{false};
  ThreadSlot* next_ = nullptr;
  std::array<Frame, kFrames> frames_;
};

// While it lives, this thread is inside the plugin.
class InPlugin {
 public:
  InPlugin(const PluginTag& plugin, const PluginOperation& operation, tutti_call call = 0, std::string_view detail = {})
      : slot_(ThreadSlot::Current()) {
    slot_.Push(plugin, operation, call, detail);
  }

  ~InPlugin() { slot_.Pop(); }

  InPlugin(const InPlugin&) = delete;
  InPlugin& operator=(const InPlugin&) = delete;

 private:
  ThreadSlot& slot_;
};

// One thread that is inside at least one plugin.
struct ThreadInside {
  const ThreadSlot* slot = nullptr;
  int thread = 0;
  std::vector<PluginFrame> frames;  // the outermost first
};

std::vector<ThreadInside> ThreadsInside();

enum class Presence {
  kNobody,
  kSomebody,
  kLost,  // among them a thread that is not expected back
};

// Which threads other than the calling one are inside this plugin instance. [any]
Presence PresenceIn(const PluginTag& plugin);

// "hook.on_point PreToolUse"
std::string Describe(const PluginFrame& frame);

}  // namespace tutti::host
