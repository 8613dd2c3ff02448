// TcpProxy: stands between a server under test and what it depends on, and takes the way between them away.
//
// Listens on a free port of loopback and passes bytes to a port there. What is asked of it holds for the connections
// there are and for new ones. Threads: any; a thread of its own moves the bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tutti::test {

class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t target);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  // As if it was not there: ends what the others have begun. Connections that were silent are closed.
  void Pass();

  // Resets all connections, and new ones as soon as they come.
  void Cut();

  // Accepts, acknowledges and drops: nothing comes back, and nobody is told.
  void Silence();

  // Every piece is passed on so much later.
  void Delay(std::chrono::milliseconds by);

  // So many bytes per second, in each direction of each connection.
  void Throttle(std::size_t bytes_per_second);

  enum class Loss {
    kAnswer,   // what is asked goes through, and the connection is reset instead of answered
    kRequest,  // the connection is reset before
    kSilence,  // the connection is silent from then on, what is asked included
  };

  // The next time a client sends this text (in one piece), this happens to its connection, `times` times. `and_cut`:
  // all others are cut with it, as by Cut.
  void LoseAt(std::string text, Loss loss, int times = 1, bool and_cut = false);

  // How often that has happened.
  [[nodiscard]] int losses() const;

 private:
  enum class Way { kPass, kCut, kSilence };
  using Time = std::chrono::steady_clock::time_point;

  struct Piece {
    Time due;
    std::string bytes;
  };

  struct Direction {
    std::deque<Piece> waiting;
    Time next;  // when the next piece may go, with a limit of bytes per second
  };

  struct Pair {
    int client = -1;
    int server = -1;
    Direction to_server;
    Direction to_client;
    bool is_silent = false;
    bool loses_answer = false;
    bool is_over = false;
  };

  void Run();
  void Accept();
  // Reads what has come from one end; false: that end has closed.
  bool Read(Pair& pair, bool from_client);
  void Write(Pair& pair, bool to_client, Time now);
  void Lose(Pair& pair);
  static void Reset(Pair& pair);
  void Wake();

  const std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_ = -1;
  std::vector<std::unique_ptr<Pair>> pairs_;  // the thread's own
  mutable std::mutex mutex_;                  // guards what follows
  Way way_ = Way::kPass;
  bool is_stopping_ = false;
  bool is_changed_ = false;
  std::chrono::milliseconds delay_{0};
  std::size_t bytes_per_second_ = 0;
  std::string lose_at_;
  Loss loss_ = Loss::kAnswer;
  int lose_times_ = 0;
  bool lose_cuts_ = false;
  int losses_ = 0;
  std::thread thread_;
};

}  // namespace tutti::test
