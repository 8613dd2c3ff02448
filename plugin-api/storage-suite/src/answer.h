// Answer: what a batch came to, with short ways to look into it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::storage_suite {

// A parsed result or the status; places are RFC 6901 pointers.
class Answer {
 public:
  explicit Answer(Result<std::string> result);

  [[nodiscard]] bool ok() const { return result_.ok(); }

  [[nodiscard]] Status status() const { return result_.status(); }

  [[nodiscard]] std::string text() const { return result_.ok() ? *result_ : result_.status().ToString(); }

  // The value below {"results":[[...]]} as JSON text: At("/0/0/rows/0/name") == "\"ada\""; "absent" when there is none.
  [[nodiscard]] std::string At(std::string_view pointer) const;

  // -1 when there is no whole number.
  [[nodiscard]] std::int64_t Int(std::string_view pointer) const;

 private:
  Result<std::string> result_;
  std::shared_ptr<rapidjson::Document> document_;
};

}  // namespace tutti::storage_suite
