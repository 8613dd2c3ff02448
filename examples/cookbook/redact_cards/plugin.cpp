// Masks card numbers before the model sees them; what a client wrote stays in the chat. Teaches: a gate that changes
// the payload with a patch, on two points.
#include "tutti/sdk/plugin.hpp"

#include <string>

class RedactCards {
 public:
  explicit RedactCards(tutti::Host host) : host_(host) {}

  // Works on the JSON as it is: card numbers hold no letter that JSON escapes.
  tutti::HookReply OnPoint(const tutti::Point& point, std::string_view payload, const tutti::Call& /*call*/) const {
    const char* const member = point.name == "UserPromptSubmit" ? "prompt" : "tool_response";
    const std::string_view before = tutti::JsonMember(payload, member);
    const std::string after = Masked(before);
    if (after == before) {
      return tutti::HookReply::Allow();
    }
    host_.Count("redacted_payloads_total");
    return tutti::HookReply::Patch(tutti::JsonObject().Raw(member, after).Take());
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  // Luhn's check, ISO/IEC 7812.
  static bool IsCard(const std::string& digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
      const int digit = digits[digits.size() - 1 - i] - '0';
      sum += i % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
    }
    return digits.size() >= 13 && digits.size() <= 19 && sum % 10 == 0;
  }

  // The text with all but the last four digits of every card as '*'. Numbers outside of strings stay: they are JSON.
  static std::string Masked(std::string_view json) {
    std::string out(json);
    bool in_string = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == '\\' && in_string) {
        i += out[i + 1] == 'u' ? 5 : 1;
      } else if (out[i] == '"') {
        in_string = !in_string;
      } else if (in_string && IsDigit(out[i])) {
        std::string digits;
        std::size_t end = i;
        for (std::size_t k = i; k < out.size() && (IsDigit(out[k]) || out[k] == ' ' || out[k] == '-'); ++k) {
          digits += IsDigit(out[k]) ? std::string(1, out[k]) : "";
          end = IsDigit(out[k]) ? k + 1 : end;
        }
        for (std::size_t k = i, seen = 0; IsCard(digits) && k < end; ++k) {
          seen += IsDigit(out[k]) ? 1 : 0;
          out[k] = IsDigit(out[k]) && seen + 4 <= digits.size() ? '*' : out[k];
        }
        i = end - 1;
      }
    }
    return out;
  }

  tutti::Host host_;
};

TUTTI_PLUGIN(RedactCards, "org.example.redact_cards", "1.0.0")
