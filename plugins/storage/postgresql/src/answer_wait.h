// Waits for the server's answer to what was sent, without waiting for ever for a server that is gone.
//
// TCP alone does not tell: a peer that vanished looks like one that is busy, and a proxy acknowledges what nobody
// reads. So after a time of silence somebody else is asked, over and over, whether the server is still at work on it.
//
// One thread at a time.
#pragma once

#include <chrono>
#include <functional>

struct pg_conn;

namespace tutti::storage::postgresql {

class AnswerWait {
 public:
  // `is_at_work` may block for as long as it bounds itself. `connection` is non-blocking and outlives this.
  AnswerWait(pg_conn* connection, std::chrono::milliseconds silence, std::function<bool()> is_at_work)
      : connection_(connection), silence_(silence), is_at_work_(std::move(is_at_work)) {}

  // Until PQgetResult does not block: an answer or a failure is there. False: nobody works on it any more; the
  // connection was shut down, and what libpq does next fails at once.
  bool ForResult();

 private:
  pg_conn* connection_;
  const std::chrono::milliseconds silence_;
  const std::function<bool()> is_at_work_;
};

}  // namespace tutti::storage::postgresql
