#include "host/trust/checksums.h"

#include <map>

#include "host/trust/digest.h"

namespace tutti::host {
namespace {

constexpr std::size_t kHexDigits = 64;

std::map<std::string, std::string> ReadLines(std::string_view text) {
  std::map<std::string, std::string> digests;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    // Two blanks, or a blank and the star of binary mode.
    if (line.size() > kHexDigits + 2) {
      digests.emplace(line.substr(kHexDigits + 2), line.substr(0, kHexDigits));
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return digests;
}

}  // namespace

std::string ChecksumText(const Package& package) {
  std::string text;
  for (const auto& [name, bytes] : package.files) {
    if (name != kChecksumFile) {
      text += Sha256(bytes) + "  " + name + "\n";
    }
  }
  return text;
}

Status VerifyChecksums(const Package& package) {
  std::map<std::string, std::string> expected = ReadLines(package.Find(kChecksumFile));
  for (const auto& [name, bytes] : package.files) {
    if (name == kChecksumFile) {
      continue;
    }
    const auto line = expected.find(name);
    if (line == expected.end()) {
      return Status(Code::kDataLoss, name + ": expected a line in SHA256SUMS, found none; get the archive again");
    }
    if (const std::string found = Sha256(bytes); found != line->second) {
      return Status(Code::kDataLoss, name + ": expected the digest " + line->second + " of SHA256SUMS, found " + found +
                                         "; get the archive again");
    }
    expected.erase(line);
  }
  if (!expected.empty()) {
    return Status(Code::kDataLoss,
                  expected.begin()->first + ": listed in SHA256SUMS, found no such file; get the archive again");
  }
  return {};
}

}  // namespace tutti::host
