#include "sse_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tutti::anthropic {
namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

Events ParseInPieces(std::string_view stream, std::size_t piece) {
  Events events;
  SseParser parser(1 << 20, [&](std::string_view name, std::string_view data) {
    events.emplace_back(name, data);
    return Status();
  });
  for (std::size_t i = 0; i < stream.size(); i += piece) {
    EXPECT_TRUE(parser.Feed(stream.substr(i, piece)).ok());
  }
  return events;
}

TEST(SseParser, SameEventsWhereverTheChunksEnd) {
  const struct {
    std::string_view stream;
    Events expected;
  } cases[] = {
      {"event: a\ndata: 1\n\n", {{"a", "1"}}},
      {"event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", {{"a", "1"}, {"b", "2"}}},
      {"event: a\rdata: 1\r\rdata: 2\r\r", {{"a", "1"}, {"", "2"}}},
      {"data: 1\r\n\rdata: 2\n\r", {{"", "1"}, {"", "2"}}},
      {"\xEF\xBB\xBF"
       "data: bom\n\n",
       {{"", "bom"}}},
      {": comment\n\ndata: x\n: in between\ndata: y\n\n", {{"", "x\ny"}}},
      {"data:no space\ndata:  two spaces\n\n", {{"", "no space\n two spaces"}}},
      {"data\ndata: x\n\n", {{"", "\nx"}}},
      {"id: 7\nretry: 5\nevent: e\nunknown: u\ndata: d\n\n", {{"e", "d"}}},
      {"data: gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80\n\n", {{"", "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"}}},
      {"event: without data\n\ndata: a:b\n\n", {{"", "a:b"}}},
      {"data: 1\n\ndata: cut off\n", {{"", "1"}}},
  };

  for (const auto& [stream, expected] : cases) {
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
      EXPECT_EQ(ParseInPieces(stream, piece), expected) << stream << " in pieces of " << piece;
    }
  }
}

TEST(SseParser, TooLongEventFails) {
  for (const std::string line_end : {"", "\n"}) {
    SseParser parser(100, [](std::string_view, std::string_view) { return Status(); });
    Status status;
    for (int i = 0; i < 50 && status.ok(); ++i) {
      status = parser.Feed("data: 12345" + line_end);
    }
    EXPECT_EQ(status.code(), Code::kResourceExhausted) << line_end;
  }
}

TEST(SseParser, FailureOfTheReceiverEndsTheFeeding) {
  int events = 0;
  SseParser parser(100, [&](std::string_view, std::string_view) {
    ++events;
    return Status::Internal("enough");
  });
  EXPECT_EQ(parser.Feed("data: 1\n\ndata: 2\n\n").code(), Code::kInternal);
  EXPECT_EQ(events, 1);
}

}  // namespace
}  // namespace tutti::anthropic
