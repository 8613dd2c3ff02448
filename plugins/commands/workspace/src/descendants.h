// Finds every process below one, through /proc. Only system calls and the caller's memory, so it may run after a fork.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace tutti::workspace {

// Fills `out` with the living descendants of `root` (zombies included, `root` not) and returns their number, at most
// `capacity`. A process that is forked or ends meanwhile may or may not be among them: ask again until nothing changes.
int CollectDescendants(pid_t root, pid_t* out, std::size_t capacity);

}  // namespace tutti::workspace
