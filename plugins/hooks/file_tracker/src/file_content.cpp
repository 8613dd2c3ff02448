#include "file_content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tutti::file_tracker {
namespace {

constexpr int kTries = 3;
constexpr std::size_t kPiece = std::size_t{64} * 1024;

class Descriptor {
 public:
  // Without waiting for the other end of a pipe.
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  [[nodiscard]] bool Stat(struct stat& found) const { return ::fstat(fd_, &found) == 0; }

  // Bytes read, 0 at the end, negative for an error.
  [[nodiscard]] ssize_t Read(char* to, std::size_t size) const {
    ssize_t got = -1;
    do {
      got = ::read(fd_, to, size);
    } while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int fd_;
};

FileContent Refused(std::string reason) {
  return {.state = FileContent::State::kRefused, .bytes = {}, .reason = std::move(reason)};
}

FileContent TooLarge(std::size_t max_bytes) {
  return Refused("the file is larger than " + std::to_string(max_bytes) + " bytes");
}

bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// False: it changed while it was read.
bool ReadOnce(const std::string& path, std::size_t max_bytes, FileContent& content) {
  const Descriptor file(path);
  if (!file.is_open()) {
    content = errno == ENOENT || errno == ENOTDIR ? FileContent() : Refused(std::strerror(errno));
    return true;
  }

  struct stat before {};

  if (!file.Stat(before) || !S_ISREG(before.st_mode)) {
    content = Refused("it is not a regular file");
    return true;
  }
  if (static_cast<std::uint64_t>(before.st_size) > max_bytes) {
    content = TooLarge(max_bytes);
    return true;
  }
  // One byte more than it had tells that it grew.
  std::string bytes(static_cast<std::size_t>(before.st_size) + 1, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = file.Read(bytes.data() + filled, bytes.size() - filled);
    if (got < 0) {
      content = Refused(std::strerror(errno));
      return true;
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }

  struct stat after {};

  if (filled != static_cast<std::size_t>(before.st_size) || !file.Stat(after) || !IsSame(before, after)) {
    return false;
  }
  bytes.resize(filled);
  content = {.state = FileContent::State::kRead, .bytes = std::move(bytes), .reason = {}};
  return true;
}

}  // namespace

FileContent FileContent::Read(const std::string& path, std::size_t max_bytes) {
  FileContent content;
  for (int tried = 0; tried < kTries; ++tried) {
    if (ReadOnce(path, max_bytes, content)) {
      return content;
    }
  }
  return Refused("the file was being changed");
}

LineCount LineCount::Of(const std::string& path, std::uint64_t max_bytes, std::chrono::steady_clock::time_point until) {
  const Descriptor file(path);

  struct stat found {};

  if (!file.is_open() || !file.Stat(found) || !S_ISREG(found.st_mode)) {
    return {};
  }
  LineCount count;
  std::vector<char> piece(kPiece);
  for (std::uint64_t seen = 0;;) {
    if (seen >= max_bytes || std::chrono::steady_clock::now() >= until) {
      count.is_whole = seen >= static_cast<std::uint64_t>(found.st_size);
      return count;
    }
    const ssize_t got = file.Read(piece.data(), std::min<std::uint64_t>(piece.size(), max_bytes - seen));
    if (got <= 0) {
      return count;
    }
    count.lines += std::count(piece.begin(), piece.begin() + got, '\n');
    seen += static_cast<std::uint64_t>(got);
  }
}

}  // namespace tutti::file_tracker
