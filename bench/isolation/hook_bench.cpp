// What a call of a hook costs, from on_point to finish: in the host beside a bare function pointer, in a process of its
// own beside a bare round trip between two processes.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "host/isolation/process_plugins.h"
#include "host/isolation/worker.h"
#include "tutti/abi/calls.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {
namespace {

// A tool call as gates see it.
constexpr std::string_view kPayload =
    R"({"tool_name":"Bash","tool_input":{"command":"ls -la /tmp","description":"List the files"},)"
    R"("tool_use_id":"toolu_01A09q90qw90lq917835lq9"})";

// What ends a call in the measured loops: whoever waits goes on.
std::binary_semaphore finished{0};
std::uint64_t finished_in_host = 0;

tutti_code FinishApart(const tutti_host*, tutti_call, const tutti_outcome*) {
  finished.release();
  return TUTTI_OK;
}

tutti_code FinishInHost(const tutti_host*, tutti_call, const tutti_outcome*) {
  ++finished_in_host;
  return TUTTI_OK;
}

tutti_code OnCancel(const tutti_host*, tutti_call, void (*)(void*), void*) {
  return TUTTI_OK;
}

template <tutti_code (*finish)(const tutti_host*, tutti_call, const tutti_outcome*)>
const void* FindService(const tutti_host*, const char* id) {
  static constexpr tutti_host_calls kCalls{sizeof kCalls, nullptr,   nullptr, finish,
                                           nullptr,       &OnCancel, nullptr, nullptr};
  return std::string_view(id) == TUTTI_SERVICE_CALLS ? &kCalls : nullptr;
}

PluginSpec Spec() {
  PluginSpec spec;
  spec.id = "bench.hook";
  spec.version = "1.0.0";
  spec.library = TUTTI_BENCH_HOOK;
  spec.kinds = {"hook"};
  return spec;
}

void MustBe(const Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "hook_bench: %s\n", status.ToString().c_str());
    std::exit(1);
  }
}

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-bench-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }

  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void Call(PluginInstance& plugin, tutti_call call) {
  tutti_call_info info{};
  info.size = sizeof info;
  info.call = call;
  info.trace = Str("0f9b4b70-6f2b-4c8e-9f59-8f0f3f5d2a11");
  info.caller = Str("tutti.runtimes.loop");
  info.run = Str("6a6c6b02-7a4e-4f8a-8a5e-1d2a44a5c0de");
  const tutti_point point{sizeof point, TUTTI_HOOK_GATE, Str("PreToolUse"), 0, 0};
  plugin.hook()->on_point(plugin.self(), &info, &point, Str(kPayload));
}

void SocketRoundTrip(benchmark::State& state) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
    state.SkipWithError("no socket pair");
    return;
  }
  const pid_t child = ::fork();
  char bytes[4096];
  if (child == 0) {
    ::close(ends[0]);
    for (ssize_t got = 0; (got = ::read(ends[1], bytes, sizeof bytes)) > 0;) {
      (void)!::write(ends[1], bytes, static_cast<std::size_t>(got));
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  for (auto _ : state) {
    (void)!::write(ends[0], kPayload.data(), kPayload.size());
    benchmark::DoNotOptimize(::read(ends[0], bytes, sizeof bytes));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
}

void IsolatedHook(benchmark::State& state) {
  const Directory directory;
  Executor executor({.workers = 1});
  CallTable calls(executor, {});
  const PluginFaults faults;
  ProcessPlugins::Settings settings;
  ProcessPlugins processes(
      settings, calls, [](auto, auto, auto, auto) {}, faults);
  PluginInstance plugin(Spec(), nullptr, &FindService<&FinishApart>);
  MustBe(processes.Create(plugin, LibraryStore(directory.path())));
  MustBe(plugin.Init());
  MustBe(plugin.Activate());
  tutti_call call = 1;
  for (auto _ : state) {
    Call(plugin, call++);
    finished.acquire();
  }
  (void)plugin.Deactivate(std::chrono::milliseconds(1000));
}

void BareFunction(benchmark::State& state) {
  struct Answer {
    tutti_code code;
  };

  static constexpr auto kAllow = +[](std::string_view payload) {
    benchmark::DoNotOptimize(payload);
    ++finished_in_host;
    return Answer{TUTTI_OK};
  };
  Answer (*volatile function)(std::string_view) = kAllow;
  for (auto _ : state) {
    benchmark::DoNotOptimize(function(kPayload).code);
  }
}

void InProcessHook(benchmark::State& state) {
  const Directory directory;
  PluginInstance plugin(Spec(), nullptr, &FindService<&FinishInHost>);
  MustBe(plugin.Create(LibraryStore(directory.path())));
  MustBe(plugin.Init());
  MustBe(plugin.Activate());
  tutti_call call = 1;
  for (auto _ : state) {
    const PluginGate::Ticket ticket = plugin.gate().Enter();
    Call(plugin, call++);
  }
  (void)plugin.Deactivate(std::chrono::milliseconds(1000));
}

BENCHMARK(BareFunction);
BENCHMARK(InProcessHook);
BENCHMARK(SocketRoundTrip)->UseRealTime();
BENCHMARK(IsolatedHook)->UseRealTime();

// The usual table, and the median of each for the ratios.
class Medians : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration && !run.error_occurred) {
        real_[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
        cpu_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
      }
    }
  }

  // Of what waits for another process.
  double Real(const std::string& name) { return Median(real_[name]); }

  // Of what only computes: other programs on the machine do not count.
  double Cpu(const std::string& name) { return Median(cpu_[name]); }

 private:
  static double Median(std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    return times.empty() ? 0 : times[times.size() / 2];
  }

  std::map<std::string, std::vector<double>> real_;
  std::map<std::string, std::vector<double>> cpu_;
};

}  // namespace
}  // namespace tutti::host

int main(int argc, char** argv) {
  // This program is the plugin's process too.
  if (argc == 2 && std::string_view(argv[1]) == "plugin-worker") {
    return tutti::host::RunPluginWorker();
  }
  benchmark::Initialize(&argc, argv);
  tutti::host::Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  std::printf("\nisolated hook call / socket round trip between processes: %.2f (at most 3)\n",
              medians.Real("IsolatedHook") / medians.Real("SocketRoundTrip"));
  std::printf("in-process hook call / bare function pointer:              %.2f (at most 20)\n",
              medians.Cpu("InProcessHook") / medians.Cpu("BareFunction"));
  return 0;
}
