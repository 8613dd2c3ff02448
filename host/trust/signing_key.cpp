#include "host/trust/signing_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/trust/base64.h"
#include "host/trust/digest.h"

namespace tutti::host {
namespace {

constexpr std::string_view kHeading = "tutti-key-1\n";
constexpr std::string_view kSecret = "\nsecret: ";
constexpr std::uint64_t kMaxKeyFileBytes = 4096;

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Result<SigningKey> SigningKey::Generate() {
  if (sodium_init() < 0) {
    return Status::Internal("expected random numbers of the system, found none; no key was made");
  }
  std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> unused;
  crypto_sign_keypair(unused.data(), Bytes(secret));
  return SigningKey(std::move(secret));
}

Result<SigningKey> SigningKey::Read(const std::filesystem::path& file) {
  struct stat found {};

  if (::stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Status::FailedPrecondition(file.string() +
                                      ": expected a key that only its owner can read, found one that others can reach; "
                                      "`chmod 600` it if nobody else has read it, else make a new one");
  }
  Result<std::string> text = ReadFile(file, kMaxKeyFileBytes);
  if (!text.ok()) {
    return text.status();
  }
  const std::size_t at = text->find(kSecret);
  std::string secret;
  if (text->starts_with(kHeading) && at != std::string::npos) {
    const std::size_t begin = at + kSecret.size();
    secret = FromBase64(std::string_view(*text).substr(begin, text->find('\n', begin) - begin)).value_or("");
  }
  if (secret.size() != crypto_sign_SECRETKEYBYTES) {
    return Status::InvalidArgument(file.string() +
                                   ": expected a key as `tutti plugin keygen` writes it, found something else");
  }
  return SigningKey(std::move(secret));
}

Status SigningKey::Write(const std::filesystem::path& file) const {
  const std::string text =
      std::string(kHeading) + "public: " + public_base64() + std::string(kSecret) + ToBase64(secret_) + "\n";
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    if (errno == EEXIST) {
      return Status::AlreadyExists(file.string() + " is there already; a key is never overwritten, name another file");
    }
    return Status::NotFound(file.string() + " cannot be written: " + std::strerror(errno));
  }
  const bool is_written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  if (!is_written) {
    ::unlink(file.c_str());
    return Status::Internal(file.string() + " cannot be written: " + std::strerror(reason));
  }
  return {};
}

std::string SigningKey::public_base64() const {
  return ToBase64(std::string_view(secret_).substr(crypto_sign_SEEDBYTES));
}

bool IsPublicKey(std::string_view base64) {
  const auto bytes = FromBase64(base64);
  return bytes && bytes->size() == crypto_sign_PUBLICKEYBYTES;
}

}  // namespace tutti::host
