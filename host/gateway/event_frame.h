// What clients receive of an event, in each of the forms they may have asked for.
//
//   kMessage     the event's data, as the first clients of this protocol know it
//   kEvent       the EVENT object of tutti/abi/storage.h; a transient event has the number null
//   kServerSent  the same as a server-sent event: id (of durable ones), event (the type), data
// Markers are objects with a type of their own and no number: {"type","stream","from","to","timestamp"}.
// Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/events/event.h"

namespace tutti::host {

enum class FrameForm : std::uint8_t { kMessage, kEvent, kServerSent };

inline constexpr std::size_t kFrameForms = 3;

// One event, made into each form at most once. Used by one thread; the event outlives it.
class EventFrames {
 public:
  explicit EventFrames(const Event& event) : event_(event) {}

  [[nodiscard]] const std::string& In(FrameForm form);

 private:
  const Event& event_;
  std::array<std::string, kFrameForms> frames_;
};

// An EVENT of the journal. The form is not kMessage.
std::string EntryFrame(FrameForm form, std::string_view entry);

// Numbers `from` to `to` are to be read again: they did not fit into the client's queue.
std::string GapFrame(FrameForm form, const std::string& stream, std::uint64_t from, std::uint64_t to);

// The journal does not hold numbers `from` to `to` any more.
std::string ExpiredFrame(FrameForm form, const std::string& stream, std::uint64_t from, std::uint64_t to);

// The client named a number behind the journal's last one, so what it has is of another journal:
// {"type":"ahead","stream","since","last","timestamp"}.
std::string AheadFrame(FrameForm form, const std::string& stream, std::uint64_t since, std::uint64_t last);

// A whole JSON object with a type, such as a greeting.
std::string ObjectFrame(FrameForm form, std::string_view json);

// Means nothing; keeps a server-sent stream alive.
inline constexpr std::string_view kServerSentComment = ":\n\n";

}  // namespace tutti::host
