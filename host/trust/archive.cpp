#include "host/trust/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

#include "host/trust/checksums.h"

namespace tutti::host {
namespace {

struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

struct FreeWriter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

using Reader = std::unique_ptr<archive, FreeReader>;
using Writer = std::unique_ptr<archive, FreeWriter>;
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

constexpr mode_t kProgram = 0755;
constexpr mode_t kPlain = 0644;
constexpr std::size_t kPieceBytes = 1U << 16U;

std::string Reason(archive* from) {
  const char* text = archive_error_string(from);
  return text == nullptr ? "no reason given" : text;
}

la_ssize_t Append(archive*, void* text, const void* bytes, std::size_t count) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

bool WriteEntry(archive* writer, const std::string& name, const std::string& bytes, mode_t mode) {
  const Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), mode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_mtime(entry.get(), 0, 0);
  return archive_write_header(writer, entry.get()) == ARCHIVE_OK &&
         archive_write_data(writer, bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size());
}

// A name from an archive, fit for a message.
std::string Quoted(const char* name) {
  std::string text = "'";
  for (const char* c = name == nullptr ? "" : name; *c != '\0' && text.size() < 200; ++c) {
    text += *c >= ' ' && *c != 0x7f ? *c : '?';
  }
  return text + "'";
}

Status CheckEntry(archive_entry* entry, const Package& package) {
  const char* name = archive_entry_pathname(entry);
  if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr) {
    return Status::InvalidArgument("expected plain files only, found the link " + Quoted(name));
  }
  if (archive_entry_filetype(entry) != AE_IFREG) {
    return Status::InvalidArgument("expected plain files only, found " + Quoted(name) +
                                   ", which is a directory, a device or the like");
  }
  if (name == nullptr || !IsPackageFileName(name)) {
    return Status::InvalidArgument(
        "expected names without directories, of letters, digits, '.', '_', '-' and '+', found " + Quoted(name));
  }
  if (package.files.contains(name)) {
    return Status::InvalidArgument("expected every file once, found " + Quoted(name) + " twice");
  }
  if (package.files.size() >= kMaxPackageFiles) {
    return Status::ResourceExhausted("expected at most " + std::to_string(kMaxPackageFiles) + " files, found more");
  }
  return {};
}

Status ReadData(archive* reader, std::string& bytes, std::uint64_t& left) {
  std::array<char, kPieceBytes> piece;
  while (true) {
    const la_ssize_t count = archive_read_data(reader, piece.data(), piece.size());
    if (count == 0) {
      return {};
    }
    if (count < 0) {
      return Status::InvalidArgument("expected a whole archive, found a broken one: " + Reason(reader));
    }
    if (static_cast<std::uint64_t>(count) > left) {
      return Status::ResourceExhausted("expected at most " + std::to_string(kMaxPackageBytes) +
                                       " bytes in all files together, found more");
    }
    left -= static_cast<std::uint64_t>(count);
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<std::string> PackArchive(Package package, const std::string& library) {
  package.files[std::string(kChecksumFile)] = ChecksumText(package);
  std::string bytes;
  const Writer writer(archive_write_new());
  // gzip writes the time into its head otherwise.
  const bool is_open = archive_write_set_format_ustar(writer.get()) == ARCHIVE_OK &&
                       archive_write_add_filter_gzip(writer.get()) == ARCHIVE_OK &&
                       archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr) == ARCHIVE_OK &&
                       archive_write_set_bytes_in_last_block(writer.get(), 1) == ARCHIVE_OK &&
                       archive_write_open(writer.get(), &bytes, nullptr, &Append, nullptr) == ARCHIVE_OK;
  bool is_written = is_open;
  for (const auto& [name, content] : package.files) {
    is_written = is_written && WriteEntry(writer.get(), name, content, name == library ? kProgram : kPlain);
  }
  if (!is_written || archive_write_close(writer.get()) != ARCHIVE_OK) {
    return Status::Internal("the archive cannot be written: " + Reason(writer.get()));
  }
  if (bytes.size() > kMaxArchiveBytes) {
    return Status::ResourceExhausted("expected an archive of at most " + std::to_string(kMaxArchiveBytes) +
                                     " bytes, found " + std::to_string(bytes.size()) + "; strip the library");
  }
  return bytes;
}

Result<Package> UnpackArchive(std::string_view bytes) {
  if (bytes.size() > kMaxArchiveBytes) {
    return Status::ResourceExhausted("expected an archive of at most " + std::to_string(kMaxArchiveBytes) +
                                     " bytes, found " + std::to_string(bytes.size()));
  }
  const Reader reader(archive_read_new());
  // Only what packing writes: every further format is more code that reads what strangers made.
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return Status::InvalidArgument("expected a plugin archive (a gzipped tar), found something else: " +
                                   Reason(reader.get()));
  }
  Package package;
  std::uint64_t left = kMaxPackageBytes;
  while (true) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(reader.get(), &entry);
    if (code == ARCHIVE_EOF) {
      break;
    }
    if (code != ARCHIVE_OK) {
      return Status::InvalidArgument("expected a plugin archive (a gzipped tar), found a broken one: " +
                                     Reason(reader.get()));
    }
    if (Status status = CheckEntry(entry, package); !status.ok()) {
      return status;
    }
    if (Status status = ReadData(reader.get(), package.files[archive_entry_pathname(entry)], left); !status.ok()) {
      return status;
    }
  }
  if (!package.files.contains(std::string(kManifestFile))) {
    return Status::InvalidArgument("expected plugin.yaml in the archive, found none; is it a plugin archive?");
  }
  if (Status status = VerifyChecksums(package); !status.ok()) {
    return status;
  }
  return package;
}

}  // namespace tutti::host
