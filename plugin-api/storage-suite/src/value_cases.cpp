#include "suite.h"

namespace tutti::storage_suite {

TEST_P(BasicStorage, ValuesComeBackInCanonicalForm) {
  struct Case {
    const char* column;
    const char* in;
    const char* out;
  };

  const std::vector<Case> cases = {
      {"a_time", R"("2026-01-31T10:15:30Z")", R"("2026-01-31T10:15:30.000000+00:00")"},
      {"a_time", R"("2026-01-31T10:15:30.5+02:00")", R"("2026-01-31T08:15:30.500000+00:00")"},
      {"a_time", R"("2026-01-31 23:59:59.123456-05:30")", R"("2026-02-01T05:29:59.123456+00:00")"},
      {"a_time", R"("0001-01-01T00:00:00Z")", R"("0001-01-01T00:00:00.000000+00:00")"},
      {"a_time", R"("9999-12-31T23:59:59.999999Z")", R"("9999-12-31T23:59:59.999999+00:00")"},
      {"a_uuid", R"("0B8F5A1E-1C1D-4F53-9A77-0D2A6C0F2B11")", R"("0b8f5a1e-1c1d-4f53-9a77-0d2a6c0f2b11")"},
      {"a_decimal", "0.1", "0.1"},
      {"a_decimal", "12345.6789", "12345.6789"},
      {"a_decimal", "0.00000000005", "1e-10"},
      {"a_decimal", "-3", "-3"},
      {"a_double", "0.30000000000000004", "0.30000000000000004"},
      {"a_double", "5", "5"},
      {"a_double", "1e300", "1e300"},
      {"a_number", "9223372036854775807", "9223372036854775807"},
      {"a_number", "-9223372036854775808", "-9223372036854775808"},
      {"a_bool", "false", "false"},
      {"a_bytes", R"("AAEC/w==")", R"("AAEC/w==")"},
      {"a_bytes", R"("")", R"("")"},
      {"a_text", R"("")", R"("")"},
      {"a_text", R"("a\u0000b")",
       "\"a\xEF\xBF\xBD"
       "b\""},
      {"a_text",
       "\"a\xFF"
       "b\"",
       "\"a\xEF\xBF\xBD"
       "b\""},
      {"a_text", R"("lone \ud800 surrogate")", "\"lone \xEF\xBF\xBD surrogate\""},
      {"a_text", R"("\ud83d\ude00 \\ \" [/x] <b> % _ ' $1 ?1")", "\"\xF0\x9F\x98\x80 \\\\ \\\" [/x] <b> % _ ' $1 ?1\""},
      {"a_text", R"("tab\t newline\n")", R"("tab\t newline\n")"},
      {"a_json", R"({"a":[1,2.5,"x",null,true],"n\u0000":"v\u0000"})",
       "{\"a\":[1,2.5,\"x\",null,true],\"n\xEF\xBF\xBD\":\"v\xEF\xBF\xBD\"}"},
      {"a_json", R"("text")", R"("text")"},
      {"a_json", "[]", "[]"},
  };
  int id = 0;
  for (const Case& one : cases) {
    ++id;
    Must(R"([{"op":"insert","table":"lab.things","row":{"id":)" + std::to_string(id) + ",\"" + one.column +
         "\":" + one.in + "}}]");
    const Answer answer = Must(R"([{"op":"get","table":"lab.things","key":{"id":)" + std::to_string(id) + "}}]");
    const std::string out = answer.At("/0/0/rows/0/" + std::string(one.column));
    if (std::string_view(one.column) == "a_double" || std::string_view(one.column) == "a_decimal") {
      EXPECT_EQ(std::stod(out), std::stod(one.out)) << one.in;
      EXPECT_NE(out[0], '"') << out;
      continue;
    }
    EXPECT_EQ(out, one.out) << one.in;
  }
}

TEST_P(BasicStorage, ValuesOfWrongFormAreRefused) {
  struct Case {
    const char* column;
    const char* in;
  };

  const std::vector<Case> cases = {
      {"a_time", R"("2026-02-30T00:00:00Z")"},
      {"a_time", R"("2026-01-01")"},
      {"a_time", "1700000000"},
      {"a_uuid", R"("0b8f5a1e1c1d4f539a770d2a6c0f2b11")"},
      {"a_double", "NaN"},
      {"a_double", "1e999"},
      {"a_double", R"("1")"},
      {"a_number", "9223372036854775808"},
      {"a_number", "true"},
      {"a_bool", "1"},
      {"a_bytes", R"("not base64")"},
      {"a_bytes", R"("AAE")"},
      {"a_text", "{}"},
      {"a_decimal", R"("1.0")"},
  };
  for (const Case& one : cases) {
    const Answer answer = Run(R"([{"op":"insert","table":"lab.things","row":{"id":1,")" + std::string(one.column) +
                              "\":" + one.in + "}}]");
    EXPECT_EQ(answer.status().code(), Code::kInvalidArgument) << one.column << " " << one.in << " " << answer.text();
  }
}

TEST_P(BasicStorage, AMegabyteOfTextPassesUnchanged) {
  std::string text;
  while (text.size() < 1000000) {
    text += "0123456789 \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 <[/x]> ";
  }
  Must(R"([{"op":"insert","table":"lab.things","row":{"id":1,"a_text":")" + text + R"(","a_json":{"t":")" + text +
       R"("}}}])");
  const Answer answer = Must(R"([{"op":"get","table":"lab.things","key":{"id":1}}])");
  EXPECT_EQ(answer.At("/0/0/rows/0/a_text"), "\"" + text + "\"");
  EXPECT_EQ(answer.At("/0/0/rows/0/a_json/t"), "\"" + text + "\"");
}

TEST_P(FullStorage, DecimalSumsDoNotDrift) {
  Must(R"([{"op":"insert","table":"lab.things","row":{"id":1,"a_decimal":0}}])");
  std::string ops;
  for (int i = 0; i < 1000; ++i) {
    ops += (i > 0 ? "," : "") +
           std::string(R"({"op":"update","table":"lab.things","where":{"id":1},"add":{"a_decimal":0.1}})");
  }
  Must("[" + ops + "]");
  const Answer answer = Must(R"([{"op":"query","from":"lab.things","select":{"v":"a_decimal"}},
                                 {"op":"query","from":"lab.things","select":{"s":{"sum":"a_decimal"}}}])");
  EXPECT_EQ(std::stod(answer.At("/0/0/rows/0/v")), 100.0);
  EXPECT_LE(answer.At("/0/0/rows/0/v").size(), 5U) << answer.text();
  EXPECT_EQ(std::stod(answer.At("/0/1/rows/0/s")), 100.0);
}

TEST_P(FullStorage, TimesFilterAsInstantsWhateverTheirOffset) {
  Must(R"([{"op":"insert","table":"lab.things","rows":[{"id":1,"a_time":"2026-01-01T00:00:00.000001Z"},
                                                      {"id":2,"a_time":"2026-01-01T00:00:00.000002Z"}]}])");
  const Answer answer = Must(
      R"([{"op":"query","from":"lab.things","select":["id"],"where":{"a_time":{"gt":"2026-01-01T02:00:00.000001+02:00"}}},
     {"op":"query","from":"lab.things","select":["id"],"where":{"a_time":"2026-01-01T01:00:00.000001+01:00"}}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"id":2}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"id":1}])");
}

}  // namespace tutti::storage_suite
