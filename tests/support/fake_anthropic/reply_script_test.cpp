#include "tests/support/fake_anthropic/reply_script.h"

#include <gtest/gtest.h>

namespace tutti::fake_anthropic {
namespace {

TEST(ReplyScript, EveryMemberIsRead) {
  const auto replies = ParseReplies(
      R"({"replies":[{"contains":["a"],"lacks":["b"],"times":0,"status":529,"headers":{"retry-after":"1"},"body":"x",)"
      R"("split":"bytes","framing":"close","end":"cut","pause_ms":3},)"
      R"({"message":{"content":[{"type":"text","text":"hi"}]},"line_end":"crlf","piece_bytes":1}]})");
  ASSERT_TRUE(replies.ok()) << replies.status().ToString();
  const Reply& first = replies->at(0);
  EXPECT_EQ(first.contains, std::vector<std::string>{"a"});
  EXPECT_EQ(first.lacks, std::vector<std::string>{"b"});
  EXPECT_EQ(first.times, 0);
  EXPECT_EQ(first.status, 529);
  EXPECT_EQ(first.body, "x");
  EXPECT_EQ(first.split, Reply::Split::kBytes);
  EXPECT_EQ(first.framing, Reply::Framing::kClose);
  EXPECT_EQ(first.end, Reply::End::kCut);
  EXPECT_EQ(first.pause, std::chrono::milliseconds(3));
  const std::vector<std::pair<std::string, std::string>> headers{{"retry-after", "1"},
                                                                 {"content-type", "application/json"}};
  EXPECT_EQ(first.headers, headers);
  const std::string& stream = replies->at(1).body;
  EXPECT_TRUE(stream.starts_with("event: message_start\r\ndata: {")) << stream;
  EXPECT_NE(stream.find(R"({"type":"text_delta","text":"h"})"), std::string::npos) << stream;
  EXPECT_TRUE(stream.ends_with("data: {\"type\":\"message_stop\"}\r\n\r\n")) << stream;
}

TEST(ReplyScript, MistakesAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "replies"},
      {R"({"replies":[{"boddy":"x"}]})", "reply 0: unknown member `boddy`"},
      {R"({"replies":[{},{"split":"odd"}]})", "reply 1: unknown value of `split`"}};
  for (const auto& [json, expected] : cases) {
    const auto replies = ParseReplies(json);
    ASSERT_FALSE(replies.ok()) << json;
    EXPECT_NE(replies.status().message().find(expected), std::string_view::npos) << replies.status().ToString();
  }
}

}  // namespace
}  // namespace tutti::fake_anthropic
