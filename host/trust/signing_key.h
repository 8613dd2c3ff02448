// An Ed25519 key pair of somebody who signs plugins, and its file:
//
//   tutti-key-1
//   public: BASE64, 32 bytes; what others put into host.trust.keys
//   secret: BASE64, 64 bytes
//
// Plain values; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

class SigningKey {
 public:
  // From the system's random numbers. INTERNAL: they are not to be had.
  static Result<SigningKey> Generate();

  // Refused when others than its owner may read it: a key that leaked signs for anybody.
  static Result<SigningKey> Read(const std::filesystem::path& file);

  // Creates the file with mode 0600. ALREADY_EXISTS: something is there.
  [[nodiscard]] Status Write(const std::filesystem::path& file) const;

  [[nodiscard]] std::string public_base64() const;

  [[nodiscard]] std::string_view secret() const { return secret_; }

 private:
  explicit SigningKey(std::string secret) : secret_(std::move(secret)) {}

  std::string secret_;  // seed and public key, as libsodium keeps them
};

// Whether the text is a public key as `public` of a key file has it.
bool IsPublicKey(std::string_view base64);

}  // namespace tutti::host
