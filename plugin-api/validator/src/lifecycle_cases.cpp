#include <array>
#include <string>
#include <string_view>

#include "cases.h"
#include "instance.h"
#include "library.h"

namespace tutti::validator {
namespace {

using testing::FakeHost;
using testing::LoadedPlugin;

// Created twice at a time, one of them initialised, and both destroyed.
Outcome CreateAndDestroy(const PluginFolder& folder, const tutti_entry& entry) {
  FakeHost host;
  ProgramServices(host, Services::kAnswer);
  LoadedPlugin first(host, entry.create);
  if (!first.status().ok()) {
    return Refused("create", first.status());
  }
  const LoadedPlugin second(host, entry.create);
  if (!second.status().ok()) {
    return Outcome::Fail("a second create was refused: " + std::string(second.status().message()) +
                         "; create may be called more than once");
  }
  const Status status = first.Init(folder.config);
  if (!status.ok()) {
    return Refused("init with the schema's defaults", status);
  }
  if (first.Extension<void>("tutti.none/0") != nullptr) {
    return Outcome::Fail("get_extension answered a table for \"tutti.none/0\"; unknown ids get NULL");
  }
  return Outcome::Pass("");
}

}  // namespace

Outcome CheckLifecycleCase(const PluginFolder& folder) {
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  Outcome outcome = CreateAndDestroy(folder, **entry);
  if (outcome.verdict != Verdict::kPass) {
    return outcome;
  }
  {
    ActiveInstance instance = Activate(folder, {}, Services::kAnswer);
    if (instance.refusal) {
      return *instance.refusal;
    }
    instance.plugin->Deactivate();
    const Status again = instance.plugin->Activate();
    if (!again.ok()) {
      return Outcome::Fail("a second activate after deactivate was refused: " + std::string(again.message()));
    }
    instance.plugin->Deactivate();
    instance.plugin.reset();
    if (!instance.host->executor().IsIdle()) {
      return Outcome::Fail("work of the plugin was left in the host's executor after destroy");
    }
  }
  return Outcome::Pass("created twice, activated twice, destroyed in every state");
}

Outcome CheckBadConfigCase(const PluginFolder& folder) {
  using std::string_view_literals::operator""sv;
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  constexpr std::array kNoJson{"{"sv, "{\"a\":"sv, "}"sv, "{} {}"sv, "\xff\xfe"sv, "{\"a\":\"\xc3\x28\"}"sv, "\0"sv};
  // JSON, but not what any schema of an object accepts: the plugin may do as it likes, except crash.
  constexpr std::array kNoObject{"null"sv, "[]"sv, "7"sv, "\"text\""sv, "[[[[[[[[]]]]]]]]"sv};
  FakeHost host;
  ProgramServices(host, Services::kAnswer);
  for (const std::string_view config : kNoJson) {
    LoadedPlugin plugin(host, (*entry)->create);
    const Status status = plugin.Init(config);
    const std::string shown = JsonQuote(CleanUtf8(config));
    if (status.ok()) {
      return Outcome::Fail("init accepted the configuration " + shown + ", which is no JSON");
    }
    if (status.message().empty()) {
      return Outcome::Fail("init refused the configuration " + shown + " without a sentence");
    }
  }
  for (const std::string_view config : kNoObject) {
    LoadedPlugin plugin(host, (*entry)->create);
    (void)plugin.Init(config);
  }
  return Outcome::Pass("refused " + std::to_string(kNoJson.size()) +
                       " configurations that are no JSON, each with a sentence");
}

}  // namespace tutti::validator
