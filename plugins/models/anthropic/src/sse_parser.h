// Server-sent events from bytes, after the WHATWG HTML standard, section 9.2.
//
// Chunks may end anywhere: inside a line, a CRLF or a UTF-8 sequence. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::anthropic {

class SseParser {
 public:
  // name is empty when the record had no event field. A returned failure ends the feeding and is passed on.
  using OnEvent = std::function<Status(std::string_view name, std::string_view data)>;

  // An event with more than max_event_bytes fails with RESOURCE_EXHAUSTED.
  SseParser(std::size_t max_event_bytes, OnEvent on_event);

  // After a failure nothing more may be fed. What is unfinished at the end of a stream is no event.
  Status Feed(std::string_view bytes);

 private:
  Status EndLine();
  Status Dispatch();

  const std::size_t max_event_bytes_;
  const OnEvent on_event_;
  std::string line_;
  std::string name_;
  std::string data_;
  bool is_first_line_ = true;
  bool skip_line_feed_ = false;  // the last byte was a carriage return
};

}  // namespace tutti::anthropic
