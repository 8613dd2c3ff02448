#include "host/sandbox/rehearsal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace tutti::host {
namespace {

// The exit code alone would not do: where SIGCHLD is ignored nobody can collect it.
constexpr std::string_view kDone = "done";

Status Failed(const char* what) {
  return Status::FailedPrecondition(std::string("expected to try the namespaces in a child, found: ") + what + ": " +
                                    std::strerror(errno));
}

std::string ReadAll(int pipe) {
  std::string text;
  std::array<char, 512> part{};
  for (;;) {
    const ssize_t count = ::read(pipe, part.data(), part.size());
    if (count > 0) {
      text.append(part.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return text;
    }
  }
}

[[noreturn]] void RunAttempt(const std::function<Status()>& attempt, int pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Status status = attempt();
  const std::string_view answer = status.ok() ? kDone : status.message();
  // Shorter than a pipe's buffer, so one write is all of it.
  ::_exit(::write(pipe, answer.data(), answer.size()) > 0 ? 0 : 1);
}

}  // namespace

Status Rehearse(const std::function<Status()>& attempt) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return Failed("pipe2");
  }
  const pid_t child = ::fork();
  if (child == 0) {
    RunAttempt(attempt, pipe[1]);
  }
  Status forked = child > 0 ? Status() : Failed("fork");
  ::close(pipe[1]);
  std::string text = child > 0 ? ReadAll(pipe[0]) : std::string();
  ::close(pipe[0]);
  if (child < 0) {
    return forked;
  }
  int ended = 0;
  while (::waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (text == kDone) {
    return {};
  }
  if (text.empty()) {
    text = WIFSIGNALED(ended) ? std::string("the attempt ended by ") + ::strsignal(WTERMSIG(ended))
                              : std::string("the attempt failed without a word");
  }
  return Status::FailedPrecondition(std::move(text));
}

}  // namespace tutti::host
