#include "archive_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tutti/sdk/json.hpp"

namespace tutti::storage {
namespace {

// Between speed and size: journals shrink to a tenth already.
constexpr const char* kWriteMode = "wb4";
constexpr unsigned kBuffer = 256U << 10U;
// No row is larger: a batch, and with it every row of it, is bounded far below.
constexpr std::size_t kLongestLine = std::size_t{1} << 30U;
constexpr std::string_view kEnd = R"({"end":)";

std::string Reason(gzFile stream) {
  int code = Z_OK;
  const char* text = gzerror(stream, &code);
  return code == Z_ERRNO ? std::strerror(errno) : std::string(text);
}

}  // namespace

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Open(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  const int second = file < 0 ? -1 : ::dup(file);
  gzFile stream = second < 0 ? nullptr : gzdopen(second, kWriteMode);
  if (stream == nullptr) {
    const std::string reason = std::strerror(errno);
    for (const int open : {file, second}) {
      if (open >= 0) {
        ::close(open);
      }
    }
    return Status::FailedPrecondition(path + " cannot be written: " + reason);
  }
  gzbuffer(stream, kBuffer);
  return std::unique_ptr<ArchiveWriter>(new ArchiveWriter(path, file, stream));
}

ArchiveWriter::~ArchiveWriter() {
  if (stream_ != nullptr) {
    gzclose(stream_);
  }
  ::close(file_);
}

Status ArchiveWriter::Failure(std::string_view reason) const {
  return Status::ResourceExhausted(path_ + " cannot be written: " + std::string(reason));
}

Status ArchiveWriter::Write(std::string_view bytes) {
  if (bytes.empty()) {
    return {};
  }
  const int written = gzwrite(stream_, bytes.data(), static_cast<unsigned>(bytes.size()));
  return written == static_cast<int>(bytes.size()) ? Status() : Failure(Reason(stream_));
}

Status ArchiveWriter::Line(std::string_view json) {
  if (json.size() >= kLongestLine) {
    return Status::ResourceExhausted("a row of " + std::to_string(json.size()) +
                                     " bytes is larger than a line of an archive may be");
  }
  Status status = Write(json);
  if (status.ok()) {
    status = Write("\n");
  }
  digest_.Add(json);
  digest_.Add("\n");
  ++lines_;
  return status;
}

Result<std::string> ArchiveWriter::Finish() {
  std::string digest = digest_.Finish();
  const std::string end = JsonObject()("lines", lines_)("sha256", digest).Take();
  if (Status status = Write(std::string(kEnd) + end + "}\n"); !status.ok()) {
    return status;
  }
  gzFile stream = stream_;
  stream_ = nullptr;
  if (gzclose(stream) != Z_OK) {
    return Failure(errno == 0 ? "the last bytes were not taken" : std::strerror(errno));
  }
  // A pipe has nothing to be brought to disk.
  if (::fsync(file_) != 0 && errno != EINVAL && errno != EROFS) {
    return Failure(std::strerror(errno));
  }
  return digest;
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::Open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  gzFile stream = file < 0 ? nullptr : gzdopen(file, "rb");
  if (stream == nullptr) {
    const std::string reason = std::strerror(errno);
    if (file >= 0) {
      ::close(file);
    }
    return Status::NotFound("the archive " + path + " cannot be read: " + reason);
  }
  gzbuffer(stream, kBuffer);
  return std::unique_ptr<ArchiveReader>(new ArchiveReader(path, stream));
}

ArchiveReader::~ArchiveReader() {
  gzclose(stream_);
}

Status ArchiveReader::Damaged(const std::string& how) const {
  return Status(Code::kDataLoss, "the archive " + path_ + " " + how + "; take another copy of it");
}

Status ArchiveReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t had = buffer_.size();
  if (had > kLongestLine) {
    return Damaged("holds a line longer than any archive has");
  }
  buffer_.resize(had + kBuffer);
  const int count = gzread(stream_, buffer_.data() + had, kBuffer);
  buffer_.resize(had + static_cast<std::size_t>(count < 0 ? 0 : count));
  int code = Z_OK;
  gzerror(stream_, &code);
  if (count < 0 || (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)) {
    return Damaged("is damaged (" + Reason(stream_) + ")");
  }
  return count == 0 ? Damaged("is cut: its last line, which holds the digest, is missing") : Status();
}

Result<std::string_view> ArchiveReader::Next() {
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos) {
    const std::size_t searched = buffer_.size() - begin_;
    if (Status status = Fill(); !status.ok()) {
      return status;
    }
    end = buffer_.find('\n', searched);
  }
  const std::string_view line(buffer_.data() + begin_, end - begin_);
  begin_ = end + 1;
  if (lines_ == 0 && !line.starts_with(R"({"tutti_archive":)")) {
    return Damaged("is none: its first line is not the one every archive of Tutti begins with");
  }
  if (!line.starts_with(kEnd)) {
    digest_.Add(line);
    digest_.Add("\n");
    ++lines_;
    return line;
  }
  auto json = Json::Parse(line);
  if (!json.ok() || (*json)["end"]["sha256"].AsString() != digest_.Finish() ||
      (*json)["end"]["lines"].AsInt(-1) != static_cast<std::int64_t>(lines_)) {
    return Damaged("is damaged: its bytes are not those that its digest was made of");
  }
  is_over_ = true;
  // What follows the last line, if anything, must at least be whole: the check sum of the compression stands there.
  char rest = 0;
  const int more = gzread(stream_, &rest, 1);
  int code = Z_OK;
  gzerror(stream_, &code);
  if (begin_ != buffer_.size() || more != 0 || code != Z_OK) {
    return Damaged("is damaged behind its last line");
  }
  return line;
}

}  // namespace tutti::storage
