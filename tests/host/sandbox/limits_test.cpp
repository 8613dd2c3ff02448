#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "host/sandbox/sanitizer.h"
#include "tests/host/sandbox/confined_fixture.h"

namespace tutti::host::testing {
namespace {

constexpr off_t kMebibyte = 1U << 20U;

class SandboxLimits : public ConfinedTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxLimits, kEverySituation, SituationName);

TEST_P(SandboxLimits, MemoryEndsWithAFailedAllocation) {
  if (HasSanitizer()) {
    GTEST_SKIP() << "memory is not limited under a sanitizer";
  }
  SandboxPlan plan = Plan();
  plan.limits.memory_mb = 64;
  Run(plan, [](Probe& probe, const SandboxReport&) {
    constexpr std::size_t kPart = 1U << 20U;
    int parts = 0;
    while (parts < 1024 &&
           ::mmap(nullptr, kPart, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
      ++parts;
    }
    probe.Expect(parts >= 16 && parts <= 64, "between 16 and 64 MiB can be had, found " + std::to_string(parts));
    probe.ExpectError(::brk(static_cast<char*>(::sbrk(0)) + 64 * kPart), ENOMEM, "brk");
  });
}

TEST_P(SandboxLimits, DescriptorsEndAtTheirNumber) {
  SandboxPlan plan = Plan();
  plan.limits.files = 32;
  Run(plan, [](Probe& probe, const SandboxReport&) {
    int count = 0;
    while (count < 100 && ::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
      ++count;
    }
    probe.Expect(count < 32 && errno == EMFILE, "fewer than 32 files can be opened, found " + std::to_string(count));
  });
}

TEST_P(SandboxLimits, AFileTooLargeIsAnErrorAndNotTheEnd) {
  SandboxPlan plan = Plan();
  plan.limits.file_mb = 1;
  Run(plan, [](Probe& probe, const SandboxReport&) {
    const int file = ::open("large", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    probe.ExpectError(::ftruncate(file, kMebibyte + 1), EFBIG, "ftruncate");
    probe.ExpectError(::pwrite(file, "x", 1, kMebibyte), EFBIG, "pwrite");
    probe.Expect(::pwrite(file, "x", 1, kMebibyte - 1) == 1, "up to the limit it can be written");
  });
}

TEST_P(SandboxLimits, ThreadsEndAtTheirNumberOrANoteSaysOtherwise) {
  constexpr int kLimit = 24;
  SandboxPlan plan = Plan();
  plan.limits.processes = kLimit;
  const Outcome outcome = Run(plan, [](Probe& probe, const SandboxReport& report) {
    bool is_limited = true;
    for (const std::string& note : report.notes) {
      is_limited = is_limited && !note.starts_with("Processes and threads are not limited");
    }
    sem_t done;
    ::sem_init(&done, 0, 0);
    std::vector<pthread_t> threads;
    int error = 0;
    while (threads.size() < 2 * kLimit && error == 0) {
      pthread_t thread{};
      error = ::pthread_create(
          &thread, nullptr,
          [](void* semaphore) -> void* {
            ::sem_wait(static_cast<sem_t*>(semaphore));
            return nullptr;
          },
          &done);
      if (error == 0) {
        threads.push_back(thread);
      }
    }
    probe.Expect(is_limited == (error == EAGAIN),
                 "the report tells whether threads are limited; " + std::to_string(threads.size()) + " were started");
    probe.Expect(!is_limited || (threads.size() >= kLimit - 2 && threads.size() <= kLimit),
                 "about " + std::to_string(kLimit) + " can be had, found " + std::to_string(threads.size()));
    for (std::size_t i = 0; i < threads.size(); ++i) {
      ::sem_post(&done);
    }
    for (const pthread_t thread : threads) {
      ::pthread_join(thread, nullptr);
    }
  });
}

}  // namespace
}  // namespace tutti::host::testing
