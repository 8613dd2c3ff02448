// One stream's events in number order, each once, whoever committed them: those of this host as they come, those of
// other hosts read from the journal before what comes after them.
//
// Plain state, no threads and no input or output: every function says what is now to be delivered, in this order, and
// whether a page has to be read. At most one page is asked for at a time.
// Bound: `most_held` events wait for others; beyond that, and when reading fails, what waits is delivered with a gap
// for what is missing, so that a journal that cannot be read delays nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "host/events/event.h"

namespace tutti::host {

// What the journal holds after a number: all of it up to `next`.
struct JournalPage {
  std::vector<Event> events;
  std::uint64_t first = 1, last = 0;  // of the stream
  std::uint64_t next = 0;
};

// Numbers that are in the journal, or were, and will not come.
struct EventGap {
  std::uint64_t from = 0, to = 0;
};

class StreamLane {
 public:
  using Item = std::variant<EventPtr, EventGap>;

  struct Output {
    std::vector<Item> items;
    std::optional<std::uint64_t> read_since;  // ask for the page after this number
  };

  explicit StreamLane(std::size_t most_held) : most_held_(most_held) {}

  // The stream's head, as somebody has seen it. The first one is where the lane begins: what is after it is delivered.
  [[nodiscard]] Output OnHead(std::uint64_t last);

  // Committed by this host, or transient. An event of this host that was committed before the lane began is delivered
  // too: whoever listens may have been there before. It is what a lane without a head begins with.
  [[nodiscard]] Output OnEvent(EventPtr event);

  // What was asked for.
  [[nodiscard]] Output OnPage(JournalPage page);
  [[nodiscard]] Output OnReadFailed();

  // Delivers what waits, with gaps.
  [[nodiscard]] Output Flush();

  [[nodiscard]] bool has_begun() const { return has_begun_; }

  // All events after this number are delivered.
  [[nodiscard]] std::uint64_t base() const { return base_; }

  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }

 private:
  struct Held {
    EventPtr event;                // durable
    std::vector<EventPtr> behind;  // transient ones that came after it
  };

  void Begin(std::uint64_t base);
  void Deliver(EventPtr event, Output& output);
  // What waits and is next now.
  void Drain(Output& output);
  void FlushInto(Output& output);
  void AskIfBehind(Output& output);

  const std::size_t most_held_;
  bool has_begun_ = false;
  bool is_reading_ = false;
  std::uint64_t read_since_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t delivered_ = 0;  // up to this number everything was delivered, or is known not to come
  std::uint64_t target_ = 0;     // the highest number known to be committed
  std::map<std::uint64_t, Held> held_;
  std::size_t held_count_ = 0;
};

}  // namespace tutti::host
