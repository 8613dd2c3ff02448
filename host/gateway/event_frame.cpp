#include "host/gateway/event_frame.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

// `type` is the type as JSON text; `id` a number, or empty.
std::string ServerSent(std::string_view id, std::string_view type, std::string_view json) {
  std::string frame;
  frame.reserve(json.size() + type.size() + 48);
  if (!id.empty()) {
    frame.append("id: ").append(id).append("\n");
  }
  // A type that needs escapes is in the data alone.
  if (type.size() > 2 && type.find('\\') == std::string_view::npos) {
    frame.append("event: ").append(type.substr(1, type.size() - 2)).append("\n");
  }
  frame.append("data: ");
  const std::size_t begin = frame.size();
  frame.append(json);
  // Within JSON a bare line end is white space between its parts.
  std::replace_if(frame.begin() + static_cast<std::ptrdiff_t>(begin), frame.end(), IsControl, ' ');
  return frame += "\n\n";
}

std::string TransientEntry(const Event& event) {
  JsonObject json;
  json("stream", event.stream).Raw("seq", "null")("time", event.time)("type", event.type);
  json.OrNull("run", event.run).OrNull("agent", event.agent).OrNull("tree", event.tree);
  return json.Raw("data", event.data).Take();
}

std::string RangeFrame(FrameForm form, const char* type, const std::string& stream, std::uint64_t from,
                       std::uint64_t to) {
  return ObjectFrame(
      form, JsonObject()("type", type)("stream", stream)("from", from)("to", to)("timestamp", NowIso()).Take());
}

}  // namespace

const std::string& EventFrames::In(FrameForm form) {
  if (form == FrameForm::kMessage) {
    return event_.data;
  }
  std::string& frame = frames_.at(static_cast<std::size_t>(form));
  if (frame.empty()) {
    frame = EntryFrame(form, event_.seq == 0 ? TransientEntry(event_) : EventJson(event_));
  }
  return frame;
}

std::string EntryFrame(FrameForm form, std::string_view entry) {
  if (form != FrameForm::kServerSent) {
    return std::string(entry);
  }
  const std::string_view seq = JsonMember(entry, "seq");
  return ServerSent(seq == "null" ? std::string_view() : seq, JsonMember(entry, "type"), entry);
}

std::string GapFrame(FrameForm form, const std::string& stream, std::uint64_t from, std::uint64_t to) {
  return RangeFrame(form, "gap", stream, from, to);
}

std::string ExpiredFrame(FrameForm form, const std::string& stream, std::uint64_t from, std::uint64_t to) {
  return RangeFrame(form, "expired", stream, from, to);
}

std::string AheadFrame(FrameForm form, const std::string& stream, std::uint64_t since, std::uint64_t last) {
  return ObjectFrame(
      form,
      JsonObject()("type", "ahead")("stream", stream)("since", since)("last", last)("timestamp", NowIso()).Take());
}

std::string ObjectFrame(FrameForm form, std::string_view json) {
  return form == FrameForm::kServerSent ? ServerSent({}, JsonMember(json, "type"), json) : std::string(json);
}

}  // namespace tutti::host
