// Loads plugin libraries from private, content-addressed copies: the bytes that were hashed are the bytes that run, and
// a new version has a new path, which the loader needs to notice it.
//
// Threads: control thread. Libraries stay mapped until the process ends; nothing here ever closes one.
#pragma once

#include <filesystem>
#include <string>

#include "tutti/abi/plugin.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct LoadedLibrary {
  const tutti_entry* entry = nullptr;
  std::string sha256;  // lower-case hex
};

class LibraryStore {
 public:
  // `directory` is created; it should be private to this process' user.
  explicit LibraryStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // SHA-256 of a file, lower-case hex; empty: it cannot be read.
  [[nodiscard]] static std::string Digest(const std::filesystem::path& file);

  // Reads, hashes, copies and opens a library and checks its entry. Errors name the file and what to do.
  Result<LoadedLibrary> Load(const std::filesystem::path& library) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace tutti::host
