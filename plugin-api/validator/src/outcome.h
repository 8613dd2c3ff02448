// How one case ended, and why, in one sentence.
#pragma once

#include <string>
#include <string_view>

namespace tutti::validator {

enum class Verdict {
  kPass,
  kSkip,   // could not be tried here; the sentence says what is missing
  kWarn,   // works, but is not what an author wants
  kFail,   // breaks the contract
  kCrash,  // ended the process, or did not come back in time
};

struct Outcome {
  Verdict verdict = Verdict::kPass;
  std::string sentence;

  static Outcome Pass(std::string sentence) { return {Verdict::kPass, std::move(sentence)}; }

  static Outcome Skip(std::string sentence) { return {Verdict::kSkip, std::move(sentence)}; }

  static Outcome Warn(std::string sentence) { return {Verdict::kWarn, std::move(sentence)}; }

  static Outcome Fail(std::string sentence) { return {Verdict::kFail, std::move(sentence)}; }

  static Outcome Crash(std::string sentence) { return {Verdict::kCrash, std::move(sentence)}; }

  [[nodiscard]] bool is_bad() const { return verdict == Verdict::kFail || verdict == Verdict::kCrash; }
};

constexpr std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kSkip:
      return "skip";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kFail:
      return "fail";
    case Verdict::kCrash:
      return "crash";
  }
  return "fail";
}

}  // namespace tutti::validator
