// Log: lines at the end of a file, on disk when they are answered for.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace keyvalue {

using tutti::Status;

// Lines at the end of a file that one process holds.
class Log {
 public:
  ~Log() { Close(); }

  // fn(std::string_view line) for each whole line; a last one without an end was never answered and is cut off.
  template <typename Fn>
  Status Open(const std::string& path, Fn fn) {
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);

    struct stat kind {};

    if (file_ >= 0 && ::fstat(file_, &kind) == 0 && !S_ISREG(kind.st_mode)) {
      Close();
      return Status::InvalidArgument(path + ": expected a regular file, found something else");
    }
    if (file_ < 0 || ::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      const std::string reason = std::strerror(errno);
      Close();
      return Status::Unavailable(path + ": expected a log file that nobody else holds, found: " + reason);
    }
    std::string text;
    std::vector<char> buffer(1U << 16U);
    for (ssize_t count = 0; (count = ::read(file_, buffer.data(), buffer.size())) != 0;) {
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return Status::Unavailable(path + ": reading failed: " + std::strerror(errno));
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
      std::size_t begin = 0;
      for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        if (Status status = fn(std::string_view(text).substr(begin, end - begin)); !status.ok()) {
          return status;
        }
      }
      size_ += static_cast<off_t>(begin);
      text.erase(0, begin);
    }
    return ::ftruncate(file_, size_) == 0 ? Status() : Status::Unavailable(path + ": " + std::strerror(errno));
  }

  // On disk when it returns true; otherwise nothing of it stays.
  bool Write(const std::string& lines) {
    std::size_t written = 0;
    while (written < lines.size()) {
      const ssize_t count = ::write(file_, lines.data() + written, lines.size() - written);
      if (count < 0 && errno != EINTR) {
        break;
      }
      written += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
    if (written == lines.size() && ::fdatasync(file_) == 0) {
      size_ += static_cast<off_t>(lines.size());
      return true;
    }
    reason_ = std::strerror(errno);
    is_broken_ = ::ftruncate(file_, size_) != 0 || ::fdatasync(file_) != 0;
    return false;
  }

  void Close() {
    if (file_ >= 0) {
      ::close(file_);
    }
    file_ = -1;
    size_ = 0;
  }

  // Why the last Write failed. Broken: and what it left could not be taken back, so that nothing may follow it.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  int file_ = -1;
  off_t size_ = 0;
  std::string reason_;
  bool is_broken_ = false;
};

}  // namespace keyvalue
