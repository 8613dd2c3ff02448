#include "document_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

namespace tutti::documents {
namespace {

constexpr int kResolveAttempts = 64;

std::string Absolute(const std::string& path, const std::string& home) {
  if (path == "~" || path.starts_with("~/")) {
    return home.empty() ? std::string() : Absolute(home + path.substr(1), {});
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  std::string text = (error ? std::filesystem::path(path) : absolute).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') {
    text.pop_back();
  }
  return text;
}

}  // namespace

Result<DocumentRoot> DocumentRoot::Make(const Settings& settings, const std::string& home) {
  DocumentRoot root;
  root.path_ = Absolute(settings.path, home);
  root.source_ = settings.source;
  if (settings.beneath.empty() || root.path_.empty()) {
    return root;
  }
  root.beneath_ = Absolute(settings.beneath, home);
  root.inside_ = std::filesystem::path(root.path_).lexically_relative(root.beneath_).string();
  if (root.inside_.empty() || root.inside_ == ".." || root.inside_.starts_with("../")) {
    return Status::InvalidArgument("directories: expected a `path` inside its `beneath`, found " + root.path_ +
                                   ", which is not inside " + root.beneath_);
  }
  return root;
}

Descriptor DocumentRoot::Open(const std::string& relative, int flags) const {
  if (path_.empty()) {
    errno = ENOENT;
    return {};
  }
  const int all = flags | O_CLOEXEC | O_NOCTTY;
  if (beneath_.empty()) {
    return Descriptor(::open(PathOf(relative).c_str(), all));
  }
  const Descriptor from(::open(beneath_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!from) {
    return {};
  }
  const std::string path = relative.empty() ? inside_ : inside_ + "/" + relative;
  open_how how{};
  how.flags = static_cast<unsigned>(all);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0;; ++attempt) {
    const long number = ::syscall(SYS_openat2, from.get(), path.c_str(), &how, sizeof how);
    // The kernel answers EAGAIN when something was renamed while it resolved "..".
    if (number >= 0 || (errno != EAGAIN && errno != EINTR) || attempt == kResolveAttempts) {
      const int error = errno;
      Descriptor opened(static_cast<int>(number));
      errno = error;
      return opened;
    }
  }
}

}  // namespace tutti::documents
