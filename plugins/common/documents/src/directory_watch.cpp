#include "directory_watch.h"

#include <sys/inotify.h>

#include <cerrno>
#include <system_error>

namespace tutti::documents {
namespace {

constexpr std::uint32_t kChanges = IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

void DirectoryWatch::Begin() {
  (void)Take();
  added_.clear();
  is_complete_ = true;
  problem_.clear();
}

void DirectoryWatch::Add(const std::string& path) {
  if (added_.size() >= most_) {
    Fail("there are more than " + std::to_string(most_) + " directories (max_watches)");
    return;
  }
  if (!events_) {
    events_ = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  }
  const int watch = events_ ? ::inotify_add_watch(events_.get(), path.c_str(), kChanges) : -1;
  if (watch < 0) {
    Fail(path + ": " + std::system_category().message(errno));
    return;
  }
  added_.insert(watch);
}

void DirectoryWatch::Settle() {
  for (const int watch : watched_) {
    if (!added_.contains(watch)) {
      ::inotify_rm_watch(events_.get(), watch);  // fails for a directory that is gone, which is as good
    }
  }
  watched_ = added_;
}

bool DirectoryWatch::Take() {
  if (!events_) {
    return false;
  }
  bool has_changed = false;
  alignas(inotify_event) char buffer[16384];
  for (;;) {
    const ssize_t count = ::read(events_.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return has_changed;
    }
    for (ssize_t at = 0; at < count;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      // The end of a watch says nothing by itself: what ended it has an event of its own.
      has_changed = has_changed || event->mask != IN_IGNORED;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
}

void DirectoryWatch::Fail(const std::string& problem) {
  if (is_complete_) {
    problem_ = problem;
  }
  is_complete_ = false;
}

}  // namespace tutti::documents
