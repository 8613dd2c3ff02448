#include "line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tutti::workspace {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

}  // namespace

bool LineReader::Fill() {
  block_.resize(kBlockBytes);
  ssize_t count = 0;
  do {
    count = ::read(fd_, block_.data(), block_.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    error_ = errno;
  }
  rest_ = count > 0 ? std::string_view(block_.data(), static_cast<std::size_t>(count)) : std::string_view();
  bytes_ += rest_.size();
  filled_block_ = true;
  return !rest_.empty();
}

bool LineReader::IsBinary() {
  return (!rest_.empty() || Fill()) && rest_.find('\0') != std::string_view::npos;
}

bool LineReader::Next(Line* line) {
  line->text.clear();
  line->cut = false;
  bool found = false;
  while (!rest_.empty() || Fill()) {
    found = true;
    const std::size_t end = rest_.find('\n');
    const std::string_view part = rest_.substr(0, end);
    const std::size_t room = max_line_bytes_ - line->text.size();
    line->cut = line->cut || part.size() > room;
    line->text.append(part.substr(0, room));
    if (end != std::string_view::npos) {
      rest_.remove_prefix(end + 1);
      break;
    }
    rest_ = {};
  }
  if (line->cut) {
    // Not in the middle of a character.
    while (!line->text.empty() && (static_cast<unsigned char>(line->text.back()) & 0xC0U) == 0x80U) {
      line->text.pop_back();
    }
    if (!line->text.empty() && static_cast<unsigned char>(line->text.back()) >= 0xC0U) {
      line->text.pop_back();
    }
  }
  return found;
}

Result<std::string> ReadWhole(int fd, std::size_t max_bytes) {
  std::string content;
  for (;;) {
    const std::size_t size = content.size();
    content.resize(std::min(std::max<std::size_t>(size * 2, kBlockBytes), max_bytes + 1));
    const ssize_t count = ::read(fd, content.data() + size, content.size() - size);
    content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno != EINTR) {
      return Status::FailedPrecondition(std::string("could not be read: ") + std::strerror(errno));
    }
    if (content.size() > max_bytes) {
      return Status(Code::kOutOfRange,
                    "expected a file of at most " + std::to_string(max_bytes) + " bytes, found a larger one");
    }
    if (count == 0) {
      return content;
    }
  }
}

}  // namespace tutti::workspace
