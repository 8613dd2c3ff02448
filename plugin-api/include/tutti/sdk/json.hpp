// JSON for plugin authors: read with Json and JsonView, write with JsonObject and JsonWriter.
//
// A thin convenience over RapidJSON (Debian package rapidjson-dev, header-only). It is the SDK's choice, not the ABI's:
// what crosses the boundary is bytes, and a plugin may use any library.
#pragma once

#ifndef RAPIDJSON_HAS_STDSTRING
#define RAPIDJSON_HAS_STDSTRING 1
#endif
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tutti/sdk/status.hpp"

namespace tutti {

// Writes JSON left to right. Doubles must be finite. Not thread-safe.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return state_->writer.StartObject(), *this; }

  JsonWriter& EndObject() { return state_->writer.EndObject(), *this; }

  JsonWriter& BeginArray() { return state_->writer.StartArray(), *this; }

  JsonWriter& EndArray() { return state_->writer.EndArray(), *this; }

  JsonWriter& Key(std::string_view key) {
    return state_->writer.Key(key.data() ? key.data() : "", static_cast<rapidjson::SizeType>(key.size())), *this;
  }

  JsonWriter& Value(std::string_view text) {
    return state_->writer.String(text.data() ? text.data() : "", static_cast<rapidjson::SizeType>(text.size())), *this;
  }

  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }

  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }

  JsonWriter& Value(bool value) { return state_->writer.Bool(value), *this; }

  JsonWriter& Value(std::nullptr_t) { return state_->writer.Null(), *this; }

  JsonWriter& Value(double value) { return state_->writer.Double(value), *this; }

  template <std::integral T>

  requires(!std::same_as<T, bool>) JsonWriter& Value(T value) {
    if constexpr (std::signed_integral<T>) {
      state_->writer.Int64(value);
    } else {
      state_->writer.Uint64(value);
    }
    return *this;
  }

  JsonWriter& Value(const rapidjson::Value& value) { return value.Accept(state_->writer), *this; }

  // `json` must be one valid JSON value; empty is written as null.
  JsonWriter& Raw(std::string_view json) {
    if (json.empty()) {
      return Value(nullptr);
    }
    return state_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType), *this;
  }

  [[nodiscard]] std::string_view view() const { return {state_->buffer.GetString(), state_->buffer.GetSize()}; }

  [[nodiscard]] std::string Take() const { return std::string(view()); }

 private:
  struct State {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  };

  std::unique_ptr<State> state_ = std::make_unique<State>();
};

// Builds one object: JsonObject()("id", 7)("name", "scout").Raw("input", json).Take().
class JsonObject {
 public:
  JsonObject() { writer_.BeginObject(); }

  template <typename T>
  JsonObject& operator()(std::string_view key, const T& value) {
    writer_.Key(key).Value(value);
    return *this;
  }

  JsonObject& Raw(std::string_view key, std::string_view json) {
    writer_.Key(key).Raw(json);
    return *this;
  }

  // null when empty.
  JsonObject& OrNull(std::string_view key, std::string_view text) {
    writer_.Key(key);
    text.empty() ? writer_.Value(nullptr) : writer_.Value(text);
    return *this;
  }

  // Ends the object; nothing may be added afterwards.
  [[nodiscard]] std::string Take() { return writer_.EndObject().Take(); }

 private:
  JsonWriter writer_;
};

// The text as a JSON string, quoted and escaped.
inline std::string JsonQuote(std::string_view text) {
  return JsonWriter().Value(text).Take();
}

// A borrowed look at a JSON value. A missing member, a wrong index or a wrong type yields an absent view or the
// fallback, so chains need no checks. Valid as long as the Json it came from.
class JsonView {
 public:
  JsonView() = default;

  explicit JsonView(const rapidjson::Value* value) : value_(value) {}

  // Present, null included.
  explicit operator bool() const { return value_ != nullptr; }

  [[nodiscard]] bool is_null() const { return value_ == nullptr || value_->IsNull(); }

  [[nodiscard]] bool is_object() const { return value_ != nullptr && value_->IsObject(); }

  [[nodiscard]] bool is_array() const { return value_ != nullptr && value_->IsArray(); }

  [[nodiscard]] bool is_string() const { return value_ != nullptr && value_->IsString(); }

  [[nodiscard]] bool is_number() const { return value_ != nullptr && value_->IsNumber(); }

  [[nodiscard]] bool is_int() const { return value_ != nullptr && value_->IsInt64(); }

  [[nodiscard]] bool is_bool() const { return value_ != nullptr && value_->IsBool(); }

  JsonView operator[](std::string_view key) const {
    if (!is_object()) {
      return {};
    }
    auto found = value_->FindMember(
        rapidjson::Value(rapidjson::StringRef(key.data(), static_cast<rapidjson::SizeType>(key.size()))));
    return found == value_->MemberEnd() ? JsonView() : JsonView(&found->value);
  }

  JsonView operator[](std::size_t index) const {
    return is_array() && index < value_->Size() ? JsonView(&(*value_)[static_cast<rapidjson::SizeType>(index)])
                                                : JsonView();
  }

  JsonView operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }

  [[nodiscard]] std::string_view AsString(std::string_view fallback = {}) const {
    return is_string() ? std::string_view(value_->GetString(), value_->GetStringLength()) : fallback;
  }

  [[nodiscard]] std::int64_t AsInt(std::int64_t fallback = 0) const { return is_int() ? value_->GetInt64() : fallback; }

  [[nodiscard]] double AsDouble(double fallback = 0) const { return is_number() ? value_->GetDouble() : fallback; }

  [[nodiscard]] bool AsBool(bool fallback = false) const { return is_bool() ? value_->GetBool() : fallback; }

  // Elements of an array or members of an object; 0 for anything else.
  [[nodiscard]] std::size_t size() const {
    return is_array() ? value_->Size() : is_object() ? value_->MemberCount() : 0;
  }

  // fn(JsonView) for each element of an array.
  template <typename Fn>
  void ForEach(Fn&& fn) const {
    if (is_array()) {
      for (const auto& item : value_->GetArray()) {
        fn(JsonView(&item));
      }
    }
  }

  // fn(std::string_view key, JsonView value) for each member of an object, in order.
  template <typename Fn>
  void ForEachMember(Fn&& fn) const {
    if (is_object()) {
      for (const auto& member : value_->GetObject()) {
        fn(std::string_view(member.name.GetString(), member.name.GetStringLength()), JsonView(&member.value));
      }
    }
  }

  // The value as JSON text; "null" when absent.
  [[nodiscard]] std::string Dump() const {
    return value_ == nullptr ? std::string("null") : JsonWriter().Value(*value_).Take();
  }

  // The value itself, for what this class does not offer; nullptr when absent.
  [[nodiscard]] const rapidjson::Value* raw() const { return value_; }

 private:
  const rapidjson::Value* value_ = nullptr;
};

// A parsed document.
class Json {
 public:
  // Depth is bounded by the parser being iterative. The error names the byte offset.
  static Result<Json> Parse(std::string_view text) {
    Json json;
    json.document_.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
        text.data() ? text.data() : "", text.size());
    if (json.document_.HasParseError()) {
      return Status::InvalidArgument("expected JSON, found an error at byte " +
                                     std::to_string(json.document_.GetErrorOffset()) + ": " +
                                     rapidjson::GetParseError_En(json.document_.GetParseError()));
    }
    return json;
  }

  [[nodiscard]] JsonView view() const { return JsonView(&document_); }

  JsonView operator[](std::string_view key) const { return view()[key]; }

  [[nodiscard]] rapidjson::Document& document() { return document_; }

 private:
  rapidjson::Document document_;
};

namespace internal {

inline std::size_t JsonSpace(std::string_view text, std::size_t i) {
  while (i < text.size() && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r')) {
    ++i;
  }
  return i;
}

}  // namespace internal

// Walks over one JSON value in valid JSON text without parsing it, and returns where it ends. For cutting raw slices
// out of what passes through; `text` must be valid JSON from `begin` on, which must not be white space.
inline std::size_t JsonSkip(std::string_view text, std::size_t begin) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
        if (depth == 0) {
          return i + 1;
        }
      }
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) {
          return i;
        }
        if (--depth == 0) {
          return i + 1;
        }
        break;
      case ',':
      case ':':
      case ' ':
      case '\n':
      case '\t':
      case '\r':
        if (depth == 0) {
          return i;
        }
        break;
      default:
        break;
    }
  }
  return text.size();
}

// The raw text of a member of an object in valid JSON; empty when there is none. Keys are compared as written.
inline std::string_view JsonMember(std::string_view object, std::string_view name) {
  std::size_t i = internal::JsonSpace(object, 0);
  if (i >= object.size() || object[i] != '{') {
    return {};
  }
  i = internal::JsonSpace(object, i + 1);
  while (i < object.size() && object[i] == '"') {
    const std::size_t key_end = JsonSkip(object, i);
    const std::string_view key = object.substr(i + 1, key_end - i - 2);
    i = internal::JsonSpace(object, internal::JsonSpace(object, key_end) + 1);
    const std::size_t end = JsonSkip(object, i);
    if (key == name) {
      return object.substr(i, end - i);
    }
    i = internal::JsonSpace(object, internal::JsonSpace(object, end) + 1);
  }
  return {};
}

// fn(std::string_view raw) for each element of an array in valid JSON.
template <typename Fn>
void JsonElements(std::string_view array, Fn&& fn) {
  std::size_t i = internal::JsonSpace(array, 0);
  if (i >= array.size() || array[i] != '[') {
    return;
  }
  i = internal::JsonSpace(array, i + 1);
  while (i < array.size() && array[i] != ']') {
    const std::size_t end = JsonSkip(array, i);
    fn(array.substr(i, end - i));
    i = internal::JsonSpace(array, internal::JsonSpace(array, end) + 1);
  }
}

}  // namespace tutti
