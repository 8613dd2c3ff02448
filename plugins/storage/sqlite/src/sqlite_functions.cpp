#include "sqlite_functions.h"

#include <cmath>
#include <string>
#include <string_view>

#include "encoding.h"
#include "value.h"

namespace tutti::storage::sqlite {
namespace {

std::string_view TextOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void ReturnText(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

bool IsNull(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

void ReturnNumber(sqlite3_context* context, double number) {
  std::isfinite(number) ? ReturnText(context, NumberText(number)) : sqlite3_result_null(context);
}

void Double(sqlite3_context* context, int, sqlite3_value** values) {
  if (!IsNull(values[0])) {
    ReturnNumber(context, sqlite3_value_double(values[0]));
  }
}

void Decimal(sqlite3_context* context, int, sqlite3_value** values) {
  if (!IsNull(values[0])) {
    ReturnNumber(context, RoundDecimal(sqlite3_value_double(values[0])));
  }
}

void Round(sqlite3_context* context, int, sqlite3_value** values) {
  if (!IsNull(values[0])) {
    sqlite3_result_double(context, RoundDecimal(sqlite3_value_double(values[0])));
  }
}

void Base64(sqlite3_context* context, int, sqlite3_value** values) {
  if (!IsNull(values[0])) {
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
    ReturnText(context,
               EncodeBase64({bytes == nullptr ? "" : bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))}));
  }
}

void Merge(sqlite3_context* context, int, sqlite3_value** values) {
  rapidjson::Document target;
  target.SetObject();
  if (!IsNull(values[0])) {
    const std::string_view text = TextOf(values[0]);
    target.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (target.HasParseError() || !target.IsObject()) {
      target.SetObject();
    }
  }
  rapidjson::Document patch(&target.GetAllocator());
  const std::string_view text = TextOf(values[1]);
  patch.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (patch.HasParseError() || !patch.IsObject()) {
    sqlite3_result_error(context, "tutti_merge expects an object", -1);
    return;
  }
  for (auto& member : patch.GetObject()) {
    const auto found = target.FindMember(member.name);
    if (found == target.MemberEnd()) {
      target.AddMember(member.name, member.value, target.GetAllocator());
    } else {
      found->value = member.value;
    }
  }
  ReturnText(context, JsonWriter().Value(static_cast<const rapidjson::Value&>(target)).Take());
}

}  // namespace

int AddSqlFunctions(sqlite3* database) {
  struct Function {
    const char* name;
    int arguments;
    void (*run)(sqlite3_context*, int, sqlite3_value**);
  };

  for (const Function& function :
       {Function{"tutti_double", 1, Double}, Function{"tutti_decimal", 1, Decimal}, Function{"tutti_round", 1, Round},
        Function{"tutti_base64", 1, Base64}, Function{"tutti_merge", 2, Merge}}) {
    const int code =
        sqlite3_create_function_v2(database, function.name, function.arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   nullptr, function.run, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
      return code;
    }
  }
  return SQLITE_OK;
}

}  // namespace tutti::storage::sqlite
