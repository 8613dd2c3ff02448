#include "path_names.h"

#include <climits>
#include <filesystem>
#include <system_error>

namespace tutti::file_tracker {

std::string CanonicalPath(const std::string& working_dir, std::string_view path) {
  if (path.empty() || path.size() >= PATH_MAX || path.find('\0') != std::string_view::npos) {
    return {};
  }
  const std::filesystem::path whole = std::filesystem::path(working_dir) / path;
  std::error_code error;
  std::filesystem::path canonical = std::filesystem::weakly_canonical(whole, error);
  if (error) {
    // A loop of links, or a directory that may not be entered: still one name per spelling.
    canonical = whole.lexically_normal();
  }
  return canonical.string();
}

std::string RelativePath(const std::string& directory, const std::string& path) {
  return std::filesystem::path(path).lexically_relative(directory).string();
}

std::string BaseName(std::string_view path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace tutti::file_tracker
