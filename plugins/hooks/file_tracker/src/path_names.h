// The names of a file: one that is the same however a tool spelled it, and one to show.
#pragma once

#include <string>
#include <string_view>

namespace tutti::file_tracker {

// Absolute, without "..", "." and symbolic links as far as the path exists. `path` is relative to `working_dir`, which
// is absolute. Looks at the file system. Empty when `path` is empty, holds a NUL or is longer than the system allows.
std::string CanonicalPath(const std::string& working_dir, std::string_view path);

// `path` as seen from `directory`, both canonical; may begin with "../".
std::string RelativePath(const std::string& directory, const std::string& path);

std::string BaseName(std::string_view path);

}  // namespace tutti::file_tracker
