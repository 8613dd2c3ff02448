#include "host/registry/library_store.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <list>
#include <mutex>
#include <system_error>

#include "host/registry/whole_library.h"
#include "host/trust/digest.h"

namespace tutti::host {

namespace {

// Never closed: a thread-local or a relocation into a library would outlive it otherwise.
boost::dll::shared_library& NewLibrary() {
  static std::mutex mutex;
  static auto* libraries = new std::list<boost::dll::shared_library>;
  const std::lock_guard lock(mutex);
  return libraries->emplace_back();
}

Status CheckEntry(const tutti_entry* entry, const std::string& file) {
  if (entry->magic != TUTTI_ENTRY_MAGIC) {
    return Status::FailedPrecondition(file + ": " TUTTI_ENTRY_SYMBOL
                                             " does not begin with the magic number of a Tutti plugin");
  }
  if (entry->abi_major != TUTTI_ABI_MAJOR) {
    return Status::FailedPrecondition(file + ": built for plugin ABI " + std::to_string(entry->abi_major) +
                                      ", this host speaks " + std::to_string(TUTTI_ABI_MAJOR) +
                                      "; rebuild it against this host's headers");
  }
  if (!TUTTI_HAS(entry, tutti_entry, create) || entry->create == nullptr || entry->id == nullptr ||
      entry->version == nullptr) {
    return Status::FailedPrecondition(file + ": " TUTTI_ENTRY_SYMBOL " lacks an id, a version or create");
  }
  return {};
}

}  // namespace

Result<LibraryCopy> LibraryStore::Copy(const std::filesystem::path& library, std::string_view expected_sha256) const {
  const std::string name = library.string();
  // Before it is opened: a pipe would be waited for, a device read without end.
  std::error_code unknown;
  if (std::filesystem::exists(library, unknown) && !std::filesystem::is_regular_file(library, unknown)) {
    return Status::FailedPrecondition(name + ": expected a plugin library, found something that is no regular file");
  }
  try {
    std::filesystem::create_directories(directory_);
    // Copied first and named by its digest then: one pass, and no second look at a file that may change meanwhile.
    const std::filesystem::path part = directory_ / (library.filename().string() + ".part");
    const Result<std::string> digest = CopyFile(library, part);
    if (digest.status().code() == Code::kNotFound) {
      return Status::NotFound(name +
                              ": expected a plugin library, found no readable file; build or install the plugin");
    }
    if (!digest.ok()) {
      return digest.status();
    }
    if (!expected_sha256.empty() && *digest != expected_sha256) {
      std::filesystem::remove(part);
      return Status::FailedPrecondition(name + ": expected the library with the SHA-256 " +
                                        std::string(expected_sha256) + ", found " + *digest +
                                        "; it was changed after it was pinned. If that was you, pin it again");
    }
    const std::filesystem::path folder = directory_ / digest->substr(0, 32);
    std::filesystem::create_directories(folder);
    const std::filesystem::path copy = folder / library.filename();
    std::filesystem::permissions(part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    // Put in place anew each time: a copy that somebody changed is not what was hashed.
    std::filesystem::rename(part, copy);
    return LibraryCopy{copy, *digest};
  } catch (const std::exception& error) {
    return Status::Internal(name + ": cannot be copied to " + directory_.string() + ": " + error.what());
  }
}

Result<LoadedLibrary> LibraryStore::Load(const std::filesystem::path& library, std::string_view expected_sha256) const {
  const Result<LibraryCopy> copied = Copy(library, expected_sha256);
  return copied.ok() ? Open(*copied, library) : copied.status();
}

Result<LoadedLibrary> LibraryStore::Open(const LibraryCopy& copy, const std::filesystem::path& library) {
  const std::string name = library.string();
  LoadedLibrary loaded;
  loaded.sha256 = copy.sha256;
  if (Status status = CheckWhole(copy.path, name); !status.ok()) {
    return status;
  }
  boost::dll::shared_library& opened = NewLibrary();
  std::error_code failed;
  ::dlerror();
  opened.load(copy.path, failed, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (failed) {
    const char* reason = ::dlerror();
    return Status::FailedPrecondition(
        name + ": cannot be loaded: " + (reason != nullptr ? std::string(reason) : failed.message()));
  }
  if (!opened.has(TUTTI_ENTRY_SYMBOL)) {
    return Status::FailedPrecondition(name + ": expected the exported symbol " TUTTI_ENTRY_SYMBOL
                                             ", found none; is it a Tutti plugin?");
  }
  loaded.entry = &opened.get<const tutti_entry>(TUTTI_ENTRY_SYMBOL);
  if (Status status = CheckEntry(loaded.entry, name); !status.ok()) {
    return status;
  }
  return loaded;
}

}  // namespace tutti::host
