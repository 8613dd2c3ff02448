// fanout_client PORT CONNECTIONS SECONDS OUTSTANDING
//
// Opens WebSockets, asks for events over HTTP so that OUTSTANDING of them are always on their way, and prints how many
// messages per second arrived. An event counts as arrived when as many messages came as there are connections.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "connection.h"

namespace tutti::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWarmUp{500};
// A server that delivers nothing for this long has failed.
constexpr int kSilenceMs = 20000;

struct Options {
  std::uint16_t port = 0;
  std::size_t connections = 0;
  std::chrono::milliseconds time{0};
  std::size_t outstanding = 0;
};

class Client {
 public:
  explicit Client(const Options& options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    counters_.resize(options.connections);
    for (std::size_t i = 0; i < options.connections; ++i) {
      std::string left_over;
      sockets_.push_back(OpenWebSocket(options.port, left_over));
      counters_[i].Feed(left_over.data(), left_over.size());
      Watch(sockets_.back(), i);
    }
    for (std::size_t i = 0; i < options.outstanding; ++i) {
      sockets_.push_back(Connect(options.port));
      fcntl(sockets_.back(), F_SETFL, O_NONBLOCK);
      Watch(sockets_.back(), options.connections + i);
    }
    answers_due_.resize(options.outstanding, 0);
  }

  // Messages per second after the warm-up; negative when the server fell silent or closed a connection.
  double Run() {
    for (std::size_t i = 0; i < options_.outstanding; ++i) {
      Ask(i);
    }
    const auto begin = Clock::now() + kWarmUp;
    const auto end = begin + options_.time;
    std::uint64_t at_begin = 0;
    bool has_begun = false;
    for (;;) {
      if (!Step()) {
        return -1;
      }
      const auto now = Clock::now();
      if (!has_begun && now >= begin) {
        has_begun = true;
        at_begin = messages_;
        began_ = now;
      }
      if (now >= end) {
        return static_cast<double>(messages_ - at_begin) / std::chrono::duration<double>(now - began_).count();
      }
    }
  }

 private:
  void Watch(int descriptor, std::size_t index) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  // Asks for one more event on a control connection that owes no answer.
  void Ask(std::size_t control) {
    answers_due_[control] = 1;
    ++asked_;
    SendAll(sockets_[options_.connections + control],
            "POST /bench/publish HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options_.port) +
                "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  }

  bool Step() {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, kSilenceMs);
    if (count <= 0) {
      std::fprintf(stderr, "fanout_client: nothing arrived for %d ms\n", kSilenceMs);
      return false;
    }
    for (int i = 0; i < count; ++i) {
      if (!Read(events[i].data.u64)) {
        return false;
      }
    }
    // An event has arrived: another may be asked for, on whichever control connection is free.
    const std::uint64_t arrived = messages_ / options_.connections;
    for (std::size_t i = 0; i < answers_due_.size() && asked_ < arrived + options_.outstanding; ++i) {
      if (answers_due_[i] == 0) {
        Ask(i);
      }
    }
    return true;
  }

  bool Read(std::size_t index) {
    const ssize_t count = recv(sockets_[index], buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      std::fprintf(stderr, "fanout_client: the server closed connection %zu\n", index);
      return false;
    }
    if (index >= options_.connections) {
      answers_due_[index - options_.connections] = 0;
      return true;
    }
    FrameCounter& counter = counters_[index];
    messages_ += counter.Feed(buffer_.data(), static_cast<std::size_t>(count));
    if (counter.is_ping_pending()) {
      counter.ClearPing();
      SendAll(sockets_[index], std::string("\x8A\x80\0\0\0\0", 6));
    }
    return true;
  }

  const Options options_;
  const int epoll_;
  std::vector<int> sockets_;  // WebSockets, then control connections
  std::vector<FrameCounter> counters_;
  std::vector<char> answers_due_;
  std::string buffer_ = std::string(1U << 18U, '\0');
  std::uint64_t messages_ = 0;
  std::uint64_t asked_ = 0;
  Clock::time_point began_;
};

int Main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: fanout_client PORT CONNECTIONS SECONDS OUTSTANDING\n");
    return 2;
  }
  Options options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.connections = static_cast<std::size_t>(std::atoi(argv[2]));
  options.time = std::chrono::milliseconds(static_cast<int>(std::atof(argv[3]) * 1000));
  options.outstanding = static_cast<std::size_t>(std::atoi(argv[4]));
  if (options.port == 0 || options.connections == 0 || options.connections > 20000 || options.outstanding == 0 ||
      options.outstanding > 64) {
    std::fprintf(stderr, "fanout_client: expected a port, 1 to 20000 connections and 1 to 64 outstanding events\n");
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const double rate = Client(options).Run();
  if (rate < 0) {
    return 1;
  }
  std::printf("%.0f\n", rate);
  return 0;
}

}  // namespace
}  // namespace tutti::bench

int main(int argc, char** argv) {
  return tutti::bench::Main(argc, argv);
}
