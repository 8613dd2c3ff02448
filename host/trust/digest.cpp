#include "host/trust/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace tutti::host {
namespace {

constexpr std::size_t kPieceBytes = 1U << 16U;

// Hands every piece of the file to `take`, which answers with a status.
template <typename Take>
Status ReadPieces(const std::filesystem::path& file, std::uint64_t max_bytes, Take take) {
  // Without O_NONBLOCK a pipe in the place of a file would hold the open for ever.
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  struct stat found {};

  if (descriptor < 0 || ::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) {
    const std::string reason = descriptor < 0 ? std::strerror(errno) : "not a regular file";
    if (descriptor >= 0) {
      ::close(descriptor);
    }
    return Status::NotFound(file.string() + ": expected a readable file, found: " + reason);
  }
  std::array<char, kPieceBytes> piece;
  std::uint64_t total = 0;
  Status status;
  while (status.ok()) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      status = Status::NotFound(file.string() + ": cannot be read: " + std::strerror(errno));
    }
    if (count <= 0) {
      break;
    }
    total += static_cast<std::uint64_t>(count);
    if (total > max_bytes) {
      status = Status::ResourceExhausted(file.string() + ": expected at most " + std::to_string(max_bytes) +
                                         " bytes, found more");
      break;
    }
    status = take(std::string_view(piece.data(), static_cast<std::size_t>(count)));
  }
  ::close(descriptor);
  return status;
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
  return true;
}

Status CannotWrite(const std::filesystem::path& file) {
  return Status::Internal(file.string() + ": cannot be written: " + std::strerror(errno));
}

// With the processor's own instructions where it has them, which libsodium's has not: every start reads all plugins.
class Sha256Sum {
 public:
  Sha256Sum() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void Add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

  // Once.
  std::string Take() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string hex(2 * size + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), size);
    hex.pop_back();
    return hex;
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string Sha256(std::string_view bytes) {
  Sha256Sum sum;
  sum.Add(bytes);
  return sum.Take();
}

Result<std::string> Sha256OfFile(const std::filesystem::path& file) {
  Sha256Sum sum;
  const Status status = ReadPieces(file, kMaxPluginFileBytes, [&](std::string_view piece) {
    sum.Add(piece);
    return Status();
  });
  if (!status.ok()) {
    return status;
  }
  return sum.Take();
}

Result<std::string> CopyFile(const std::filesystem::path& file, const std::filesystem::path& to) {
  std::error_code ignored;
  std::filesystem::remove(to, ignored);
  const int target = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (target < 0) {
    return CannotWrite(to);
  }
  Sha256Sum sum;
  Status status = ReadPieces(file, kMaxPluginFileBytes, [&](std::string_view piece) {
    sum.Add(piece);
    return WriteAll(target, piece) ? Status() : CannotWrite(to);
  });
  // A full disk may show only here.
  if (::close(target) != 0 && status.ok()) {
    status = CannotWrite(to);
  }
  if (!status.ok()) {
    std::filesystem::remove(to, ignored);
    return status;
  }
  return sum.Take();
}

Result<std::string> ReadFile(const std::filesystem::path& file, std::uint64_t max_bytes) {
  std::string text;
  const Status status = ReadPieces(file, max_bytes, [&](std::string_view piece) {
    text.append(piece);
    return Status();
  });
  if (!status.ok()) {
    return status;
  }
  return text;
}

}  // namespace tutti::host
