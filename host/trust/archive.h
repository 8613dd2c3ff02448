// Plugin archives: a gzipped tar of a package's files, without directories. `<id>-<version>.tutti-plugin`.
//
// Pure functions over bytes; any thread.
#pragma once

#include <string>
#include <string_view>

#include "host/trust/package.h"

namespace tutti::host {

inline constexpr std::string_view kArchiveSuffix = ".tutti-plugin";
inline constexpr std::uint64_t kMaxArchiveBytes = 256ULL << 20U;

// The same package gives the same bytes: no times, users or order of a directory in them. SHA256SUMS is added. The
// file `library` is marked as a program.
Result<std::string> PackArchive(Package package, const std::string& library);

// Refuses with a sentence what no packing makes: links, devices, directories, names with paths, a name twice, more or
// larger files than a package may have, digests that do not hold, a broken end. Nothing is written.
Result<Package> UnpackArchive(std::string_view bytes);

}  // namespace tutti::host
