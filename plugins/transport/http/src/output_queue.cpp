#include "output_queue.h"

#include <utility>

namespace tutti::transport::http {
namespace {

// A drained queue keeps this much room; more goes back, since most connections are idle.
constexpr std::size_t kKeptPieces = 16;

}  // namespace

void OutputQueue::Push(SharedBytes piece) {
  if (piece->empty()) {
    return;
  }
  if (begin_ > kKeptPieces && begin_ * 2 > pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  bytes_ += piece->size();
  pieces_.push_back(std::move(piece));
}

void OutputQueue::PushNext(SharedBytes piece) {
  bytes_ += piece->size();
  const std::size_t position = begin_ + (empty() ? 0 : 1);
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(position), std::move(piece));
}

std::size_t OutputQueue::Gather(iovec* vectors, std::size_t most) const {
  std::size_t count = 0;
  std::size_t skip = offset_;
  for (std::size_t i = begin_; i < pieces_.size() && count < most; ++i) {
    const std::string& piece = *pieces_[i];
    // iovec has no const form; sendmsg only reads.
    vectors[count++] = {const_cast<char*>(piece.data()) + skip, piece.size() - skip};
    skip = 0;
  }
  return count;
}

void OutputQueue::Advance(std::size_t count) {
  bytes_ -= count;
  while (count > 0) {
    const std::size_t left = pieces_[begin_]->size() - offset_;
    if (count < left) {
      offset_ += count;
      return;
    }
    count -= left;
    offset_ = 0;
    pieces_[begin_++].reset();
  }
  if (empty()) {
    Clear();
  }
}

void OutputQueue::Clear() {
  pieces_.clear();
  if (pieces_.capacity() > kKeptPieces) {
    pieces_.shrink_to_fit();
  }
  begin_ = 0;
  offset_ = 0;
  bytes_ = 0;
}

}  // namespace tutti::transport::http
