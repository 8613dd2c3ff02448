#include "host/containment/crash_handler.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "host/containment/code_map.h"
#include "host/containment/in_plugin.h"
#include "host/containment/signal_text.h"

namespace tutti::host {

namespace {

struct Signal {
  int number;
  std::string_view name;
  bool has_address;
};

constexpr Signal kSignals[] = {{SIGSEGV, "SIGSEGV", true}, {SIGBUS, "SIGBUS", true},    {SIGFPE, "SIGFPE", true},
                               {SIGILL, "SIGILL", true},   {SIGABRT, "SIGABRT", false}, {SIGTRAP, "SIGTRAP", false}};

constexpr int kStackLines = 64;

std::atomic<int> record_file{-1};
std::atomic<int> crashing_thread{0};

static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<const PluginTag*>::is_always_lock_free);

void WriteAll(int file, std::string_view text) {
  while (file >= 0 && !text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written <= 0 && errno != EINTR) {
      return;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
}

void WriteBoth(const SignalText& text) {
  WriteAll(STDERR_FILENO, text.view());
  WriteAll(record_file.load(), text.view());
}

std::uintptr_t ProgramCounter(const void* context) {
  const auto* machine = static_cast<const ucontext_t*>(context);
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(machine->uc_mcontext.pc);
#else
  (void)machine;
  return 0;
#endif
}

void AppendCulprit(SignalText& text, std::uintptr_t at) {
  const PluginTag* plugin = nullptr;
  PluginFrame frames[ThreadSlot::kFrames];
  const ThreadSlot* slot = ThreadSlot::OfThisThread();
  const std::size_t count = slot == nullptr ? 0 : slot->Read(frames);
  CodeRange code;
  if (count > 0) {
    const PluginFrame& frame = frames[count - 1];
    plugin = frame.plugin;
    text << " in plugin " << plugin->id << " " << plugin->version << ", operation " << frame.operation->name;
    if (frame.detail[0] != '\0') {
      text << " " << frame.detail;
    }
    if (frame.call != 0) {
      text << ", call " << frame.call;
    }
  } else if (FindCode(at, code)) {
    plugin = code.plugin;
    text << " in plugin " << plugin->id << " " << plugin->version << ", on a thread of its own";
  } else {
    text << " outside of any plugin";
  }
  text << ", thread " << static_cast<std::uint64_t>(::syscall(SYS_gettid));
  if (plugin != nullptr) {
    text << "; disable it with: tutti plugin disable " << plugin->id;
  }
  text << "\n";
}

void WriteStack(std::uintptr_t at) {
  void* stack[kStackLines];
  const int depth = ::backtrace(stack, kStackLines);
  SignalText text;
  for (int i = -1; i < depth; ++i) {
    const auto address = i < 0 ? at : reinterpret_cast<std::uintptr_t>(stack[i]);
    text.Clear();
    (text << "  at ").Hex(address);
    if (CodeRange code; FindCode(address, code)) {
      (text << " " << code.plugin->id << " + ").Hex(address - code.begin);
    }
    text << "\n";
    WriteBoth(text);
  }
}

// Nothing here allocates or takes a lock. A crash within it ends the process at once, because the signal is blocked.
void OnCrash(int number, siginfo_t* info, void* context) {
  const int thread = static_cast<int>(::syscall(SYS_gettid));
  int nobody = 0;
  if (!crashing_thread.compare_exchange_strong(nobody, thread)) {
    // Another thread is about to end the process; a second signal of that thread ends it now.
    while (crashing_thread.load() != thread) {
      const timespec pause{0, 50'000'000};
      ::nanosleep(&pause, nullptr);
    }
  } else {
    const std::uintptr_t at = ProgramCounter(context);
    SignalText text;
    text << "tutti: crashed (";
    for (const Signal& signal : kSignals) {
      if (signal.number == number) {
        text << signal.name;
        if (signal.has_address && info->si_code > 0) {
          (text << " at ").Hex(reinterpret_cast<std::uintptr_t>(info->si_addr));
        }
      }
    }
    text << ")";
    AppendCulprit(text, at);
    WriteBoth(text);
    // Last, because it may find the memory it walks damaged.
    WriteStack(at);
    if (const int file = record_file.load(); file >= 0) {
      ::fsync(file);
    }
  }

  struct sigaction usual {};

  usual.sa_handler = SIG_DFL;
  ::sigaction(number, &usual, nullptr);
  ::syscall(SYS_tgkill, ::getpid(), thread, number);
  // The signal is delivered when the handler returns and unblocks it.
}

}  // namespace

Status InstallCrashHandler(const std::filesystem::path& record) {
  const int file = ::open(record.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
  if (file < 0) {
    return Status::FailedPrecondition("the crash record " + record.string() +
                                      " cannot be opened: " + std::strerror(errno));
  }
  if (const int before = record_file.exchange(file); before >= 0) {
    ::close(before);
  }
  // Its first use loads a library, which allocates.
  void* here[1];
  (void)::backtrace(here, 1);
  // This thread gets its slot and with it its stack for signals.
  (void)ThreadSlot::Current();
  for (const Signal& signal : kSignals) {
    struct sigaction present {};

    ::sigaction(signal.number, nullptr, &present);
    const bool is_free = (present.sa_flags & SA_SIGINFO) == 0 && present.sa_handler == SIG_DFL;
    if (!is_free) {
      continue;
    }

    struct sigaction action {};

    action.sa_sigaction = &OnCrash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal.number, &action, nullptr);
  }
  return {};
}

}  // namespace tutti::host
