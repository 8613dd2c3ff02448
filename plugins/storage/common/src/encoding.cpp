#include "encoding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

#include "tutti/sdk/surrogates.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool padding = c == '=' && i + 2 >= text.size() && (i + 1 == text.size() || text[i + 1] == '=');
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '/' && !padding) {
      return std::nullopt;
    }
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  if (text.ends_with("==")) {
    bytes.pop_back();
  }
  if (text.ends_with("=")) {
    bytes.pop_back();
  }
  return bytes;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string RepairJson(std::string_view text) {
  return ReplaceLoneSurrogates(CleanUtf8(text));
}

std::size_t JsonDepth(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

void CleanStrings(rapidjson::Value& value, rapidjson::Document::AllocatorType& allocator) {
  if (value.IsString()) {
    const std::string_view text(value.GetString(), value.GetStringLength());
    if (text.find('\0') != std::string_view::npos) {
      value.SetString(CleanUtf8(text), allocator);
    }
  } else if (value.IsArray()) {
    for (auto& item : value.GetArray()) {
      CleanStrings(item, allocator);
    }
  } else if (value.IsObject()) {
    for (auto& member : value.GetObject()) {
      CleanStrings(member.name, allocator);
      CleanStrings(member.value, allocator);
    }
  }
}

}  // namespace tutti::storage
