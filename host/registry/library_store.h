// Loads plugin libraries from private, content-addressed copies: the bytes that were hashed are the bytes that run, and
// a new version has a new path, which the loader needs to notice it.
//
// Threads: control thread. Libraries stay mapped until the process ends; nothing here ever closes one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tutti/abi/plugin.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct LoadedLibrary {
  const tutti_entry* entry = nullptr;
  std::string sha256;  // lower-case hex
};

// A private copy of a library that nobody has opened yet.
struct LibraryCopy {
  std::filesystem::path path;
  std::string sha256;  // lower-case hex
};

class LibraryStore {
 public:
  // `directory` is created; it should be private to this process' user.
  explicit LibraryStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Copies and hashes a library, in one pass and in pieces. FAILED_PRECONDITION when `expected_sha256` is not empty and
  // not its digest. Errors name the file and what to do.
  Result<LibraryCopy> Copy(const std::filesystem::path& library, std::string_view expected_sha256 = {}) const;

  // Opens a copy and checks its entry; errors name the file it was copied from.
  static Result<LoadedLibrary> Open(const LibraryCopy& copy, const std::filesystem::path& library);

  // Both.
  Result<LoadedLibrary> Load(const std::filesystem::path& library, std::string_view expected_sha256 = {}) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace tutti::host
