// What a case is trying right now, kept where it outlives the case's process: for the sentence about a crash.
#pragma once

#include <string>
#include <string_view>

namespace tutti::validator {

// Threads: the case's own. At most 500 bytes are kept.
void SetProgress(std::string_view what);

// For the parent: makes the place, before the child is started.
void ResetProgress();

// The last words of the child; empty when it said none.
std::string LastProgress();

}  // namespace tutti::validator
