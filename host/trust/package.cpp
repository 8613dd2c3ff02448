#include "host/trust/package.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "host/trust/digest.h"
#include "host/trust/signature.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNameBytes = 128;

Status AddFile(const fs::path& directory, const std::string& name, bool is_optional, Package& package,
               std::uint64_t& left) {
  const fs::path file = directory / name;
  std::error_code ignored;
  const fs::file_status found = fs::symlink_status(file, ignored);
  if (!fs::exists(found) && is_optional) {
    return {};
  }
  if (fs::is_symlink(found)) {
    return Status::FailedPrecondition(file.string() +
                                      ": expected a file, found a symbolic link; put the file itself there");
  }
  Result<std::string> bytes = ReadFile(file, left);
  if (!bytes.ok()) {
    return bytes.status();
  }
  left -= bytes->size();
  package.files[name] = std::move(*bytes);
  return {};
}

Status WriteFile(const fs::path& file, std::string_view bytes, mode_t mode) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  bool is_written = descriptor >= 0;
  while (is_written && !bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    is_written = count > 0;
    bytes.remove_prefix(is_written ? static_cast<std::size_t>(count) : 0);
  }
  is_written = is_written && ::fchmod(descriptor, mode) == 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  return is_written ? Status() : Status::Internal(file.string() + " cannot be written: " + std::strerror(reason));
}

}  // namespace

std::string_view Package::Find(std::string_view name) const {
  const auto found = files.find(std::string(name));
  return found == files.end() ? std::string_view() : std::string_view(found->second);
}

bool IsPackageFileName(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.front() == '.' || name.front() == '-') {
    return false;
  }
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_' && c != '-' && c != '+') {
      return false;
    }
  }
  return true;
}

Result<Package> ReadPackageFolder(const fs::path& directory, const std::string& library) {
  if (!IsPackageFileName(library)) {
    return Status::InvalidArgument(
        "library " + library +
        ": expected a name of letters, digits, '.', '_', '-' and '+' for a file that is packed; rename it");
  }
  Package package;
  std::uint64_t left = kMaxPackageBytes;
  for (const std::string& name : {std::string(kManifestFile), library}) {
    if (Status status = AddFile(directory, name, false, package, left); !status.ok()) {
      return status;
    }
  }
  for (const char* name : {"README", "README.md", "LICENSE", "CHANGELOG.md", kSignatureFile.data()}) {
    if (Status status = AddFile(directory, name, true, package, left); !status.ok()) {
      return status;
    }
  }
  return package;
}

Status WritePackageFolder(const Package& package, const std::string& library, const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0755) != 0) {
    return Status::Internal(directory.string() + " cannot be made: " + std::strerror(errno));
  }
  for (const auto& [name, bytes] : package.files) {
    if (Status status = WriteFile(directory / name, bytes, name == library ? 0755 : 0644); !status.ok()) {
      return status;
    }
  }
  return {};
}

}  // namespace tutti::host
