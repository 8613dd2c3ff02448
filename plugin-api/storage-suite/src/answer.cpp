#include "answer.h"

#include <gtest/gtest.h>
#include <rapidjson/pointer.h>

#include <charconv>

namespace tutti::storage_suite {

Answer::Answer(Result<std::string> result) : result_(std::move(result)) {
  if (result_.ok()) {
    document_ = std::make_shared<rapidjson::Document>();
    document_->Parse(result_->data(), result_->size());
    EXPECT_FALSE(document_->HasParseError()) << *result_;
  }
}

std::string Answer::At(std::string_view pointer) const {
  if (!document_ || document_->HasParseError()) {
    return text();
  }
  const rapidjson::Pointer path("/results" + std::string(pointer));
  const rapidjson::Value* found = path.Get(*document_);
  return found == nullptr ? "absent" : JsonWriter().Value(*found).Take();
}

std::int64_t Answer::Int(std::string_view pointer) const {
  const std::string text = At(pointer);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    ADD_FAILURE() << "expected a whole number at " << pointer << ", found " << text;
    return -1;
  }
  return number;
}

}  // namespace tutti::storage_suite
