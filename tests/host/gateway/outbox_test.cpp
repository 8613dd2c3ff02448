#include "host/gateway/outbox.h"

#include <gtest/gtest.h>

#include "tests/host/gateway/fake_transport.h"

namespace tutti::host {
namespace {

using Messages = std::vector<std::string>;

TEST(Outbox, KeepsOrderWhileTheTransportIsFull) {
  FakeTransport transport;
  Outbox outbox(transport, 1, 8);
  transport.SetRoom(1, 1);
  outbox.Push("a", false);
  outbox.Push("b", false);
  outbox.Push("c", false);
  EXPECT_EQ(transport.WaitForMessages(1, 1), Messages{"a"});
  EXPECT_EQ(outbox.waiting(), 2U);
  transport.SetRoom(1, 10);
  outbox.Flush();
  EXPECT_EQ(transport.WaitForMessages(1, 3), (Messages{"a", "b", "c"}));
  EXPECT_EQ(outbox.waiting(), 0U);
}

TEST(Outbox, DropsDroppableMessagesWhenFull) {
  FakeTransport transport;
  Outbox outbox(transport, 1, 2);
  transport.SetRoom(1, 0);
  for (const char* message : {"a", "b", "c"}) {
    outbox.Push(message, true);
  }
  outbox.Push("answer", false);
  transport.SetRoom(1, 10);
  outbox.Flush();
  EXPECT_EQ(transport.WaitForMessages(1, 3), (Messages{"a", "b", "answer"}));
}

TEST(Outbox, SendsNothingAfterClose) {
  FakeTransport transport;
  Outbox outbox(transport, 1, 2);
  outbox.Close();
  outbox.Push("a", false);
  EXPECT_EQ(transport.sends(), 0U);
  EXPECT_EQ(outbox.waiting(), 0U);
}

// A client that reads while a refused message is on its way back: nobody announces the room a second time.
class RoomWhileRefusing : public FakeTransport {
 public:
  void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
            std::vector<tutti_code>& accepted) override {
    FakeTransport::Send(connections, message, accepted);
    if (accepted.at(0) == TUTTI_WOULD_BLOCK) {
      SetRoom(1, 10);
      outbox->Flush();
    }
  }

  Outbox* outbox = nullptr;
};

TEST(Outbox, NoticesRoomAnnouncedDuringARefusedSend) {
  RoomWhileRefusing transport;
  Outbox outbox(transport, 1, 8);
  transport.outbox = &outbox;
  transport.SetRoom(1, 0);
  outbox.Push("a", false);
  EXPECT_EQ(transport.WaitForMessages(1, 1), Messages{"a"});
}

}  // namespace
}  // namespace tutti::host
