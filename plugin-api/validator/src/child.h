// Runs one case in a process of its own, so that a plugin that crashes or hangs takes nothing else with it.
#pragma once

#include <chrono>
#include <functional>

#include "outcome.h"

namespace tutti::validator {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kIsThreadSanitized = true;
#else
inline constexpr bool kIsThreadSanitized = false;
#endif

// Their allocators stand in front of the C library's, which then knows nothing of what is in use.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kIsHeapHidden = true;
#else
inline constexpr bool kIsHeapHidden = false;
#endif

// The child works in an empty directory of its own, with an environment that holds no secrets; whatever it started is
// killed when it ends or when `limit` passes. REQUIRES: the calling process has one thread.
Outcome RunInChild(const std::function<Outcome()>& body, std::chrono::milliseconds limit);

}  // namespace tutti::validator
