// Bodies nobody would send on purpose.
#include <algorithm>
#include <chrono>
#include <deque>
#include <set>

#include "cases.h"
#include "mutate.h"
#include "progress.h"
#include "try_calls.h"
#include "tutti/sdk/text.hpp"

namespace tutti::validator {
namespace {

constexpr std::size_t kAtOnce = 32;
constexpr std::chrono::milliseconds kSlow{10};
// Calls that take their time must not make the case take longer than it may.
constexpr std::chrono::seconds kBudget{10};

std::string Shown(std::string_view body) {
  constexpr std::size_t kShown = 300;
  return JsonQuote(CleanUtf8(body.substr(0, kShown))) +
         (body.size() > kShown ? "... (" + std::to_string(body.size()) + " bytes)" : "");
}

std::string RandomBody(const std::string& smallest, Random& random) {
  return Below(random, 5) == 0 ? Noise(random) : Mutate(smallest, random);
}

// What init says to configurations that no schema accepted; empty when it keeps its feet.
std::string ProblemWithConfigs(const PluginFolder& folder, const Effort& effort, Random& random) {
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  testing::FakeHost host;
  ProgramServices(host, Services::kAnswer);
  for (std::size_t i = 0; i < effort.bodies / 50; ++i) {
    const std::string config = RandomBody(folder.config, random);
    SetProgress("init with the configuration " + Shown(config));
    testing::LoadedPlugin plugin(host, (*entry)->create);
    const Status status = plugin.Init(config);
    if (!status.ok() && status.message().empty()) {
      return "init refused the configuration " + Shown(config) + " without a sentence";
    }
  }
  return {};
}

}  // namespace

Outcome CheckRandomCase(const PluginFolder& folder, const Effort& effort) {
  Random random(effort.seed);
  ActiveInstance instance = Activate(folder, {}, Services::kAnswer);
  if (instance.refusal) {
    return *instance.refusal;
  }
  const std::string with_seed = " (--seed " + std::to_string(effort.seed) + ")";
  std::vector<ServedCall> calls = CallsThatEnd(folder, instance);
  std::erase_if(calls, [](const ServedCall& call) { return !call.begin_with; });
  std::size_t made = 0;

  // One after another, so that a crash is that of the body which is named. Calls that take their time (a model that
  // speaks slowly) overlap, and the sentence says so.
  struct Begun {
    const ServedCall* call;
    std::string body;
    testing::RunningCall running;
  };

  std::deque<Begun> running;
  std::set<const ServedCall*> slow;
  std::string problem;
  const auto await_first = [&] {
    const std::string found = AwaitEnd(*instance.host, *running.front().call, running.front().running);
    if (!found.empty() && problem.empty()) {
      problem = found + "; its body was " + Shown(running.front().body) + with_seed;
    }
    running.pop_front();
  };
  const auto enough = std::chrono::steady_clock::now() + kBudget;
  for (; !calls.empty() && made < effort.bodies && problem.empty(); ++made) {
    if (std::chrono::steady_clock::now() > enough) {
      break;
    }
    const ServedCall& call = calls[Below(random, calls.size())];
    std::string body = RandomBody(call.body, random);
    const std::string others =
        running.empty() ? "" : " (with " + std::to_string(running.size()) + " before it still running)";
    SetProgress("body " + std::to_string(made + 1) + with_seed + " of " + call.name + others + ": " + Shown(body));
    testing::RunningCall begun = call.begin_with(*instance.plugin, body);
    running.push_back({&call, std::move(body), std::move(begun)});
    if (slow.count(&call) == 0) {
      const auto start = std::chrono::steady_clock::now();
      while (!running.empty()) {
        await_first();
      }
      if (std::chrono::steady_clock::now() - start > kSlow) {
        slow.insert(&call);
      }
    } else if (running.size() >= kAtOnce) {
      await_first();
    }
    if (made % 100 == 0) {
      instance.host->DropHistory();
    }
  }
  if (made < effort.bodies) {
    for (Begun& begun : running) {
      begun.running.Cancel();
    }
  }
  while (!running.empty() && problem.empty()) {
    await_first();
  }
  if (!problem.empty()) {
    Abandon(std::move(instance));
    return Outcome::Fail(problem);
  }
  const std::string idle = AwaitIdle(*instance.host);
  if (!idle.empty()) {
    Abandon(std::move(instance));
    return Outcome::Fail(idle + with_seed);
  }
  instance.plugin.reset();
  instance.host.reset();
  problem = ProblemWithConfigs(folder, effort, random);
  if (!problem.empty()) {
    return Outcome::Fail(problem + with_seed);
  }
  return Outcome::Pass(std::to_string(made) + (made < effort.bodies && !calls.empty() ? " slow" : "") + " bodies and " +
                       std::to_string(effort.bodies / 50) + " configurations did no harm" + with_seed);
}

}  // namespace tutti::validator
