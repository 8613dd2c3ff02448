// The reading end of a plugin's process.
//
// A few threads sleep on the socket. Whoever wakes reads, acts on what only changes state, and then runs the plugin's
// work itself while the next one sleeps in its place: no switch of threads between a message and the code it is for. At
// least one of them never runs plugin code, so that an answer is always read; work beyond that goes to the pool.
// Threads: Start once; the handler runs on one reading thread at a time, in the order of the frames.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "host/executor/executor.h"
#include "host/isolation/frame_buffer.h"

namespace tutti::host {

class WorkerLink {
 public:
  // Acts on a frame. What it gives back is plugin code to run, which may block; empty: none.
  // INVALID_ARGUMENT: the frame broke the rules.
  using Handler = std::function<Result<Executor::Work>(const Frame& frame)>;
  // The socket was closed, or the stream cannot be read further; a sentence, or empty. Does not return.
  using Ended = std::function<void(std::string reason)>;

  WorkerLink(int socket, std::size_t max_frame, Executor& executor)
      : socket_(socket), executor_(executor), buffer_(max_frame) {}

  // `threads` at least 2.
  void Start(int threads, Handler handler, Ended ended);

 private:
  void Run();
  // Reads what is there; the work that came of it.
  std::vector<Executor::Work> Read();

  const int socket_;
  Executor& executor_;
  Handler handler_;
  Ended ended_;
  int poll_ = -1;
  std::atomic<int> free_{0};  // threads that run no plugin code
  std::mutex reading_;
  FrameBuffer buffer_;  // guarded by reading_
  std::vector<std::thread> threads_;
};

}  // namespace tutti::host
