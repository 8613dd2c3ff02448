#include "mutate.h"

#include <algorithm>
#include <array>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::validator {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kValues{"null"sv,
                             "true"sv,
                             "false"sv,
                             "0"sv,
                             "-1"sv,
                             "1e308"sv,
                             "-1e400"sv,
                             "0.1"sv,
                             "9223372036854775807"sv,
                             "9223372036854775808"sv,
                             "-9223372036854775808"sv,
                             "18446744073709551616"sv,
                             "4294967296"sv,
                             "\"\""sv,
                             "\"x\""sv,
                             "\"\\u0000\""sv,
                             "\"\\ud800\""sv,
                             "\"\\ud83d\\ude00\""sv,
                             "\"../../..\""sv,
                             "\"%n%s\""sv,
                             "\"' OR 1=1 --\""sv,
                             "\"[(\""sv,
                             "[]"sv,
                             "{}"sv,
                             "[[[]]]"sv,
                             "[null]"sv,
                             "{\"\":{}}"sv,
                             "{\"a\":1,\"a\":2}"sv};

std::string UnusualValue(Random& random) {
  switch (Below(random, 12)) {
    case 0: {
      const std::size_t depth = 1 + Below(random, 2000);
      return std::string(depth, '[') + std::string(depth, ']');
    }
    case 1:
      return JsonQuote(std::string(1 + Below(random, 20000), static_cast<char>('a' + Below(random, 26))));
    case 2:
      return JsonQuote(CleanUtf8(Noise(random)));
    default:
      return std::string(kValues[Below(random, kValues.size())]);
  }
}

// A copy of the value in which the `target`-th value, counted in order, is another one.
class Rewriter {
 public:
  Rewriter(Random& random, std::size_t target) : random_(random), target_(target) {}

  std::string Rewrite(JsonView value) {
    if (count_++ == target_) {
      return UnusualValue(random_);
    }
    if (value.is_object()) {
      return Object(value);
    }
    if (value.is_array()) {
      std::string items;
      value.ForEach([&](JsonView item) { items += (items.empty() ? "" : ",") + Rewrite(item); });
      return "[" + items + "]";
    }
    return value.Dump();
  }

 private:
  std::string Object(JsonView value) {
    std::string members;
    const auto add = [&](std::string_view key, const std::string& text) {
      members += (members.empty() ? "" : ",") + JsonQuote(key) + ":" + text;
    };
    value.ForEachMember([&](std::string_view key, JsonView member) {
      const std::size_t before = count_;
      const std::string text = Rewrite(member);
      const bool is_target = before <= target_ && target_ < count_;
      const std::size_t choice = is_target ? Below(random_, 8) : 7;
      if (choice == 0) {
        return;  // dropped
      }
      add(choice == 1 ? std::string(key) + "x" : std::string(key), text);
      if (choice == 2) {
        add(key, UnusualValue(random_));
      }
    });
    if (Below(random_, 16) == 0) {
      add("unexpected", UnusualValue(random_));
    }
    return "{" + members + "}";
  }

  Random& random_;
  const std::size_t target_;
  std::size_t count_ = 0;
};

std::size_t CountValues(JsonView value) {
  std::size_t count = 1;
  if (value.is_object()) {
    value.ForEachMember([&](std::string_view, JsonView member) { count += CountValues(member); });
  } else if (value.is_array()) {
    value.ForEach([&](JsonView item) { count += CountValues(item); });
  }
  return count;
}

std::string ChangeBytes(std::string text, Random& random) {
  if (text.empty()) {
    return text;
  }
  const std::size_t at = Below(random, text.size());
  switch (Below(random, 4)) {
    case 0:
      text[at] = static_cast<char>(random());
      break;
    case 1:
      text.resize(at);
      break;
    case 2:
      text.insert(at, text.substr(at, 1 + Below(random, 40)));
      break;
    default:
      text.erase(at, 1 + Below(random, 8));
      break;
  }
  return text;
}

}  // namespace

std::size_t Below(Random& random, std::size_t limit) {
  // Not std::uniform_int_distribution, which differs between libraries.
  return static_cast<std::size_t>(random() % limit);
}

std::string Mutate(std::string_view json, Random& random) {
  std::string text(json);
  const std::size_t changes = 1 + Below(random, 4);
  for (std::size_t i = 0; i < changes; ++i) {
    const Result<Json> parsed = Json::Parse(text);
    if (!parsed.ok() || Below(random, 6) == 0) {
      text = ChangeBytes(std::move(text), random);
    } else {
      text = Rewriter(random, Below(random, CountValues(parsed->view()))).Rewrite(parsed->view());
    }
  }
  return text;
}

std::string Noise(Random& random) {
  std::string text(Below(random, 600), '\0');
  for (char& byte : text) {
    byte = static_cast<char>(random());
  }
  return text;
}

}  // namespace tutti::validator
