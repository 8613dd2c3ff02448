#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "progress.h"

#if defined(__SANITIZE_THREAD__)
// A race ends the case's process with a code of its own, and a crash with its signal. TSAN_OPTIONS goes before this.
extern "C" const char* __tsan_default_options() {  // NOLINT(bugprone-reserved-identifier): the sanitizer's name for it
  return "halt_on_error=1:exitcode=66:handle_segv=0:handle_sigbus=0";
}
#endif

namespace tutti::validator {
namespace {

using Clock = std::chrono::steady_clock;

// What a sanitizer or an unusual installation needs to start at all; everything else could be a secret or a setting.
constexpr std::array kKeptVariables{"PATH",         "LANG",          "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                                    "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};

constexpr std::size_t kAnswerLimit = 64U << 10U;

void CleanEnvironment(const std::string& directory) {
  std::map<std::string, std::string> kept;
  for (const char* name : kKeptVariables) {
    if (const char* value = std::getenv(name)) {
      kept.emplace(name, value);
    }
  }
  clearenv();
  for (const auto& [name, value] : kept) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  for (const char* name : {"HOME", "TMPDIR", "TUTTI_DATA", "XDG_STATE_HOME"}) {
    setenv(name, directory.c_str(), 1);
  }
}

void WriteAll(int descriptor, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) {
      return;
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

[[noreturn]] void BeChild(const std::function<Outcome()>& body, const std::string& directory, int answer) {
  setpgid(0, 0);
  CleanEnvironment(directory);
  Outcome outcome = Outcome::Fail("the case could not enter its directory " + directory);
  if (chdir(directory.c_str()) == 0) {
    try {
      outcome = body();
    } catch (const std::exception& error) {
      outcome = Outcome::Fail(std::string("the case threw: ") + error.what());
    } catch (...) {
      outcome = Outcome::Fail("the case threw something that is no std::exception");
    }
  }
  outcome.sentence.resize(std::min(outcome.sentence.size(), kAnswerLimit));
  WriteAll(answer, std::to_string(static_cast<int>(outcome.verdict)) + outcome.sentence);
  // Not exit: the plugin's destructors and exit handlers are not what the case is about.
  _exit(0);
}

// Reads to the end of the answer; false when `deadline` passes first.
bool ReadAnswer(int descriptor, Clock::time_point deadline, std::string& answer) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd waiting{descriptor, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(left)) <= 0) {
      continue;
    }
    char buffer[4096];
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count == 0) {
      return true;
    }
    if (count > 0) {
      answer.append(buffer, static_cast<std::size_t>(count));
    }
  }
}

// The end of the child itself, killed when it outlives the deadline; empty when it had to be killed.
std::optional<int> Reap(pid_t child, Clock::time_point deadline) {
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return std::nullopt;
    }
    poll(nullptr, 0, 1);
  }
  return status;
}

// The thread sanitizer's exit code, as set above; its report is on standard error.
constexpr int kRaceExit = 66;

std::string WhileTrying() {
  const std::string last = LastProgress();
  return last.empty() ? "" : ", while trying " + last;
}

Outcome Judge(bool in_time, const std::string& answer, std::optional<int> status, std::chrono::milliseconds limit) {
  if (!answer.empty() && in_time) {
    return {static_cast<Verdict>(answer[0] - '0'), answer.substr(1)};
  }
  if (!in_time || !status) {
    return Outcome::Crash("the case did not come back within " + std::to_string(limit.count()) +
                          " ms: a function of the plugin that must return did not" + WhileTrying());
  }
  if (WIFSIGNALED(*status)) {
    return Outcome::Crash(std::string("the process was ended by ") + strsignal(WTERMSIG(*status)) + WhileTrying());
  }
  if (kIsThreadSanitized && WEXITSTATUS(*status) == kRaceExit) {
    return Outcome::Fail("the thread sanitizer found a data race; its report stands above" + WhileTrying());
  }
  return Outcome::Crash("the process ended with exit code " + std::to_string(WEXITSTATUS(*status)) +
                        " in the middle of the case: a plugin must never end its process" + WhileTrying());
}

Outcome RunIn(const std::string& directory, const std::function<Outcome()>& body, std::chrono::milliseconds limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Outcome::Fail(std::string("no pipe for the case: ") + std::strerror(errno));
  }
  ResetProgress();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    BeChild(body, directory, ends[1]);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return Outcome::Fail(std::string("no process for the case: ") + std::strerror(errno));
  }
  setpgid(child, child);
  const auto deadline = Clock::now() + limit;
  std::string answer;
  const bool in_time = ReadAnswer(ends[0], deadline, answer);
  close(ends[0]);
  const std::optional<int> status = Reap(child, deadline);
  // What the plugin started and left behind; the group has the child's number until all of it is gone.
  kill(-child, SIGKILL);
  return Judge(in_time, answer, status, limit);
}

}  // namespace

Outcome RunInChild(const std::function<Outcome()>& body, std::chrono::milliseconds limit) {
  std::string directory = std::filesystem::temp_directory_path() / "tutti-validate-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    return Outcome::Fail("no directory for the case at " + directory + ": " + std::strerror(errno));
  }
  Outcome outcome = RunIn(directory, body, limit);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return outcome;
}

}  // namespace tutti::validator
