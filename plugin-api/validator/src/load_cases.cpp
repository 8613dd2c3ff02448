// What only shows after many times, or when several things happen at once.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "cases.h"
#include "child.h"
#include "mutate.h"
#include "progress.h"
#include "try_calls.h"

namespace tutti::validator {
namespace {

using std::chrono::milliseconds;
using testing::RunningCall;

std::size_t Entries(const char* directory) {
  std::size_t count = 0;
  std::error_code ignored;
  for (auto entry = std::filesystem::directory_iterator(directory, ignored);
       entry != std::filesystem::directory_iterator(); ++entry) {
    ++count;
  }
  return count;
}

std::size_t Threads() {
  return Entries("/proc/self/task");
}

std::size_t Descriptors() {
  return Entries("/proc/self/fd");
}

// Waits for what ends a moment after somebody let go of it.
template <typename Condition>
bool Becomes(const Condition& condition) {
  testing::Signal signal;
  return signal.WaitUntil(condition, milliseconds(2000));
}

// One life of a plugin, with its calls made; what it has to say about itself, or empty.
std::string LiveOnce(const PluginFolder& folder, testing::FakeHost& host, const tutti_entry& entry,
                     std::optional<Outcome>& refusal) {
  testing::LoadedPlugin plugin(host, entry.create);
  Status status = plugin.status();
  status = status.ok() ? plugin.Init(folder.config) : status;
  status = status.ok() ? plugin.Activate() : status;
  if (!status.ok()) {
    refusal = Refused("the start", status);
    return {};
  }
  for (const ServedCall& call : ServedCalls(folder, plugin)) {
    RunningCall running = call.begin(plugin);
    std::string problem = AwaitEnd(host, call, running);
    if (!problem.empty()) {
      return problem;
    }
  }
  return ShowEvents(folder, plugin) ? "" : "on_events did not return";
}

// Bytes that are allocated and not freed, in all arenas.
std::size_t HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

Outcome CheckActivationsCase(const PluginFolder& folder, const Effort& effort) {
  ActiveInstance instance = Activate(folder, {}, Services::kAnswer);
  if (instance.refusal) {
    return *instance.refusal;
  }
  const std::vector<ServedCall> calls = CallsThatEnd(folder, instance);
  std::size_t made = 0;
  for (int i = 1; i <= effort.activations; ++i) {
    SetProgress("activation " + std::to_string(i));
    if (!calls.empty()) {
      const ServedCall& call = calls[made++ % calls.size()];
      RunningCall running = call.begin(*instance.plugin);
      const std::string problem = AwaitEnd(*instance.host, call, running);
      if (!problem.empty()) {
        Abandon(std::move(instance));
        return Outcome::Fail("in activation " + std::to_string(i) + " " + problem);
      }
    }
    instance.plugin->Deactivate();
    const Status again = i < effort.activations ? instance.plugin->Activate() : Status();
    if (!again.ok()) {
      return Outcome::Fail("activation " + std::to_string(i + 1) + " was refused: " + std::string(again.message()));
    }
    instance.host->DropHistory();
  }
  return Outcome::Pass("activated " + std::to_string(effort.activations) + " times, with a call in each");
}

Outcome CheckDeactivateCase(const PluginFolder& folder, const Effort& effort) {
  constexpr int kCallers = 3;
  for (int round = 1; round <= effort.rounds; ++round) {
    SetProgress("deactivation " + std::to_string(round) + " with calls in flight");
    ActiveInstance instance = ActivateWatched(folder, {}, {}, round % 2 == 0 ? Services::kAnswer : Services::kHold);
    if (instance.refusal) {
      return *instance.refusal;
    }
    const std::vector<ServedCall> calls = ServedCalls(folder, *instance.plugin);
    if (calls.empty()) {
      return Outcome::Skip("the plugin serves no call that can be tried without harm");
    }
    std::array<std::vector<RunningCall>, kCallers> begun;
    std::vector<std::thread> callers;
    for (std::vector<RunningCall>& mine : begun) {
      callers.emplace_back([&] {
        for (const ServedCall& call : calls) {
          mine.push_back(call.begin(*instance.plugin));
        }
      });
    }
    for (std::thread& caller : callers) {
      caller.join();
    }
    // As a host does it: no more calls are sent, the running ones are cancelled, and when they have ended deactivate is
    // called. Settle does the first part, so that it can be looked at by itself.
    std::string problem = instance.host->Settle(kCallLimit) ? "" : "something still ran after its calls were cancelled";
    for (std::size_t i = 0; i < kCallers * calls.size() && problem.empty(); ++i) {
      const RunningCall& call = begun[i / calls.size()][i % calls.size()];
      if (!instance.host->WaitUntil([&] { return call.is_over(); }, kCallLimit)) {
        problem = calls[i % calls.size()].name + " was not finished after it was cancelled for a deactivation";
      } else if (call.finish_attempts() > 1) {
        problem = calls[i % calls.size()].name + " was finished more than once";
      }
    }
    if (!problem.empty()) {
      Abandon(std::move(instance));
      return Outcome::Fail(problem);
    }
    instance.plugin->Deactivate();
    // Whoever still has something to say says it until the end.
    instance.plugin.reset();
    instance.host->Settle();
    const std::vector<std::string> findings = instance.watched->findings();
    const auto late = std::find_if(findings.begin(), findings.end(), [](const std::string& finding) {
      return finding.find("after deactivate had returned") != std::string::npos;
    });
    if (late != findings.end()) {
      return Outcome::Fail(*late);
    }
  }
  return Outcome::Pass("deactivated " + std::to_string(effort.rounds) +
                       " times with calls in flight: all ended, nothing was called afterwards");
}

Outcome CheckRaceCase(const PluginFolder& folder, const Effort& effort) {
  constexpr unsigned kCallers = 4;
  constexpr std::size_t kAtOnce = 16;
  ActiveInstance instance = Activate(folder, {.workers = 4}, Services::kAnswer);
  if (instance.refusal) {
    return *instance.refusal;
  }
  const std::vector<ServedCall> calls = CallsThatEnd(folder, instance);
  if (calls.empty()) {
    return Outcome::Skip("the plugin serves no call that can be tried without harm");
  }
  SetProgress("calls from " + std::to_string(kCallers) + " threads, some of them cancelled or ended by the host");
  std::mutex mutex;
  std::string problem;  // guarded by mutex
  std::atomic<bool> has_failed{false};
  std::atomic<std::size_t> over{0};
  const auto run = [&](unsigned number) {
    Random random(effort.seed + number);
    for (std::size_t made = 0; made < effort.raced / kCallers && !has_failed; made += kAtOnce) {
      std::vector<std::pair<const ServedCall*, RunningCall>> begun;
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        const ServedCall& call = calls[Below(random, calls.size())];
        begun.emplace_back(&call, call.begin(*instance.plugin));
        const std::size_t choice = Below(random, 8);
        if (choice == 0) {
          begun.back().second.Cancel();
        } else if (choice == 1) {
          begun.back().second.Abandon();
        }
      }
      for (auto& [call, running] : begun) {
        if (has_failed) {
          break;
        }
        const std::string found = AwaitEnd(*instance.host, *call, running);
        if (!found.empty()) {
          const std::lock_guard lock(mutex);
          problem = found;
          has_failed = true;
        }
        ++over;
      }
      if (number == 0) {
        (void)ShowEvents(folder, *instance.plugin);
      }
    }
  };
  std::vector<std::thread> callers;
  for (unsigned i = 0; i < kCallers; ++i) {
    callers.emplace_back(run, i);
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  if (problem.empty()) {
    problem = AwaitIdle(*instance.host);
  }
  if (!problem.empty()) {
    Abandon(std::move(instance));
    return Outcome::Fail("among calls from several threads " + problem);
  }
  instance.plugin->Deactivate();
  return Outcome::Pass(std::to_string(over.load()) + " calls from " + std::to_string(kCallers) + " threads ended once" +
                       (kIsThreadSanitized ? ", without a data race" : ""));
}

Outcome CheckMemoryCase(const PluginFolder& folder, const Effort& effort) {
  if (kIsHeapHidden || HeapInUse() == 0) {
    return Outcome::Skip("this build's allocator does not tell what is in use; leak checkers of sanitizers do");
  }
  ActiveInstance instance = Activate(folder, {}, Services::kAnswer);
  if (instance.refusal) {
    return *instance.refusal;
  }
  const std::vector<ServedCall> calls = CallsThatEnd(folder, instance);
  if (calls.empty()) {
    return Outcome::Skip("the plugin serves no call that can be tried without harm");
  }
  // The first rounds fill caches and pools. What is then still growing, from the first to the last third of the rounds
  // that count, grows with the calls. A queue that a busy machine let become long may grow once more, a leak always
  // does: so it must grow in several spans.
  constexpr std::size_t kWarmUp = 4;
  constexpr std::size_t kCounted = 12;
  constexpr std::size_t kThird = kCounted / 3;
  constexpr std::size_t kSlack = 64U << 10U;
  constexpr std::size_t kPerCall = 16;
  constexpr int kSpans = 3;
  std::vector<std::size_t> in_use;
  const std::size_t per_call = std::max<std::size_t>(1, effort.repeated * 20 / calls.size());
  const std::size_t between = per_call * calls.size() * (kThird + 1);
  std::size_t grown = 0;
  int spans = 0;
  for (std::size_t round = 0; spans < kSpans; ++round) {
    for (const ServedCall& call : calls) {
      SetProgress("round " + std::to_string(round + 1) + " of " + call.name);
      std::vector<RunningCall> begun;
      for (std::size_t i = 0; i < per_call; ++i) {
        begun.push_back(call.begin(*instance.plugin));
      }
      for (RunningCall& running : begun) {
        const std::string problem = AwaitEnd(*instance.host, call, running);
        if (!problem.empty()) {
          Abandon(std::move(instance));
          return Outcome::Fail(problem);
        }
      }
    }
    const std::string problem = AwaitIdle(*instance.host);
    if (!problem.empty()) {
      Abandon(std::move(instance));
      return Outcome::Fail(problem);
    }
    instance.host->DropHistory();
    in_use.push_back(HeapInUse());
    if (in_use.size() < kWarmUp + kCounted) {
      continue;
    }
    const auto counted = in_use.end() - kCounted;
    const std::size_t early = *std::max_element(counted, counted + kThird);
    const std::size_t late = *std::min_element(counted + 2 * kThird, in_use.end());
    grown = late > early ? late - early : 0;
    if (grown <= kSlack + kPerCall * between) {
      break;
    }
    ++spans;
    in_use.resize(kWarmUp);
  }
  if (spans == kSpans) {
    return Outcome::Fail("the heap grew by " + std::to_string(grown) + " bytes over " + std::to_string(between) +
                         " calls (" + std::to_string(grown / between) +
                         " per call) and did not stop; expected less than " + std::to_string(kPerCall) +
                         " per call after the first rounds");
  }
  return Outcome::Pass("the heap grew by " + std::to_string(grown) + " bytes over " + std::to_string(between) +
                       " calls");
}

Outcome CheckLeftoversCase(const PluginFolder& folder) {
  constexpr int kLives = 4;
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  testing::FakeHost host;
  ProgramServices(host, Services::kAnswer);
  // A library may keep what it opened for the first time, so descriptors are counted from the second life on.
  const std::size_t threads = Threads();
  std::size_t descriptors = 0;
  for (int life = 1; life <= kLives; ++life) {
    SetProgress("life " + std::to_string(life) + " from create to destroy");
    std::optional<Outcome> refusal;
    const std::string problem = LiveOnce(folder, host, **entry, refusal);
    if (refusal) {
      return *refusal;
    }
    if (!problem.empty()) {
      return Outcome::Fail(problem);
    }
    if (!Becomes([&] { return Threads() <= threads; })) {
      return Outcome::Fail(std::to_string(Threads() - threads) +
                           " threads of the plugin were still there 2 s after destroy; join them in deactivate");
    }
    if (life == 1) {
      descriptors = Descriptors();
    } else if (!Becomes([&] { return Descriptors() <= descriptors; })) {
      return Outcome::Fail(std::to_string(Descriptors() - descriptors) + " descriptors more are open after " +
                           std::to_string(life) + " lives than after one; close them in deactivate or destroy");
    }
  }
  return Outcome::Pass("no thread and no descriptor was left after " + std::to_string(kLives) + " lives");
}

}  // namespace tutti::validator
