// How hard the cases try.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutti::validator {

struct Effort {
  std::uint64_t seed = 1;      // of everything random
  std::size_t bodies = 10000;  // random bodies
  int activations = 100;
  int rounds = 20;             // of calls around a deactivation
  std::size_t raced = 4000;    // calls begun by several threads at a time
  std::size_t repeated = 100;  // of each call in one round of the memory case

  // For every build: the same cases, a tenth of the tries.
  static constexpr Effort Quick() { return {.bodies = 1000, .rounds = 5, .raced = 400, .repeated = 20}; }

  // For a build with the thread sanitizer, which finds what happens at least once.
  static constexpr Effort Races() { return {.bodies = 2000, .activations = 50, .rounds = 50, .raced = 20000}; }
};

}  // namespace tutti::validator
