// Older and newer hosts, hosts that lack something, and what a plugin calls in any of them.
#include <cstring>
#include <map>

#include "cases.h"
#include "guarded_block.h"
#include "progress.h"
#include "try_calls.h"

namespace tutti::validator {
namespace {

// Brings the plugin up in such a host and makes its calls. It may refuse, with a sentence; `loaded` counts where not.
std::string ProblemIn(const PluginFolder& folder, const HostShape& shape, testing::FakeHostOptions options,
                      int& loaded) {
  ActiveInstance instance = ActivateWatched(folder, shape, options);
  if (instance.refusal) {
    return instance.refusal->is_bad() ? instance.refusal->sentence : "";
  }
  ++loaded;
  std::string problem = TryEach(folder, instance);
  if (!problem.empty()) {
    Abandon(std::move(instance));
  }
  return problem;
}

// What `create` says when it is given `host` and room for `plugin`; the sentence it wrote comes to `error`.
tutti_code CreateIn(const tutti_entry& entry, const void* host, void* plugin, std::string& error) {
  const tutti_sink sink{sizeof sink, &error,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  return entry.create(static_cast<const tutti_host*>(host), static_cast<tutti_plugin*>(plugin), &sink);
}

std::string MustHaveRefused(tutti_code code, const std::string& error, const std::string& what) {
  if (code == TUTTI_OK) {
    return "create succeeded with " + what + "; expected it to refuse";
  }
  return error.empty() ? "create refused " + what + " without a sentence" : "";
}

// Structs of create that end too early, and one that is larger than the plugin knows.
std::string ProblemInCreate(const tutti_entry& entry) {
  testing::FakeHost host;
  constexpr std::size_t kCutHost = offsetof(tutti_host, get_service);
  const GuardedBlock small_host(kCutHost);
  tutti_host shown = *host.raw();
  shown.size = kCutHost;
  std::memcpy(small_host.data(), &shown, kCutHost);
  tutti_plugin plugin{};
  plugin.size = sizeof plugin;
  std::string error;
  SetProgress("a tutti_host that ends before get_service");
  std::string problem =
      MustHaveRefused(CreateIn(entry, small_host.data(), &plugin, error), error, "a tutti_host without get_service");
  if (!problem.empty()) {
    return problem;
  }

  constexpr std::uint32_t kCutPlugin = offsetof(tutti_plugin, get_extension);
  const GuardedBlock small_plugin(kCutPlugin);
  std::memset(small_plugin.data(), 0, kCutPlugin);
  std::memcpy(small_plugin.data(), &kCutPlugin, sizeof kCutPlugin);
  error.clear();
  SetProgress("room for a tutti_plugin that ends before get_extension");
  problem = MustHaveRefused(CreateIn(entry, host.raw(), small_plugin.data(), error), error,
                            "room for a tutti_plugin without get_extension");
  if (!problem.empty()) {
    return problem;
  }

  struct {
    tutti_plugin plugin;
    unsigned char more[64];
  } large{};

  std::memset(large.more, 0xa5, sizeof large.more);
  large.plugin.size = sizeof large;
  error.clear();
  SetProgress("room for a larger tutti_plugin");
  if (CreateIn(entry, host.raw(), &large, error) != TUTTI_OK) {
    return error.empty() ? "create refused room for a larger tutti_plugin without a sentence"
                         : "create refused room for a larger tutti_plugin, as of a newer host: " + error;
  }
  const std::uint32_t filled = large.plugin.size;
  large.plugin.destroy(large.plugin.self);
  if (filled < sizeof(tutti_plugin) || filled > sizeof large) {
    return "create left the size " + std::to_string(filled) +
           " in the tutti_plugin; expected what it filled, such as " + std::to_string(sizeof(tutti_plugin));
  }
  for (std::size_t i = filled > sizeof(tutti_plugin) ? sizeof large.more : 0; i < sizeof large.more; ++i) {
    if (large.more[i] != 0xa5) {
      return "create wrote behind the size it set in the tutti_plugin";
    }
  }
  return {};
}

}  // namespace

Outcome CheckSizesCase(const PluginFolder& folder) {
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  std::string problem = ProblemInCreate(**entry);
  if (!problem.empty()) {
    return Outcome::Fail(problem);
  }
  SetProgress("a host whose structs are 64 bytes larger");
  int loaded = 0;
  problem = ProblemIn(folder, {.extra_bytes = 64}, {.extra_bytes = 64}, loaded);
  if (!problem.empty()) {
    return Outcome::Fail("in a newer host, whose structs are 64 bytes larger: " + problem);
  }
  if (loaded == 0) {
    SetProgress("a host as it is");
    problem = ProblemIn(folder, {}, {}, loaded);
    if (loaded > 0) {
      return Outcome::Fail(
          "the plugin loads in a host of this size, but refuses a newer one, whose structs are larger");
    }
  }
  const int newer = loaded;
  for (const std::string& service : WatchedHost::Services()) {
    SetProgress(service + " with a table that ends before its last function");
    problem = ProblemIn(folder, {.cut = service}, {}, loaded);
    if (!problem.empty()) {
      return Outcome::Fail("in an older host, where the table of " + service +
                           " ends before its last function: " + problem);
    }
  }
  return newer == 0 ? Outcome::Skip("no host was too small for create; the rest could not be tried, see `lifecycle`")
                    : Outcome::Pass("works in a newer host; loads or refuses in older ones");
}

Outcome CheckServicesCase(const PluginFolder& folder) {
  int loaded = 0;
  const std::vector<std::string>& services = WatchedHost::Services();
  for (const std::string& service : services) {
    SetProgress("a host without " + service);
    const std::string problem = ProblemIn(folder, {.missing = {service}}, {}, loaded);
    if (!problem.empty()) {
      return Outcome::Fail("in a host without " + service + ": " + problem);
    }
  }
  SetProgress("a host without any service");
  const std::string problem = ProblemIn(folder, {.missing = {services.begin(), services.end()}}, {}, loaded);
  if (!problem.empty()) {
    return Outcome::Fail("in a host without any service: " + problem);
  }
  return Outcome::Pass("loads without " + std::to_string(loaded) + " of " + std::to_string(services.size()) +
                       " services, refuses the rest with a sentence");
}

Outcome CheckConductCase(const PluginFolder& folder) {
  std::vector<std::string> findings;
  for (const Services services : {Services::kAnswer, Services::kHold}) {
    ActiveInstance instance = ActivateWatched(folder, {}, {}, services);
    if (!instance.refusal) {
      std::string problem;
      if (services == Services::kAnswer) {
        problem = TryEach(folder, instance);
      } else {
        // In flight when deactivate comes: the host cancels them first.
        for (const ServedCall& call : ServedCalls(folder, *instance.plugin)) {
          (void)call.begin(*instance.plugin);
        }
        instance.host->WaitUntil([&] { return instance.host->executor().IsIdle(); }, std::chrono::milliseconds(200));
      }
      if (!problem.empty()) {
        // Perhaps because of something that was noted.
        const std::vector<std::string> found = instance.watched->findings();
        Abandon(std::move(instance));
        if (!found.empty()) {
          return Outcome::Fail(found.front());
        }
        return Outcome::Skip("a call did not end, see the case `finish`: " + problem);
      }
      instance.plugin->Deactivate();
    }
    instance.plugin.reset();
    instance.host->Settle();
    if (instance.watched) {
      const std::vector<std::string> found = instance.watched->findings();
      findings.insert(findings.end(), found.begin(), found.end());
    }
    if (instance.refusal && findings.empty()) {
      return *instance.refusal;
    }
  }
  if (findings.empty()) {
    return Outcome::Pass("threads, states, sizes and JSON of everything the plugin called are as they should be");
  }
  return Outcome::Fail(findings.front() +
                       (findings.size() > 1 ? " (and " + std::to_string(findings.size() - 1) + " more)" : ""));
}

Outcome CheckPermissionsCase(const PluginFolder& folder) {
  static const std::set<std::string> kWords{"store", "commands", "models",  "runtimes", "templates",
                                            "hooks", "events",   "gateway", "admin",    "secrets",
                                            "net",   "path",     "exec",    "house"};
  std::string words;
  for (const std::string& word : kWords) {
    words += (words.empty() ? "" : ", ") + word;
  }
  for (const std::string& permission : folder.permissions) {
    if (kWords.count(permission) == 0) {
      return Outcome::Fail("plugin.yaml asks for the permission " + permission + ", which is none; expected one of " +
                           words);
    }
  }
  ActiveInstance instance = ActivateWatched(folder);
  if (instance.refusal) {
    return instance.refusal->is_bad()
               ? *instance.refusal
               : Outcome::Skip("the words are known; what is used could not be seen: " + instance.refusal->sentence);
  }
  const std::string problem = TryEach(folder, instance);
  const std::set<std::string> used = instance.watched->used();
  if (!problem.empty()) {
    Abandon(std::move(instance));
  }
  std::set<std::string> needed;
  for (const std::string& function : used) {
    constexpr std::string_view kPrefix = "tutti.host.";
    const std::string service = function.substr(kPrefix.size(), function.find('/') - kPrefix.size());
    if (function == TUTTI_SERVICE_CONFIG " secret") {
      needed.insert("secrets");
    } else if (kWords.count(service) > 0) {
      needed.insert(service);
    }
  }
  for (const std::string& permission : needed) {
    if (folder.permissions.count(permission) == 0) {
      return Outcome::Fail("the plugin uses what needs the permission " + permission +
                           ", but `permissions` of plugin.yaml does not name it; a host will not grant it");
    }
  }
  return Outcome::Pass(std::to_string(needed.size()) + " of " + std::to_string(folder.permissions.size()) +
                       " permissions were seen in use, none that is not named");
}

}  // namespace tutti::validator
