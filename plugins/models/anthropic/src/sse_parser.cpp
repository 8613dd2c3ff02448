#include "sse_parser.h"

#include <utility>

namespace tutti::anthropic {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

SseParser::SseParser(std::size_t max_event_bytes, OnEvent on_event)
    : max_event_bytes_(max_event_bytes), on_event_(std::move(on_event)) {}

Status SseParser::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (std::exchange(skip_line_feed_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + data_.size() + piece.size() > max_event_bytes_) {
      return Status::ResourceExhausted("expected a server-sent event of at most " + std::to_string(max_event_bytes_) +
                                       " bytes, found a longer one");
    }
    line_.append(piece);
    if (end == std::string_view::npos) {
      return {};
    }
    skip_line_feed_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (Status status = EndLine(); !status.ok()) {
      return status;
    }
  }
  return {};
}

Status SseParser::EndLine() {
  std::string_view line = line_;
  if (std::exchange(is_first_line_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    line_.clear();
    return Dispatch();
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "event") {
    name_ = value;
  } else if (field == "data") {
    data_.append(value).push_back('\n');
  }
  line_.clear();
  return {};
}

Status SseParser::Dispatch() {
  const std::string name = std::exchange(name_, {});
  std::string data = std::exchange(data_, {});
  if (data.empty()) {
    return {};
  }
  data.pop_back();
  return on_event_(name, data);
}

}  // namespace tutti::anthropic
