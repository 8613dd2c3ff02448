// Bodies nobody would send on purpose.
#include <algorithm>

#include "cases.h"
#include "mutate.h"
#include "progress.h"
#include "try_calls.h"
#include "tutti/sdk/text.hpp"

namespace tutti::validator {
namespace {

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
  // One after another, so that a crash is that of the body which is named.
  for (; !calls.empty() && made < effort.bodies; ++made) {
    const ServedCall& call = calls[Below(random, calls.size())];
    const std::string body = RandomBody(call.body, random);
    SetProgress("body " + std::to_string(made + 1) + with_seed + " of " + call.name + ": " + Shown(body));
    testing::RunningCall running = call.begin_with(*instance.plugin, body);
    const std::string problem = AwaitEnd(*instance.host, call, running);
    if (!problem.empty()) {
      Abandon(std::move(instance));
      return Outcome::Fail(problem + "; its body was " + Shown(body) + with_seed);
    }
    if (made % 100 == 0) {
      instance.host->DropHistory();
    }
  }
  const std::string idle = AwaitIdle(*instance.host);
  if (!idle.empty()) {
    Abandon(std::move(instance));
    return Outcome::Fail(idle + with_seed);
  }
  instance.plugin.reset();
  instance.host.reset();
  const std::string problem = ProblemWithConfigs(folder, effort, random);
  if (!problem.empty()) {
    return Outcome::Fail(problem + with_seed);
  }
  return Outcome::Pass(std::to_string(made) + " bodies and " + std::to_string(effort.bodies / 50) +
                       " configurations did no harm" + with_seed);
}

}  // namespace tutti::validator
