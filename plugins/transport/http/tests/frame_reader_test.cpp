#include "frame_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "frame.h"

namespace tutti::transport::http {
namespace {

using Kind = FrameEvent::Kind;

constexpr std::size_t kLimit = 70'000;

std::string Raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) {
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

std::string Masked(int first, std::string_view payload) {
  constexpr unsigned char kMask[4] = {0xA1, 0x02, 0xF3, 0x44};
  std::string frame = Raw({first});
  if (payload.size() < 126) {
    frame += Raw({static_cast<int>(0x80 | payload.size())});
  } else if (payload.size() < 65536) {
    frame += Raw({0xFE, static_cast<int>(payload.size() >> 8), static_cast<int>(payload.size() & 0xFF)});
  } else {
    frame += Raw({0xFF, 0, 0, 0, 0, 0, static_cast<int>(payload.size() >> 16),
                  static_cast<int>(payload.size() >> 8 & 255), static_cast<int>(payload.size() & 0xFF)});
  }
  frame.append(reinterpret_cast<const char*>(kMask), 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i % 4]));
  }
  return frame;
}

std::string Code(int code, std::string_view reason = {}) {
  return Raw({code >> 8, code & 0xFF}).append(reason);
}

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code = 0;
};

// Feeds the pieces until a close or a violation.
std::vector<Seen> ReadAll(const std::vector<std::string_view>& pieces) {
  FrameReader reader(kLimit);
  std::vector<Seen> seen;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      std::optional<FrameEvent> event;
      piece.remove_prefix(reader.Feed(piece, event));
      if (!event) {
        break;
      }
      const bool is_violation = event->kind == Kind::kViolation;
      EXPECT_TRUE(!is_violation || !event->payload.empty());
      seen.push_back({event->kind, is_violation ? std::string() : event->payload, event->code});
      if (is_violation || event->kind == Kind::kClose) {
        return seen;
      }
    }
  }
  return seen;
}

struct Case {
  const char* name;
  std::string bytes;
  std::vector<Seen> expected;
};

std::vector<Case> Cases() {
  const std::string text = Masked(0x81, "hi");
  return {
      {"text", text, {{Kind::kText, "hi"}}},
      {"empty text", Masked(0x81, ""), {{Kind::kText, ""}}},
      {"binary", Masked(0x82, Raw({0, 255, 254})), {{Kind::kBinary, Raw({0, 255, 254})}}},
      {"two messages", text + Masked(0x81, "there"), {{Kind::kText, "hi"}, {Kind::kText, "there"}}},
      {"length 125", Masked(0x81, std::string(125, 'a')), {{Kind::kText, std::string(125, 'a')}}},
      {"length 126", Masked(0x81, std::string(126, 'b')), {{Kind::kText, std::string(126, 'b')}}},
      {"fragments", Masked(0x01, "a") + Masked(0x00, "b") + Masked(0x80, "c"), {{Kind::kText, "abc"}}},
      {"empty fragments", Masked(0x01, "") + Masked(0x00, "") + Masked(0x80, ""), {{Kind::kText, ""}}},
      {"binary fragments", Masked(0x02, "\xFF") + Masked(0x80, "\xFE"), {{Kind::kBinary, "\xFF\xFE"}}},
      {"control frames between fragments",
       Masked(0x01, "a") + Masked(0x89, "p") + Masked(0x00, "b") + Masked(0x8A, "q") + Masked(0x80, "c"),
       {{Kind::kPing, "p"}, {Kind::kPong, "q"}, {Kind::kText, "abc"}}},
      {"character cut by a fragment", Masked(0x01, "\xE2\x82") + Masked(0x80, "\xAC"), {{Kind::kText, "\xE2\x82\xAC"}}},
      {"ping 125", Masked(0x89, std::string(125, 'x')), {{Kind::kPing, std::string(125, 'x')}}},
      {"ping empty", Masked(0x89, ""), {{Kind::kPing, ""}}},
      {"close", Masked(0x88, Code(1000, "bye")), {{Kind::kClose, "bye", 1000}}},
      {"close without code", Masked(0x88, ""), {{Kind::kClose, "", 1005}}},
      {"close in a message", Masked(0x01, "a") + Masked(0x88, Code(1001)), {{Kind::kClose, "", 1001}}},
      {"close 3000", Masked(0x88, Code(3000)), {{Kind::kClose, "", 3000}}},
      {"close 4999", Masked(0x88, Code(4999)), {{Kind::kClose, "", 4999}}},
      {"close 1 byte", Masked(0x88, "a"), {{Kind::kViolation, "", 1002}}},
      {"close 999", Masked(0x88, Code(999)), {{Kind::kViolation, "", 1002}}},
      {"close 1004", Masked(0x88, Code(1004)), {{Kind::kViolation, "", 1002}}},
      {"close 1005", Masked(0x88, Code(1005)), {{Kind::kViolation, "", 1002}}},
      {"close 1006", Masked(0x88, Code(1006)), {{Kind::kViolation, "", 1002}}},
      {"close 1015", Masked(0x88, Code(1015)), {{Kind::kViolation, "", 1002}}},
      {"close 2999", Masked(0x88, Code(2999)), {{Kind::kViolation, "", 1002}}},
      {"close 5000", Masked(0x88, Code(5000)), {{Kind::kViolation, "", 1002}}},
      {"close reason not UTF-8", Masked(0x88, Code(1000, "\xFF")), {{Kind::kViolation, "", 1007}}},
      {"close reason cut", Masked(0x88, Code(1000, "\xE2\x82")), {{Kind::kViolation, "", 1007}}},
      {"not masked", Raw({0x81, 0x02, 'h', 'i'}), {{Kind::kViolation, "", 1002}}},
      {"RSV1", Masked(0xC1, "a"), {{Kind::kViolation, "", 1002}}},
      {"RSV2", Masked(0xA1, "a"), {{Kind::kViolation, "", 1002}}},
      {"RSV3", Masked(0x91, "a"), {{Kind::kViolation, "", 1002}}},
      {"opcode 3", Masked(0x83, "a"), {{Kind::kViolation, "", 1002}}},
      {"opcode 7", Masked(0x87, "a"), {{Kind::kViolation, "", 1002}}},
      {"opcode 11", Masked(0x8B, "a"), {{Kind::kViolation, "", 1002}}},
      {"opcode 15", Masked(0x8F, "a"), {{Kind::kViolation, "", 1002}}},
      {"continuation of nothing", Masked(0x80, "a"), {{Kind::kViolation, "", 1002}}},
      {"continuation after the end", text + Masked(0x80, "a"), {{Kind::kText, "hi"}, {Kind::kViolation, "", 1002}}},
      {"message in a message", Masked(0x01, "a") + Masked(0x81, "b"), {{Kind::kViolation, "", 1002}}},
      {"fragmented ping", Masked(0x09, "a"), {{Kind::kViolation, "", 1002}}},
      {"fragmented close", Masked(0x08, ""), {{Kind::kViolation, "", 1002}}},
      {"ping 126", Masked(0x89, std::string(126, 'x')), {{Kind::kViolation, "", 1002}}},
      {"16-bit length for 125", Raw({0x81, 0xFE, 0, 125, 1, 2, 3, 4}), {{Kind::kViolation, "", 1002}}},
      {"64-bit length for 65535",
       Raw({0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4}),
       {{Kind::kViolation, "", 1002}}},
      {"64-bit length with the top bit",
       Raw({0x82, 0xFF, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4}),
       {{Kind::kViolation, "", 1002}}},
      {"too big", Raw({0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x71, 1, 2, 3, 4}), {{Kind::kViolation, "", 1009}}},
      {"huge",
       Raw({0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4}),
       {{Kind::kViolation, "", 1009}}},
      {"text not UTF-8", Masked(0x81, "\xFF"), {{Kind::kViolation, "", 1007}}},
      {"text overlong", Masked(0x81, "\xC0\x80"), {{Kind::kViolation, "", 1007}}},
      {"text surrogate", Masked(0x81, "\xED\xA0\x80"), {{Kind::kViolation, "", 1007}}},
      {"text ends in a character", Masked(0x81, "a\xE2\x82"), {{Kind::kViolation, "", 1007}}},
      {"fragmented text ends in a character",
       Masked(0x01, "\xE2") + Masked(0x80, "\x82"),
       {{Kind::kViolation, "", 1007}}},
      {"fragmented text not UTF-8 in the middle",
       Masked(0x01, "\xE2\x82") + Masked(0x00, "\x41"),
       {{Kind::kViolation, "", 1007}}},
  };
}

void ExpectSeen(const Case& test, const std::vector<Seen>& seen, const std::string& how) {
  ASSERT_EQ(seen.size(), test.expected.size()) << test.name << " " << how;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(static_cast<int>(seen[i].kind), static_cast<int>(test.expected[i].kind)) << test.name << " " << how;
    EXPECT_EQ(seen[i].payload, test.expected[i].payload) << test.name << " " << how;
    EXPECT_EQ(seen[i].code, test.expected[i].code) << test.name << " " << how;
  }
}

TEST(FrameReader, ReadsTheSameHoweverTheBytesAreCut) {
  for (const Case& test : Cases()) {
    const std::string_view all(test.bytes);
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      ExpectSeen(test, ReadAll({all.substr(0, cut), all.substr(cut)}), "cut at " + std::to_string(cut));
    }
  }
}

TEST(FrameReader, ReadsTheSameByteByByte) {
  for (const Case& test : Cases()) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < test.bytes.size(); ++i) {
      pieces.push_back(std::string_view(test.bytes).substr(i, 1));
    }
    ExpectSeen(test, ReadAll(pieces), "byte by byte");
  }
}

TEST(FrameReader, LargeLengthsAreReadInTheirShortestForm) {
  for (const std::size_t size : {65535U, 65536U, 70'000U}) {
    const std::string payload(size, 'z');
    const std::string bytes = Masked(0x82, payload);
    const auto seen = ReadAll({std::string_view(bytes).substr(0, 5), std::string_view(bytes).substr(5)});
    ASSERT_EQ(seen.size(), 1U) << size;
    EXPECT_EQ(seen[0].payload, payload) << size;
  }
}

TEST(FrameReader, TheLimitCountsAllFragments) {
  FrameReader reader(10);
  std::optional<FrameEvent> event;
  (void)reader.Feed(Masked(0x01, "123456"), event);
  EXPECT_FALSE(event);
  (void)reader.Feed(Masked(0x80, "78901"), event);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->code, 1009);
}

TEST(FrameReader, InvalidTextFailsBeforeItsFrameIsWhole) {
  const std::string frame = Masked(0x81, std::string("\xFF") + std::string(100, 'a'));
  FrameReader reader(kLimit);
  std::optional<FrameEvent> event;
  (void)reader.Feed(std::string_view(frame).substr(0, 8), event);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->code, 1007);
}

TEST(Frame, LengthsAreWrittenInTheirShortestForm) {
  EXPECT_EQ(EncodeFrame(Opcode::kText, "ab"), Raw({0x81, 2, 'a', 'b'}));
  EXPECT_EQ(EncodeFrame(Opcode::kText, std::string(126, 'a')).substr(0, 4), Raw({0x81, 126, 0, 126}));
  EXPECT_EQ(EncodeFrame(Opcode::kBinary, std::string(65536, 'a')).substr(0, 10),
            Raw({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(Frame, ALongCloseReasonIsCutBetweenCharacters) {
  std::string reason(122, 'a');
  reason += "\xE2\x82\xAC";
  const std::string frame = EncodeClose(1011, reason);
  EXPECT_EQ(frame.size(), 2U + 2U + 122U);
  EXPECT_EQ(frame.substr(0, 4), Raw({0x88, 124, 0x03, 0xF3}));
}

}  // namespace
}  // namespace tutti::transport::http
