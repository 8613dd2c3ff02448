#include "answer_wait.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace tutti::storage::postgresql {

bool AnswerWait::ForResult() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  auto quiet_since = std::chrono::steady_clock::now();
  bool was_asked = false;
  while (true) {
    const int unsent = PQflush(connection_);
    if (unsent < 0 || (unsent == 0 && PQisBusy(connection_) == 0)) {
      return true;
    }
    const int socket = PQsocket(connection_);
    if (socket < 0) {
      return true;
    }
    pollfd look{socket, static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT), 0};
    const auto left = duration_cast<milliseconds>(quiet_since + silence_ - std::chrono::steady_clock::now());
    const int ready = poll(&look, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) {
      if ((look.revents & (POLLIN | POLLERR | POLLHUP)) != 0 && PQconsumeInput(connection_) == 0) {
        return true;
      }
      quiet_since = std::chrono::steady_clock::now();
      was_asked = false;
    } else if (ready == 0 && left.count() <= 0) {
      // An answer that came while somebody else was asked counts: hence one more look before the verdict.
      if (was_asked) {
        shutdown(socket, SHUT_RDWR);
        return false;
      }
      was_asked = !is_at_work_();
      quiet_since = was_asked ? quiet_since : std::chrono::steady_clock::now();
    } else if (ready < 0 && errno != EINTR) {
      return true;
    }
  }
}

}  // namespace tutti::storage::postgresql
