#include "allowed_path.h"

#include <algorithm>
#include <filesystem>

#include "tutti/sdk/text.hpp"

namespace tutti::open_file {
namespace {

namespace fs = std::filesystem;

bool IsBeneath(const fs::path& path, const fs::path& directory) {
  return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first == directory.end();
}

std::string Shown(std::string_view path) {
  constexpr std::size_t kShown = 500;
  return CleanUtf8(Utf8Prefix(path, kShown));
}

}  // namespace

Result<std::string> AllowedPath(std::string_view path, const std::vector<std::string>& directories) {
  if (path.empty() || path.front() == '-') {
    return Status::InvalidArgument(path.empty() ? "file_path is empty; name a file"
                                                : "file_path must not begin with a dash: " + Shown(path));
  }
  if (path.find('\0') != std::string_view::npos) {
    return Status::InvalidArgument("file_path must not hold a NUL character: " + Shown(path));
  }
  const fs::path base = directories.empty() ? fs::path("/") : fs::path(directories.front());
  std::error_code error;
  // What does not exist is resolved as far as it does, so that a link cannot lead out either.
  const fs::path resolved = fs::weakly_canonical(base / fs::path(path), error);
  bool is_beneath = false;
  for (const std::string& directory : directories) {
    std::error_code ignored;
    const fs::path canonical = fs::canonical(directory, ignored);
    is_beneath = is_beneath || (!ignored && !error && IsBeneath(resolved, canonical));
  }
  if (!is_beneath) {
    return Status::PermissionDenied(
        "only files beneath the working directory of the orchestrator or of an agent may "
        "be opened, not: " +
        Shown(path));
  }
  if (!fs::exists(resolved, error) || error) {
    return Status::NotFound("File not found: " + Shown(path));
  }
  return resolved.string();
}

}  // namespace tutti::open_file
