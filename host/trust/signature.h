// Detached Ed25519 signatures of plugins: the file plugin.sig beside plugin.yaml.
//
//   tutti-plugin-1
//   key: BASE64 of the public key, 32 bytes
//   signature: BASE64 of the signature, 64 bytes
//
// What is signed is the text
//   tutti-plugin-1\n<id>\n<version>\n<sha256 of the library>\n<sha256 of plugin.yaml>\n
// so a signature holds for these bytes under this name only.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/trust/signing_key.h"

namespace tutti::host {

inline constexpr std::string_view kSignatureFile = "plugin.sig";

// What a signature speaks of. Digests are lower-case hex.
struct SignedFacts {
  std::string id;
  std::string version;
  std::string library_sha256;
  std::string manifest_sha256;
};

struct SignatureCheck {
  enum class State {
    kNone,        // there is no plugin.sig
    kTrusted,     // holds, by a key in the configuration
    kUnknownKey,  // holds, by a key that nobody here trusts: worth no more than none
    kWrong,       // does not hold for these bytes, or is no signature at all
  };

  State state = State::kNone;
  std::string key;     // base64; empty when it could not be read
  std::string reason;  // of kWrong: a sentence
};

std::string SignedText(const SignedFacts& facts);

// The content of plugin.sig.
std::string Sign(const SignedFacts& facts, const SigningKey& key);

// `text` is the content of plugin.sig, `trusted` public keys in base64. Never kNone.
SignatureCheck CheckSignature(std::string_view text, const SignedFacts& facts, const std::vector<std::string>& trusted);

}  // namespace tutti::host
