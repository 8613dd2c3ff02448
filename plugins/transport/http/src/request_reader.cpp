#include "request_reader.h"

#include <algorithm>

namespace tutti::transport::http {
namespace {

// Clients that end a body with one line too many are tolerated (RFC 9112 section 2.2), not for ever.
constexpr std::size_t kMostBlankBytes = 8;
// A chunk size of 15 hexadecimal digits fits 64 bits with room.
constexpr std::size_t kMostSizeDigits = 15;

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

}  // namespace

std::size_t RequestReader::Feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_complete() && !refusal_) {
    const std::string_view rest = bytes.substr(taken);
    if (state_ == State::kHead) {
      taken += FeedHead(rest);
      continue;
    }
    const std::size_t step = state_ == State::kFixedBody ? FeedFixedBody(rest) : FeedChunked(rest);
    body_received_ += step;
    taken += step;
  }
  return taken;
}

bool RequestReader::TakeContinue() {
  const bool pending = continue_pending_ && body_received_ == 0 && is_in_body();
  continue_pending_ = false;
  return pending;
}

std::size_t RequestReader::FeedHead(std::string_view bytes) {
  std::string& head = request_->head;
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t line_feed = rest.find('\n');
    const std::size_t line = line_feed == std::string_view::npos ? rest.size() : line_feed + 1;
    const std::size_t room = limits_.header_bytes - head.size();
    const std::size_t step = std::min(line, room);
    head.append(rest.substr(0, step));
    taken += step;
    if (step < line) {
      const bool in_first_line = head.find('\n') == std::string::npos;
      Refuse(in_first_line ? 414 : 431,
             "expected a request line and header fields of at most " + std::to_string(limits_.header_bytes) + " bytes");
      return taken;
    }
    if (line_feed == std::string_view::npos) {
      return taken;
    }
    if (head.size() < 2 || head[head.size() - 2] != '\r') {
      Refuse(400, "expected lines to end with carriage return and line feed, found a bare line feed");
      return taken;
    }
    if (head.size() == 2) {
      head.clear();
      blank_bytes_ += 2;
      if (blank_bytes_ > kMostBlankBytes) {
        Refuse(400, "expected a request, found empty lines");
        return taken;
      }
      continue;
    }
    if (head.size() >= 4 && head[head.size() - 3] == '\n') {
      BeginBody();
      return taken;
    }
  }
  return taken;
}

void RequestReader::BeginBody() {
  refusal_ = ParseHead(limits_.head, *request_);
  if (refusal_) {
    return;
  }
  continue_pending_ = request_->expects_continue;
  if (request_->is_chunked) {
    state_ = State::kChunkSize;
    return;
  }
  remaining_ = request_->content_length;
  state_ = remaining_ == 0 ? State::kComplete : State::kFixedBody;
}

std::size_t RequestReader::FeedFixedBody(std::string_view bytes) {
  const std::size_t step = std::min(bytes.size(), remaining_);
  request_->body.append(bytes.substr(0, step));
  remaining_ -= step;
  if (remaining_ == 0) {
    state_ = State::kComplete;
  }
  return step;
}

std::size_t RequestReader::FeedChunked(std::string_view bytes) {
  if (state_ == State::kChunkData) {
    return FeedChunkData(bytes);
  }
  FeedChunkFraming(bytes.front());
  return 1;
}

std::size_t RequestReader::FeedChunkData(std::string_view bytes) {
  const std::size_t step = std::min(bytes.size(), remaining_);
  request_->body.append(bytes.substr(0, step));
  remaining_ -= step;
  if (remaining_ == 0) {
    state_ = State::kChunkDataReturn;
  }
  return step;
}

void RequestReader::FeedChunkFraming(char c) {
  if (!CountFraming()) {
    return;
  }
  switch (state_) {
    case State::kChunkSize:
      return FeedChunkSize(c);
    case State::kChunkExtension:
      if (c == '\r') {
        state_ = State::kChunkSizeLineFeed;
      } else if (IsControl(c)) {
        Refuse(400, "expected no control characters in a chunk extension");
      }
      return;
    case State::kChunkSizeLineFeed:
      if (c != '\n') {
        return Refuse(400, "expected a line feed after the carriage return of a chunk size");
      }
      size_digits_ = 0;
      state_ = remaining_ == 0 ? State::kTrailerStart : State::kChunkData;
      return;
    case State::kChunkDataReturn:
      if (c != '\r') {
        return Refuse(400, "expected a carriage return after the data of a chunk, found more data");
      }
      state_ = State::kChunkDataLineFeed;
      return;
    case State::kChunkDataLineFeed:
      if (c != '\n') {
        return Refuse(400, "expected a line feed after the data of a chunk");
      }
      // Framing is bounded per chunk, so that a body of many chunks may be as long as the limit allows.
      framing_bytes_ = 0;
      state_ = State::kChunkSize;
      return;
    default:
      return FeedTrailer(c);
  }
}

void RequestReader::FeedChunkSize(char c) {
  const int digit = HexValue(c);
  if (digit >= 0) {
    if (++size_digits_ > kMostSizeDigits) {
      return Refuse(400, "expected a chunk size of at most 15 hexadecimal digits");
    }
    remaining_ = (size_digits_ == 1 ? 0 : remaining_ * 16) + static_cast<std::size_t>(digit);
    if (remaining_ > limits_.head.body_bytes - std::min(limits_.head.body_bytes, request_->body.size())) {
      Refuse(413, "expected a body of at most " + std::to_string(limits_.head.body_bytes) + " bytes, found more");
    }
    return;
  }
  if (size_digits_ == 0 || (c != ';' && c != '\r')) {
    return Refuse(400, "expected a chunk size in hexadecimal digits, ended by a semicolon or a carriage return");
  }
  state_ = c == ';' ? State::kChunkExtension : State::kChunkSizeLineFeed;
}

// Trailer fields are checked for their form and dropped: no command reads them.
void RequestReader::FeedTrailer(char c) {
  switch (state_) {
    case State::kTrailerStart:
      if (c == '\r') {
        state_ = State::kEndLineFeed;
      } else if (!IsToken(std::string_view(&c, 1))) {
        Refuse(400, "expected a trailer field name or an empty line after the last chunk");
      } else {
        state_ = State::kTrailerLine;
      }
      return;
    case State::kTrailerLine:
      if (c == '\r') {
        state_ = State::kTrailerLineFeed;
      } else if (IsControl(c)) {
        Refuse(400, "expected no control characters in a trailer field");
      }
      return;
    case State::kTrailerLineFeed:
      if (c != '\n') {
        return Refuse(400, "expected a line feed after the carriage return of a trailer field");
      }
      state_ = State::kTrailerStart;
      return;
    default:
      if (c != '\n') {
        return Refuse(400, "expected a line feed after the carriage return that ends a chunked body");
      }
      state_ = State::kComplete;
  }
}

bool RequestReader::CountFraming() {
  if (++framing_bytes_ <= limits_.header_bytes) {
    return true;
  }
  Refuse(431,
         "expected chunk extensions and trailer fields of at most " + std::to_string(limits_.header_bytes) + " bytes");
  return false;
}

void RequestReader::Refuse(int status, std::string detail) {
  refusal_ = Refusal{status, std::move(detail), {}};
}

}  // namespace tutti::transport::http
