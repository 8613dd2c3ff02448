// Runs a piece of code in a child that has entered the sandbox, as different users and on systems that refuse things.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "host/sandbox/sandbox.h"

namespace tutti::host::testing {

// What the child is denied before it enters the sandbox, as a container or a hardened system would.
enum class Refused { kNothing, kNamespaces, kNamespacesAndFilters, kFilters };

enum class User { kOwn, kNobody };  // kNobody needs root to begin with

struct Situation {
  Refused refused;
  User user;
};

std::ostream& operator<<(std::ostream& out, const Situation& situation);

// Collects what went wrong in the child.
class Probe {
 public:
  void Expect(bool holds, const std::string& sentence) {
    if (!holds) {
      failures_ += sentence + " (errno: " + std::strerror(errno) + ")\n";
    }
  }

  // `outcome` is what a system call returned: it must be -1 with this errno.
  void ExpectError(long outcome, int expected, const std::string& call) {
    const int found = errno;
    Expect(outcome == -1 && found == expected,
           call + " should fail with " + std::strerror(expected) + ", returned " + std::to_string(outcome));
  }

  [[nodiscard]] const std::string& failures() const { return failures_; }

 private:
  std::string failures_;
};

struct Outcome {
  bool is_entered = false;  // EnterSandbox succeeded, `report` counts; otherwise `failures` says why not
  SandboxReport report;
  std::string failures;  // empty: the body ran to its end and had nothing to complain about

  [[nodiscard]] bool Notes(const std::string& part) const;
};

using Body = std::function<void(Probe& probe, const SandboxReport& report)>;

// What this kernel gives this user in this situation, found out without the sandbox's code.
bool NamespacesArePossible(const Situation& situation);
Confinement Possible(const Situation& situation);

// A fresh folder: library/guard.so, scratch/, readable/file, writable/, secret/file; all belong to the situation's
// user.
class ConfinedTest : public ::testing::TestWithParam<Situation> {
 protected:
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] SandboxPlan Plan() const;

  // Fails the test when the level reported is not the one that is possible here, or when the body complains.
  Outcome Run(const SandboxPlan& plan, const Body& body) const;

  // Without any expectation.
  Outcome RunUnchecked(const SandboxPlan& plan, const Body& body) const;

  std::filesystem::path folder;
};

// Ends a test that needs more than the system gives.
#define TUTTI_NEEDS_LEVEL(needed)                                                    \
  if (::tutti::host::testing::Possible(GetParam()) < (needed)) {                     \
    GTEST_SKIP() << "this kernel does not give this user that level of confinement"; \
  }

std::string SituationName(const ::testing::TestParamInfo<Situation>& info);

inline const auto kEverySituation = ::testing::Values(
    Situation{Refused::kNothing, User::kOwn}, Situation{Refused::kNothing, User::kNobody},
    Situation{Refused::kNamespaces, User::kOwn}, Situation{Refused::kNamespaces, User::kNobody},
    Situation{Refused::kNamespacesAndFilters, User::kOwn}, Situation{Refused::kNamespacesAndFilters, User::kNobody},
    Situation{Refused::kFilters, User::kOwn}, Situation{Refused::kFilters, User::kNobody});

inline const auto kFilteredSituations =
    ::testing::Values(Situation{Refused::kNothing, User::kOwn}, Situation{Refused::kNothing, User::kNobody},
                      Situation{Refused::kNamespaces, User::kOwn}, Situation{Refused::kNamespaces, User::kNobody});

inline const auto kFullSituations =
    ::testing::Values(Situation{Refused::kNothing, User::kOwn}, Situation{Refused::kNothing, User::kNobody});

}  // namespace tutti::host::testing
