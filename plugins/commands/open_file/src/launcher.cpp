#include "launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace tutti::open_file {
namespace {

constexpr std::size_t kMostOutput = 2000;
constexpr std::chrono::milliseconds kLook{100};  // how late a stop is noticed

// Closes it when it goes.
struct Descriptor {
  explicit Descriptor(int of) : fd(of) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() { Close(); }

  void Close() {
    if (fd >= 0) {
      ::close(fd);
    }
    fd = -1;
  }

  int fd;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // NOLINT: as posix_spawn takes it
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Takes what is there without waiting.
void Read(int fd, std::string& output) {
  std::array<char, 1024> buffer{};
  ssize_t count = 0;
  while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
    output.append(buffer.data(), std::min(static_cast<std::size_t>(count), kMostOutput - output.size()));
  }
}

}  // namespace

Status Launcher::Start(std::vector<std::string> arguments, Done done) {
  std::vector<std::thread> over;
  Status status;
  {
    const std::lock_guard lock(mutex_);
    over.swap(over_);
    if (is_stopping_) {
      status = Status::Unavailable("the server is stopping");
    } else if (running_.size() >= options_.max_running) {
      status =
          Status::ResourceExhausted(std::to_string(running_.size()) + " editor commands run already; try again later");
    } else {
      const std::uint64_t number = next_++;
      try {
        running_.emplace(number, std::thread([this, number, arguments = std::move(arguments), done = std::move(done)] {
                           done(Launch(arguments));
                           const std::lock_guard ended(mutex_);
                           if (const auto self = running_.find(number); self != running_.end()) {
                             over_.push_back(std::move(self->second));
                             running_.erase(self);
                           }
                         }));
      } catch (const std::system_error& error) {
        status = Status::Unavailable(std::string("no thread could be started for the editor: ") + error.what());
      }
    }
  }
  for (std::thread& thread : over) {
    thread.join();
  }
  return status;
}

LaunchOutcome Launcher::Launch(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return {LaunchOutcome::End::kNotStarted, errno, {}};
  }
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.fd, STDERR_FILENO);
  // A group of its own, so that its time limit reaches what it has started; signals as a program expects them.
  sigset_t none;
  sigset_t defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, arguments.front().c_str(), &actions, &attributes,
                                   Pointers(arguments).data(), Pointers(options_.environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return {error == ENOENT ? LaunchOutcome::End::kNotFound : LaunchOutcome::End::kNotStarted, error, {}};
  }
  writing.Close();
  return Wait(process, reading.fd);
}

// The pipe is not waited for: a window that stays open may hold its other end for days.
LaunchOutcome Launcher::Wait(int process, int output) {
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  LaunchOutcome outcome;
  bool is_ended_here = false;
  while (true) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) == process) {
      Read(output, outcome.output);
      outcome.end = is_ended_here       ? LaunchOutcome::End::kTimedOut
                    : WIFEXITED(status) ? LaunchOutcome::End::kExited
                                        : LaunchOutcome::End::kSignalled;
      outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
      return outcome;
    }
    bool is_stopping = false;
    {
      const std::lock_guard lock(mutex_);
      is_stopping = is_stopping_;
    }
    if (!is_ended_here && (is_stopping || std::chrono::steady_clock::now() >= deadline)) {
      is_ended_here = true;
      ::kill(-process, SIGKILL);
    }
    // Without a handle it is looked at now and then.
    std::array<pollfd, 2> waits{pollfd{handle.fd, POLLIN, 0}, pollfd{output, POLLIN, 0}};
    (void)::poll(waits.data(), 2, static_cast<int>(kLook.count()));
    if ((waits[1].revents & POLLIN) != 0) {
      Read(output, outcome.output);
    } else if ((waits[1].revents & POLLHUP) != 0) {
      output = -1;  // ends the notices of a pipe that nobody writes to any more
    }
  }
}

void Launcher::Stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    threads.swap(over_);
    for (auto& [number, thread] : running_) {
      threads.push_back(std::move(thread));
    }
    running_.clear();
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace tutti::open_file
