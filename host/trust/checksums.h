// SHA256SUMS of a package, in the format of sha256sum(1): "<hex>  <name>" per line.
//
// Pure functions; any thread.
#pragma once

#include <string>

#include "host/trust/package.h"

namespace tutti::host {

// Every file but SHA256SUMS itself, by name.
std::string ChecksumText(const Package& package);

// DATA_LOSS when the package has no SHA256SUMS, when a file of it is not listed or listed with another digest, or when
// a listed one is missing. The sentence names the file.
Status VerifyChecksums(const Package& package);

}  // namespace tutti::host
