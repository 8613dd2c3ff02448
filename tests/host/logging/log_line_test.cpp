#include "host/logging/log_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::host {
namespace {

constexpr std::int64_t kTime = 1769854530123456;  // 2026-01-31T10:15:30.123456Z

std::string Line(std::initializer_list<LogField> fields, std::string_view json = {}) {
  const std::vector<LogField> all(fields);
  const std::string line = FormatLogLine(kTime, LogLevel::kInformation, "m", all, json);
  constexpr std::string_view kStart = "2026-01-31T10:15:30.123456+00:00 information m";
  EXPECT_TRUE(line.starts_with(kStart)) << line;
  EXPECT_TRUE(line.ends_with('\n'));
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return line.substr(kStart.size(), line.size() - kStart.size() - 1);
}

TEST(FormatLogLine, WritesTimeLevelMessageAndFields) {
  const std::string version = "1.2.0";  // fields borrow
  const std::vector<LogField> fields = {
      {"id", "org.example.redact"}, {"version", version}, {"ms", 14}, {"ok", true}, {"ratio", 0.5}};
  EXPECT_EQ(FormatLogLine(kTime, LogLevel::kWarning, "plugin loaded", fields),
            "2026-01-31T10:15:30.123456+00:00 warning plugin loaded id=org.example.redact version=1.2.0 ms=14 ok=true "
            "ratio=0.5\n");
}

TEST(FormatLogLine, ValuesCannotLeaveTheirPlace) {
  struct Case {
    std::string_view value;
    const char* written;
  };

  for (const Case& c : {Case{"plain", " v=plain"},
                        {"", " v=\"\""},
                        {"two words", " v=\"two words\""},
                        {"a=b", " v=\"a=b\""},
                        {"say \"x\" \\", " v=\"say \\\"x\\\" \\\\\""},
                        {"1\n2026 error forged", " v=\"1\\n2026 error forged\""},
                        {"a\tb\rc", " v=\"a\\tb\\rc\""},
                        {"\x1b[31mred", " v=\"\\x1b[31mred\""},
                        {"\x7f", " v=\"\\x7f\""},
                        {"\xC2\x9B", " v=\"\\x9b\""},
                        {"\xff", " v=\xEF\xBF\xBD"},
                        {std::string_view("a\0b", 3),
                         " v=a\xEF\xBF\xBD"
                         "b"},
                        {"gr\xC3\xBC\xC3\x9F", " v=gr\xC3\xBC\xC3\x9F"},
                        {"%s%n{}", " v=%s%n{}"}}) {
    EXPECT_EQ(Line({{"v", c.value}}), c.written) << c.value;
  }
  EXPECT_EQ(Line({{"a b=\n", "x"}}), " a_b__=x");
}

TEST(FormatLogLine, MasksSecrets) {
  EXPECT_EQ(Line({{"api_key", "sk-1"}, {"url", "http://a:b@c/"}}), " api_key=*** url=http://***@c/");
  EXPECT_EQ(Line({}, R"({"password":"p","max_tokens":5})"), " password=*** max_tokens=5");
}

TEST(FormatLogLine, AppendsMembersOfAJsonObject) {
  EXPECT_EQ(Line({{"plugin", "a.b"}}, R"({"n":1,"t":"x y","deep":{"a":[1]},"z":null})"),
            " plugin=a.b n=1 t=\"x y\" deep=\"{\\\"a\\\":[1]}\" z=null");
  EXPECT_EQ(Line({}, "not json"), " fields=\"not json\"");
  EXPECT_EQ(Line({}, "[1]"), " fields=[1]");
}

TEST(FormatLogLine, CutsWhatIsTooLong) {
  EXPECT_EQ(Line({{"v", std::string(kMaxLogValueBytes + 1, 'a')}}).size(),
            std::string_view(" v=").size() + kMaxLogValueBytes + 3);
  std::string json = "{";
  for (int i = 0; i < 100; ++i) {
    json += "\"k" + std::to_string(i) + "\":\"" + std::string(1000, 'x') + "\",";
  }
  json += "\"last\":1}";
  EXPECT_LT(Line({}, json).size(), kMaxLogLineBytes + kMaxLogValueBytes);
}

}  // namespace
}  // namespace tutti::host
