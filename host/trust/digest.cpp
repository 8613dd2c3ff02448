#include "host/trust/digest.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tutti::host {
namespace {

constexpr std::size_t kPieceBytes = 1U << 16U;

std::string Hex(const std::array<unsigned char, crypto_hash_sha256_BYTES>& digest) {
  std::string hex(2 * digest.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();
  return hex;
}

const unsigned char* Bytes(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

// Hands every piece of the file to `take`.
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
    take(std::string_view(piece.data(), static_cast<std::size_t>(count)));
  }
  ::close(descriptor);
  return status;
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), Bytes(bytes.data()), bytes.size());
  return Hex(digest);
}

Result<std::string> Sha256OfFile(const std::filesystem::path& file) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const Status status = ReadPieces(file, kMaxPluginFileBytes, [&](std::string_view piece) {
    crypto_hash_sha256_update(&state, Bytes(piece.data()), piece.size());
  });
  if (!status.ok()) {
    return status;
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state, digest.data());
  return Hex(digest);
}

Result<std::string> ReadFile(const std::filesystem::path& file, std::uint64_t max_bytes) {
  std::string text;
  const Status status = ReadPieces(file, max_bytes, [&](std::string_view piece) { text.append(piece); });
  if (!status.ok()) {
    return status;
  }
  return text;
}

}  // namespace tutti::host
