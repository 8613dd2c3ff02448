// Collects one request from bytes that arrive in any pieces.
//
// Feed what the socket gave until is_complete() or refusal(); then Take(), or Reset() for the next request. Holds at
// most header_bytes + body_bytes. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "request.h"
#include "request_head.h"

namespace tutti::transport::http {

struct ReaderLimits {
  HeadLimits head;
  std::size_t header_bytes = 16 * 1024;
};

class RequestReader {
 public:
  explicit RequestReader(const ReaderLimits& limits) : limits_(limits), request_(std::make_unique<Request>()) {}

  // Takes bytes up to the end of the request and returns how many; what remains belongs to the next one.
  // REQUIRES: !is_complete() && !refusal().
  std::size_t Feed(std::string_view bytes);

  [[nodiscard]] bool is_complete() const { return state_ == State::kComplete; }

  // Why the request cannot be read on; the connection is of no more use.
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

  // The head is there and the body is not yet.
  [[nodiscard]] bool is_in_body() const { return state_ != State::kHead && state_ != State::kComplete; }

  // No byte of a request so far; empty lines before one do not count.
  [[nodiscard]] bool is_untouched() const { return state_ == State::kHead && request_->head.empty(); }

  // Whether a client waits for 100 Continue; true once, and only before the first byte of the body.
  [[nodiscard]] bool TakeContinue();

  // Bytes held.
  [[nodiscard]] std::size_t buffered() const { return request_->head.size() + request_->body.size(); }

  // Bytes of the body read so far, framing included.
  [[nodiscard]] std::size_t body_received() const { return body_received_; }

  // The collected request. REQUIRES: is_complete().
  [[nodiscard]] std::unique_ptr<Request> Take() { return std::move(request_); }

  // The part of the request that is known, for an answer to a refused one.
  [[nodiscard]] const Request& request() const { return *request_; }

 private:
  enum class State : std::uint8_t {
    kHead,
    kFixedBody,
    kChunkSize,
    kChunkExtension,
    kChunkSizeLineFeed,
    kChunkData,
    kChunkDataReturn,
    kChunkDataLineFeed,
    kTrailerStart,
    kTrailerLine,
    kTrailerLineFeed,
    kEndLineFeed,
    kComplete,
  };

  std::size_t FeedHead(std::string_view bytes);
  std::size_t FeedFixedBody(std::string_view bytes);
  std::size_t FeedChunked(std::string_view bytes);
  std::size_t FeedChunkData(std::string_view bytes);
  void FeedChunkFraming(char c);
  void FeedChunkSize(char c);
  void FeedTrailer(char c);
  void BeginBody();
  void Refuse(int status, std::string detail);
  bool CountFraming();

  ReaderLimits limits_;
  State state_ = State::kHead;
  std::optional<Refusal> refusal_;
  std::unique_ptr<Request> request_;
  bool continue_pending_ = false;
  std::size_t blank_bytes_ = 0;
  std::size_t body_received_ = 0;
  // Of the fixed body or of the chunk.
  std::size_t remaining_ = 0;
  std::size_t size_digits_ = 0;
  std::size_t framing_bytes_ = 0;
};

}  // namespace tutti::transport::http
