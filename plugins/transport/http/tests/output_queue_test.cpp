#include "output_queue.h"

#include <gtest/gtest.h>

namespace tutti::transport::http {
namespace {

SharedBytes Bytes(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

// Sends `step` bytes at a time and returns what came out.
std::string Drain(OutputQueue& queue, std::size_t step) {
  std::string out;
  while (!queue.empty()) {
    iovec vectors[2];
    const std::size_t count = queue.Gather(vectors, 2);
    std::string next;
    for (std::size_t i = 0; i < count; ++i) {
      next.append(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
    }
    next.resize(std::min(step, next.size()));
    out += next;
    queue.Advance(next.size());
  }
  return out;
}

TEST(OutputQueue, BytesLeaveInOrderWhateverTheSteps) {
  for (std::size_t step = 1; step < 12; ++step) {
    OutputQueue queue;
    queue.Push(Bytes("abc"));
    queue.Push(Bytes(""));
    queue.Push(Bytes("d"));
    queue.Push(Bytes("efgh"));
    EXPECT_EQ(queue.bytes(), 8U);
    EXPECT_EQ(queue.pieces(), 3U);
    EXPECT_EQ(Drain(queue, step), "abcdefgh") << step;
    EXPECT_EQ(queue.bytes(), 0U);
  }
}

TEST(OutputQueue, PushNextGoesBehindThePieceInFront) {
  OutputQueue queue;
  queue.PushNext(Bytes("1"));
  queue.Push(Bytes("23"));
  queue.Push(Bytes("67"));
  queue.Advance(2);
  queue.PushNext(Bytes("45"));
  EXPECT_EQ(Drain(queue, 100), "34567");
}

TEST(OutputQueue, ManyPiecesThroughAShortQueueKeepItShort) {
  OutputQueue queue;
  const SharedBytes piece = Bytes("x");
  for (int i = 0; i < 10'000; ++i) {
    queue.Push(piece);
    queue.Push(piece);
    queue.Advance(1);
    if (queue.pieces() > 100) {
      queue.Advance(100);
    }
  }
  EXPECT_LE(queue.pieces(), 101U);
  queue.Clear();
  EXPECT_EQ(piece.use_count(), 1);
}

}  // namespace
}  // namespace tutti::transport::http
