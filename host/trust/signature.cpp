#include "host/trust/signature.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "host/trust/base64.h"

namespace tutti::host {
namespace {

constexpr std::string_view kHeading = "tutti-plugin-1\n";

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The value of the line "name: value", or empty.
std::string_view LineValue(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) {
      return line.substr(name.size() + 2);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

}  // namespace

std::string SignedText(const SignedFacts& facts) {
  return std::string(kHeading) + facts.id + "\n" + facts.version + "\n" + facts.library_sha256 + "\n" +
         facts.manifest_sha256 + "\n";
}

std::string Sign(const SignedFacts& facts, const SigningKey& key) {
  const std::string text = SignedText(facts);
  std::array<char, crypto_sign_BYTES> signature;
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Bytes(text), text.size(),
                       Bytes(key.secret()));
  return std::string(kHeading) + "key: " + key.public_base64() +
         "\nsignature: " + ToBase64({signature.data(), signature.size()}) + "\n";
}

SignatureCheck CheckSignature(std::string_view text, const SignedFacts& facts,
                              const std::vector<std::string>& trusted) {
  SignatureCheck check{SignatureCheck::State::kWrong, {}, {}};
  const std::string key = FromBase64(LineValue(text, "key")).value_or("");
  const std::string signature = FromBase64(LineValue(text, "signature")).value_or("");
  if (!text.starts_with(kHeading) || key.size() != crypto_sign_PUBLICKEYBYTES ||
      signature.size() != crypto_sign_BYTES) {
    check.reason = "expected the lines tutti-plugin-1, key and signature, found something else";
    return check;
  }
  check.key = ToBase64(key);
  const std::string expected = SignedText(facts);
  if (crypto_sign_verify_detached(Bytes(signature), Bytes(expected), expected.size(), Bytes(key)) != 0) {
    check.reason = "the signature by key " + check.key + " does not hold for the library and plugin.yaml beside it";
    return check;
  }
  const bool is_trusted = std::find(trusted.begin(), trusted.end(), check.key) != trusted.end();
  check.state = is_trusted ? SignatureCheck::State::kTrusted : SignatureCheck::State::kUnknownKey;
  return check;
}

}  // namespace tutti::host
