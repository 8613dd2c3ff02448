// What an honest plugin does without any grant.
#include <dlfcn.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <locale>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <thread>

#include "tests/host/sandbox/confined_fixture.h"
#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::host::testing {
namespace {

class SandboxOrdinaryWork : public ConfinedTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxOrdinaryWork, kEverySituation, SituationName);

TEST_P(SandboxOrdinaryWork, OpensThePluginsLibraryAndCallsIt) {
  const std::string config = tutti::testing::ManifestDefaults(GUARD_MANIFEST, {});
  const SandboxPlan plan = Plan();
  Run(plan, [&](Probe& probe, const SandboxReport&) {
    void* const handle = ::dlopen(plan.library.c_str(), RTLD_NOW | RTLD_LOCAL);
    probe.Expect(handle != nullptr, handle == nullptr ? ::dlerror() : "");
    if (handle == nullptr) {
      return;
    }
    const auto* entry = static_cast<const tutti_entry*>(::dlsym(handle, TUTTI_ENTRY_SYMBOL));
    tutti::testing::FakeHost host;
    tutti::testing::LoadedPlugin plugin(host, entry->create);
    const Status started = plugin.Start(config);
    probe.Expect(started.ok(), started.ToString());
    const Result<std::string> reply =
        plugin.OnPoint("PreToolUse", R"({"tool_name":"Bash","tool_input":{"command":"rm -rf /"}})");
    probe.Expect(reply.ok() && reply->find("deny") != std::string::npos, "the guard denies what it denies elsewhere");
  });
}

TEST_P(SandboxOrdinaryWork, StartsThreadsAndWaits) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    std::mutex mutex;
    std::condition_variable_any changed;
    int done = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&](const std::stop_token& stop) {
          std::unique_lock lock(mutex);
          ++done;
          changed.notify_all();
          changed.wait(lock, stop, [] { return false; });
        });
      }
      std::unique_lock lock(mutex);
      changed.wait(lock, [&done] { return done == 8; });
    }
    probe.Expect(done == 8, "eight threads ran and stopped");
    probe.Expect(std::async(std::launch::async, [] { return 42; }).get() == 42, "std::async runs");
    std::thread([] { std::this_thread::sleep_for(std::chrono::microseconds(1)); }).join();
    probe.Expect(::pthread_setname_np(::pthread_self(), "plugin") == 0, "a thread can be named");
  });
}

TEST_P(SandboxOrdinaryWork, UsesClocksEventsAndFiles) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    const int events = ::epoll_create1(EPOLL_CLOEXEC);
    const int event = ::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    epoll_event found{};
    probe.Expect(::epoll_ctl(events, EPOLL_CTL_ADD, event, &wanted) == 0, "epoll_ctl");
    probe.Expect(::epoll_wait(events, &found, 1, -1) == 1, "epoll_wait");
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    itimerspec soon{};
    soon.it_value.tv_nsec = 1;
    std::uint64_t ticks = 0;
    probe.Expect(
        ::timerfd_settime(timer, 0, &soon, nullptr) == 0 && ::read(timer, &ticks, sizeof ticks) == sizeof ticks,
        "timerfd");
    probe.Expect(std::chrono::system_clock::now().time_since_epoch().count() > 0, "clocks");
    probe.Expect(::inotify_init1(IN_CLOEXEC) >= 0, "inotify");
    std::filesystem::create_directories("a/b");
    std::ofstream("a/b/file") << "text";
    std::filesystem::rename("a/b/file", "a/file");
    probe.Expect(std::filesystem::file_size("a/file") == 4, "files in the scratch directory");
    const int file = ::open("a/file", O_RDWR | O_CLOEXEC);
    flock lock{};
    lock.l_type = F_WRLCK;
    probe.Expect(::fcntl(file, F_SETLK, &lock) == 0 && ::fsync(file) == 0, "locks and fsync, which databases need");
    probe.Expect(::mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED, "a mapped file");
    probe.Expect(std::filesystem::remove_all("a") == 3, "removing them");
  });
}

TEST_P(SandboxOrdinaryWork, UsesMemoryLocalesRandomNumbersAndAccounts) {
  Run(Plan(), [](Probe& probe, const SandboxReport& report) {
    std::vector<std::unique_ptr<char[]>> parts;
    for (int i = 0; i < 128; ++i) {
      parts.push_back(std::make_unique<char[]>(1024 * 1024));
    }
    probe.Expect(parts.size() == 128, "128 MiB of the 512 can be had");
    probe.Expect(std::setlocale(LC_ALL, "C.UTF-8") != nullptr, "the locale C.UTF-8 is there");
    probe.Expect(std::random_device()() != std::random_device()() || std::random_device()() != 0, "random numbers");
    probe.Expect(std::thread::hardware_concurrency() > 0, "the number of processors");
    probe.Expect(::getpwuid(::getuid()) != nullptr, "its own account has a name");
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    probe.Expect(::localtime_r(&now, &local) != nullptr, "local time");
    probe.Expect(report.level < Confinement::kFiltered || std::system("true") != 0,
                 "std::system fails without ending the process");
  });
}

}  // namespace
}  // namespace tutti::host::testing
