// A peer that speaks the Messages API on the wire, badly when asked to: a small HTTP/1.1 server on raw sockets that
// answers with prepared bytes, cut wherever a test wants.
//
// Threads: every function from any thread. One thread per connection inside, at most 64 connections.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tutti::fake_anthropic {

struct Reply {
  enum class Split { kWhole, kLines, kBytes };       // how the body is cut into writes (and chunks)
  enum class Framing { kChunked, kLength, kClose };  // how the end of the body is told
  enum class End { kComplete, kCut, kHang };  // kCut: closes after the body without its end; kHang: then says nothing

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Split split = Split::kWhole;
  Framing framing = Framing::kChunked;
  End end = End::kComplete;
  std::chrono::milliseconds pause{0};  // before each write of the body
  int times = 1;                       // how many requests it answers; 0 = any number
  std::vector<std::string> contains;   // only requests whose body has all of these
  std::vector<std::string> lacks;      // and none of these
};

struct Received {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::size_t connection = 0;  // number of the connection it came on, from 0
};

class FakePeer {
 public:
  // Listens on 127.0.0.1 at a free port. Throws std::runtime_error when it cannot.
  explicit FakePeer(std::function<void(const Received&)> on_request = {});
  FakePeer(const FakePeer&) = delete;
  FakePeer& operator=(const FakePeer&) = delete;
  // Closes all connections.
  ~FakePeer();

  // The first reply that fits a request and is not used up answers it; without one it is answered with 500.
  void Add(Reply reply);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] std::vector<Received> received() const;

  // Waits until so many requests have come; false after the deadline.
  [[nodiscard]] bool WaitForRequests(std::size_t count,
                                     std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;

  // Waits until no connection is open; false after the deadline.
  [[nodiscard]] bool WaitForNoConnection(std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;

 private:
  void Accept();
  void Serve(int descriptor, std::size_t number);
  Reply Choose(const Received& request);

  const std::function<void(const Received&)> on_request_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Reply> replies_;  // guarded by mutex_, as all below
  std::vector<Received> received_;
  std::map<std::size_t, int> open_;  // connection number -> descriptor
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace tutti::fake_anthropic
