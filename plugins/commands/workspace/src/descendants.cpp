#include "descendants.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace tutti::workspace {
namespace {

struct DirectoryEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

char* Append(char* at, const char* text) {
  const std::size_t length = std::strlen(text);
  std::memcpy(at, text, length + 1);
  return at + length;
}

char* Append(char* at, pid_t number) {
  char digits[16];
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) {
    *at++ = digits[--count];
  }
  *at = '\0';
  return at;
}

// Reads the numbers in one "children" file behind those in `out`.
std::size_t ReadChildren(const char* path, pid_t* out, std::size_t used, std::size_t capacity) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return used;
  }
  char text[4096];
  pid_t number = 0;
  for (ssize_t count = 0; (count = ::read(file, text, sizeof text)) > 0;) {
    for (ssize_t i = 0; i < count; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        number = number * 10 + (text[i] - '0');
      } else if (number > 0) {
        if (used < capacity) {
          out[used++] = number;
        }
        number = 0;
      }
    }
  }
  ::close(file);
  return used;
}

// A child belongs to the thread that forked it, so every thread is asked.
std::size_t AppendChildren(pid_t parent, pid_t* out, std::size_t used, std::size_t capacity) {
  char path[96];
  char* const tasks = Append(Append(Append(path, "/proc/"), parent), "/task/");
  const int directory = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    return used;
  }
  alignas(DirectoryEntry) char entries[4096];
  for (long count = 0; (count = ::syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0;) {
    for (long at = 0; at < count;) {
      const char* const entry = entries + at;
      std::uint16_t length = 0;
      std::memcpy(&length, entry + offsetof(DirectoryEntry, length), sizeof length);
      const char* const name = entry + offsetof(DirectoryEntry, name);
      at += length;
      if (name[0] < '0' || name[0] > '9' || std::strlen(name) > 10) {
        continue;
      }
      Append(Append(tasks, name), "/children");
      used = ReadChildren(path, out, used, capacity);
    }
  }
  ::close(directory);
  return used;
}

}  // namespace

int CollectDescendants(pid_t root, pid_t* out, std::size_t capacity) {
  std::size_t used = AppendChildren(root, out, 0, capacity);
  for (std::size_t next = 0; next < used; ++next) {
    used = AppendChildren(out[next], out, used, capacity);
  }
  return static_cast<int>(used);
}

}  // namespace tutti::workspace
