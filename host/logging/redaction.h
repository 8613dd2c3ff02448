// Keeps secrets out of logs and messages.
#pragma once

#include <string>
#include <string_view>

namespace tutti::host {

// What stands in place of a secret.
inline constexpr std::string_view kMasked = "***";

// Whether a value under this key should not be shown: password, secret, credential, authorization, cookie, or a name
// that ends in key or token (api_key, accessToken; not max_tokens). Upper and lower case, dashes and underscores do not
// matter.
bool IsSecretKey(std::string_view key);

// The text with what a URL carries as user information masked: postgresql://ada:pass@host/db becomes
// postgresql://***@host/db. Every URL in the text.
std::string MaskUrls(std::string_view text);

// The value as it may be shown under this key.
std::string Redact(std::string_view key, std::string_view value);

}  // namespace tutti::host
