#include "host/isolation/worker_session.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/executor/executor.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::host {
namespace {

std::array<int, 2> Pair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  return ends;
}

// Whoever began something over it may hold it longer than its process lives; then the number belongs to somebody else,
// a client's connection for one.
TEST(WorkerSession, OneThatHasStoppedLeavesTheNumberOfItsSocketAlone) {
  testing::FakeHost host;
  Executor executor({.workers = 1});
  CallTable calls(executor, {});
  const std::array<int, 2> own = Pair();
  auto session = std::make_shared<WorkerSession>(own[0], host.raw(), PluginGrants{}, calls, WorkerSession::Settings{},
                                                 WorkerSession::Listener{[] {}, [](const std::string&) {}});
  session->Start();
  session->Stop();

  const std::array<int, 2> next = Pair();
  ASSERT_EQ(::dup2(next[0], own[0]), own[0]);
  session.reset();
  ASSERT_EQ(::send(next[1], "x", 1, MSG_NOSIGNAL), 1);
  std::array<char, 2> got{};
  EXPECT_EQ(::recv(own[0], got.data(), got.size(), 0), 1);

  for (const int descriptor : {own[0], own[1], next[0], next[1]}) {
    ::close(descriptor);
  }
}

}  // namespace
}  // namespace tutti::host
