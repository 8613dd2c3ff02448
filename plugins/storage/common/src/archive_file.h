// The file an archive is: JSON lines, compressed as gzip does, the last of which holds the number and the SHA-256 of
// all lines before it (docs/archive.md). A file that was cut or changed is refused.
//
// One thread at a time.
#pragma once

#include <zlib.h>

#include <memory>
#include <string>
#include <string_view>

#include "sha256.h"
#include "tutti/sdk/status.hpp"

namespace tutti::storage {

class ArchiveWriter {
 public:
  // Writes into a file that exists, from its beginning.
  static Result<std::unique_ptr<ArchiveWriter>> Open(const std::string& path);
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  // `json` without a line break.
  Status Line(std::string_view json);

  // The last line; all bytes are on disk afterwards. Returns the digest.
  Result<std::string> Finish();

 private:
  ArchiveWriter(std::string path, int file, gzFile stream) : path_(std::move(path)), file_(file), stream_(stream) {}

  Status Write(std::string_view bytes);
  [[nodiscard]] Status Failure(std::string_view reason) const;

  const std::string path_;
  int file_;  // a second handle of the same file, for fsync
  gzFile stream_;
  Sha256 digest_;
  std::uint64_t lines_ = 0;
};

class ArchiveReader {
 public:
  static Result<std::unique_ptr<ArchiveReader>> Open(const std::string& path);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // The next line, valid until the next call. DATA_LOSS when the file is damaged or ends too early. After the last line
  // `is_over` is true, and everything before it was as it had been written.
  Result<std::string_view> Next();

  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  ArchiveReader(std::string path, gzFile stream) : path_(std::move(path)), stream_(stream) {}

  Status Fill();
  [[nodiscard]] Status Damaged(const std::string& how) const;

  const std::string path_;
  gzFile stream_;
  Sha256 digest_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not given out yet
  std::uint64_t lines_ = 0;
  bool is_over_ = false;
};

}  // namespace tutti::storage
