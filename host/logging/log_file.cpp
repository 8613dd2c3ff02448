#include "host/logging/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>
#include <vector>

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMicros = 1000000;
constexpr std::int64_t kRemovalInterval = 3600 * kMicros;
constexpr std::size_t kStampLength = 16;  // 20260131T101530Z

std::string Stamp(std::int64_t time_us) {
  const auto seconds = static_cast<std::time_t>(time_us / kMicros);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[kStampLength + 1];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return text;
}

std::optional<std::int64_t> ParseTime(const std::string& text, const char* format) {
  std::tm utc{};
  if (strptime(text.c_str(), format, &utc) == nullptr) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(timegm(&utc)) * kMicros;
}

Status Failure(const std::string& what, const std::string& file) {
  return Status::Unavailable("log file " + file + " cannot be " + what + ": " + std::strerror(errno));
}

// The age of a file counts from its first line, also after a restart.
std::int64_t FirstLineTime(const std::string& file, std::int64_t fallback) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fallback;
  }
  char text[20] = {};
  const ssize_t length = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  return length == sizeof text - 1 ? ParseTime(text, "%Y-%m-%dT%H:%M:%S").value_or(fallback) : fallback;
}

}  // namespace

LogFile::~LogFile() {
  Close();
}

void LogFile::Close() {
  if (descriptor_ >= 0) {
    close(descriptor_);
    descriptor_ = -1;
  }
}

Status LogFile::Open(std::int64_t now_us) {
  Close();
  std::error_code error;
  if (const fs::path parent = fs::path(options_.file).parent_path(); !parent.empty()) {
    fs::create_directories(parent, error);
  }
  descriptor_ = open(options_.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

  struct stat status {};

  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
    return Failure("opened", options_.file);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  first_line_us_ = size_ == 0 ? now_us : FirstLineTime(options_.file, now_us);
  RemoveOld(now_us);
  return {};
}

Status LogFile::Write(std::string_view line, std::int64_t now_us) {
  if (descriptor_ < 0) {
    if (Status status = Open(now_us); !status.ok()) {
      return status;
    }
  }
  const bool too_large = size_ + line.size() > options_.max_bytes;
  const bool too_old = now_us - first_line_us_ >= std::chrono::microseconds(options_.rotate_after).count();
  if (size_ > 0 && (too_large || too_old)) {
    if (Status status = Rotate(now_us); !status.ok()) {
      return status;
    }
  }
  if (now_us - last_removal_us_ >= kRemovalInterval) {
    RemoveOld(now_us);
  }
  if (size_ == 0) {
    first_line_us_ = now_us;
  }
  while (!line.empty()) {
    const ssize_t written = write(descriptor_, line.data(), line.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      Status status = Failure("written", options_.file);
      Close();
      return status;
    }
    size_ += static_cast<std::uint64_t>(written);
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status LogFile::Rotate(std::int64_t now_us) {
  const std::string base = options_.file + "." + Stamp(now_us);
  std::string closed = base;
  std::error_code ignored;
  // Several files may be closed within one second.
  for (int i = 1; fs::exists(closed, ignored); ++i) {
    const std::string number = std::to_string(i);
    closed = base + "-" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number;
  }
  if (rename(options_.file.c_str(), closed.c_str()) != 0 && errno != ENOENT) {
    return Failure("renamed", options_.file);
  }
  return Open(now_us);
}

void LogFile::RemoveOld(std::int64_t now_us) {
  last_removal_us_ = now_us;
  const fs::path file(options_.file);
  const std::string prefix = file.filename().string() + ".";
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::vector<std::string> closed;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix) && ParseTime(name.substr(prefix.size()), "%Y%m%dT%H%M%SZ")) {
      closed.push_back(name);
    }
  }
  std::sort(closed.begin(), closed.end(), std::greater<>());
  const std::int64_t oldest = now_us - std::chrono::microseconds(options_.max_age).count();
  for (std::size_t i = 0; i < closed.size(); ++i) {
    const std::int64_t time = ParseTime(closed[i].substr(prefix.size()), "%Y%m%dT%H%M%SZ").value_or(now_us);
    if (i >= static_cast<std::size_t>(options_.max_files) || time < oldest) {
      fs::remove(directory / closed[i], error);
    }
  }
}

}  // namespace tutti::host
