#include "host/isolation/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/isolation/frame_buffer.h"

namespace tutti::host {
namespace {

class ChannelTest : public ::testing::Test {
 protected:
  ~ChannelTest() override {
    channel_.Stop();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  Channel::Sent Send(std::uint64_t id, std::size_t size) {
    FrameWriter frame(FrameType::kEvent, id);
    frame.Text(std::string(size, 'x'));
    return channel_.Send(frame);
  }

  // The next frame's number; what is in it is checked.
  std::uint64_t Receive(std::size_t size) {
    while (true) {
      const Result<std::optional<Frame>> next = buffer_.Next();
      EXPECT_TRUE(next.ok());
      if (next.ok() && *next) {
        FieldReader fields((*next)->fields);
        EXPECT_EQ(fields.Text().size(), size);
        EXPECT_TRUE(fields.is_complete());
        return (*next)->id;
      }
      const std::span<char> room = buffer_.Room();
      const ssize_t got = ::recv(ends_[1], room.data(), room.size(), 0);
      EXPECT_GT(got, 0);
      buffer_.Added(got > 0 ? static_cast<std::size_t>(got) : 0);
    }
  }

  int ends_[2] = {-1, -1};
  const int made_ = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_);
  Channel channel_{ends_[0], {.max_frame = 1UL << 20U, .max_waiting = 4UL << 20U}};
  FrameBuffer buffer_{1UL << 20U};
};

TEST_F(ChannelTest, AReaderThatIsSlowGetsEverythingInOrderAndTheSenderIsNeverHeld) {
  std::uint64_t sent = 0;
  while (Send(sent, 100000) == Channel::Sent::kYes) {
    ++sent;
  }
  EXPECT_GE(sent, 40U);  // 4 MiB wait, and the socket holds some
  EXPECT_EQ(Send(sent, 100000), Channel::Sent::kFull);
  FrameWriter answer(FrameType::kEvent, sent);
  answer.Text(std::string(100000, 'x'));
  EXPECT_EQ(channel_.SendAnswer(answer), Channel::Sent::kYes);
  for (std::uint64_t i = 0; i <= sent; ++i) {
    ASSERT_EQ(Receive(100000), i);
  }
  EXPECT_EQ(Send(sent + 1, 10), Channel::Sent::kYes);
  EXPECT_EQ(Receive(10), sent + 1);
}

TEST_F(ChannelTest, WhatIsNotUrgentGoesOutByItselfAndBeforeWhatComesLater) {
  FrameWriter first(FrameType::kEvent, 1);
  first.Text("a");
  EXPECT_EQ(channel_.SendSoon(first), Channel::Sent::kYes);
  EXPECT_EQ(Receive(1), 1U);
  FrameWriter second(FrameType::kEvent, 2);
  second.Text("b");
  EXPECT_EQ(channel_.SendSoon(second), Channel::Sent::kYes);
  EXPECT_EQ(Send(3, 1), Channel::Sent::kYes);
  EXPECT_EQ(Receive(1), 2U);
  EXPECT_EQ(Receive(1), 3U);
}

TEST_F(ChannelTest, AFrameBeyondTheBoundIsRefusedAndOthersAreNot) {
  EXPECT_EQ(Send(1, 1UL << 20U), Channel::Sent::kTooLarge);
  EXPECT_EQ(Send(2, 5), Channel::Sent::kYes);
  EXPECT_EQ(Receive(5), 2U);
}

TEST_F(ChannelTest, AnEndThatIsGoneIsNoticed) {
  ::shutdown(ends_[1], SHUT_RDWR);
  EXPECT_EQ(Send(1, 10), Channel::Sent::kClosed);
  channel_.Stop();
  EXPECT_EQ(Send(2, 10), Channel::Sent::kClosed);
}

}  // namespace
}  // namespace tutti::host
