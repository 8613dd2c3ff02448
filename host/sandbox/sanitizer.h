// Builds with a sanitizer reserve terabytes of address space and look into the process' own tables, which some of the
// confinement would end.
#pragma once

namespace tutti::host {

[[nodiscard]] bool HasSanitizer();

// Lets the sanitizer read what it will not reach later (its memory map, its symbols). Nothing in other builds.
void PrepareSanitizer();

}  // namespace tutti::host
