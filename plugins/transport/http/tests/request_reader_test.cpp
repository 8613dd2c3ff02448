#include "request_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::transport::http {
namespace {

ReaderLimits SmallLimits() {
  ReaderLimits limits;
  limits.head.target_bytes = 64;
  limits.head.header_count = 8;
  limits.head.body_bytes = 32;
  limits.header_bytes = 512;
  return limits;
}

struct Good {
  const char* name;
  std::string bytes;
  std::string method;
  std::string target;
  std::string body;
  bool keeps_alive = true;
  // What belongs to the next request.
  std::string behind;
};

std::vector<Good> GoodRequests() {
  return {
      {"plain", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/", ""},
      {"query", "GET /a?b=c&d=%20 HTTP/1.1\r\nHost: x:80\r\n\r\n", "GET", "/a?b=c&d=%20", ""},
      {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET", "/", ""},
      {"blank line before", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/", ""},
      {"length", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "POST", "/p", "hello"},
      {"same length twice", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nab", "POST",
       "/p", "ab"},
      {"length zero", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "POST", "/p", ""},
      {"chunked", "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
       "POST", "/p", "abcde"},
      {"chunk extension",
       "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n03;a=\"b\"\r\nabc\r\n00\r\n\r\n", "POST", "/p",
       "abc"},
      {"trailers",
       "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nX: y\r\nZ: \r\n\r\n",
       "POST", "/p", "0123456789"},
      {"pipelined", "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n", "GET", "/1", "", true,
       "GET /2 HTTP/1.1\r\n"},
      {"behind a body", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nabc", "POST", "/p", "a", true, "bc"},
      {"behind chunks", "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n", "POST", "/p",
       "", true, "\r\n"},
      {"close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: foo , Close\r\n\r\n", "GET", "/", "", false},
      {"1.0", "GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
      {"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", true},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS", "*", ""},
      {"absolute form", "GET http://x:1/a/b?c HTTP/1.1\r\nHost: X:1\r\n\r\n", "GET", "/a/b?c", ""},
      {"obs-text value", "GET / HTTP/1.1\r\nHost: x\r\nA: \xC3\xA9\t b \r\n\r\n", "GET", "/", ""},
      {"upgrade to something else", "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "GET",
       "/", ""},
  };
}

void ExpectGood(const Good& good, RequestReader& reader, const std::string& behind, const std::string& how) {
  ASSERT_FALSE(reader.refusal()) << good.name << " " << how << ": " << reader.refusal()->detail;
  ASSERT_TRUE(reader.is_complete()) << good.name << " " << how;
  const auto request = reader.Take();
  EXPECT_EQ(request->method, good.method) << good.name << " " << how;
  EXPECT_EQ(request->target, good.target) << good.name << " " << how;
  EXPECT_EQ(request->body, good.body) << good.name << " " << how;
  EXPECT_EQ(request->keeps_alive, good.keeps_alive) << good.name << " " << how;
  EXPECT_FALSE(request->is_upgrade) << good.name << " " << how;
  EXPECT_EQ(behind, good.behind) << good.name << " " << how;
}

TEST(RequestReader, GoodRequestsAreReadHoweverTheyAreCut) {
  for (const Good& good : GoodRequests()) {
    for (std::size_t cut = 0; cut <= good.bytes.size(); ++cut) {
      RequestReader reader(SmallLimits());
      const std::string_view all(good.bytes);
      std::size_t taken = reader.Feed(all.substr(0, cut));
      if (!reader.is_complete() && !reader.refusal()) {
        EXPECT_EQ(taken, cut) << good.name;
        taken += reader.Feed(all.substr(cut));
      }
      ExpectGood(good, reader, good.bytes.substr(taken), "cut at " + std::to_string(cut));
    }
  }
}

TEST(RequestReader, GoodRequestsAreReadByteByByte) {
  for (const Good& good : GoodRequests()) {
    RequestReader reader(SmallLimits());
    std::size_t taken = 0;
    while (taken < good.bytes.size() && !reader.is_complete() && !reader.refusal()) {
      taken += reader.Feed(std::string_view(good.bytes).substr(taken, 1));
    }
    ExpectGood(good, reader, good.bytes.substr(taken), "byte by byte");
  }
}

struct Evil {
  const char* name;
  int status;
  std::string bytes;
};

std::vector<Evil> EvilRequests() {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string many_headers = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 8; ++i) {
    many_headers += "a: b\r\n";
  }
  return {
      {"bare line feed in the request line", 400, "GET / HTTP/1.1\nHost: x\r\n\r\n"},
      {"bare line feeds all over", 400, "GET / HTTP/1.1\nHost: x\n\n"},
      {"bare line feed after a header", 400, "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"},
      {"bare carriage return in a value", 400, "GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n"},
      {"bare carriage return in the target", 400, "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"NUL in a value", 400, std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b") + std::string(1, 0) + "c\r\n\r\n"},
      {"no target", 400, "GET HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"no version", 400, "GET /\r\nHost: x\r\n\r\n"},
      {"two spaces", 400, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"space in the target", 400, "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"tab for a space", 400, "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"control character in the method", 400, "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"fragment", 400, "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"raw non-ASCII target", 400, "GET /\xC3\xA9 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"relative target", 400, "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"asterisk for GET", 400, "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"absolute form of another host", 400, "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"lower-case version", 400, "GET / http/1.1\r\nHost: x\r\n\r\n"},
      {"version 1.10", 400, "GET / HTTP/1.10\r\nHost: x\r\n\r\n"},
      {"version 2", 505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
      {"preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"TLS hello", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\n", 12)},
      {"connect", 501, "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"},
      {"no host", 400, "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
      {"two hosts", 400, "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
      {"host with a path", 400, "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"},
      {"host with user", 400, "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n"},
      {"folded header", 400, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"},
      {"folded with a tab", 400, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n"},
      {"space before the first header", 400, "GET / HTTP/1.1\r\n Host: x\r\n\r\n"},
      {"space before the colon", 400, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello"},
      {"no colon", 400, "GET / HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n"},
      {"empty name", 400, "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n"},
      {"name with a slash", 400, "GET / HTTP/1.1\r\nHost: x\r\na/b: c\r\n\r\n"},
      {"length and chunked", 400,
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked and length", 400,
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"two lengths that differ", 400,
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
      {"list of lengths", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello"},
      {"negative length", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
      {"length with a plus", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello"},
      {"hexadecimal length", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello"},
      {"empty length", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n"},
      {"length beyond 64 bits", 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"},
      {"other transfer encoding", 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
      {"obfuscated chunked", 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"},
      {"identity", 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n"},
      {"two transfer encodings", 400,
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked in 1.0", 400, "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunk size missing", 400, chunked + "\r\nabc"},
      {"chunk size not a number", 400, chunked + "g\r\n"},
      {"chunk size with 0x", 400, chunked + "0x3\r\nabc\r\n0\r\n\r\n"},
      {"chunk size negative", 400, chunked + "-1\r\n"},
      {"chunk size with a space", 400, chunked + "3 \r\nabc\r\n0\r\n\r\n"},
      {"chunk size too long", 400, chunked + "0000000000000000\r\n\r\n"},
      {"chunk size ended by a line feed", 400, chunked + "3\nabc\r\n0\r\n\r\n"},
      {"chunk size ended by a carriage return alone", 400, chunked + "3\rabc"},
      {"chunk data too long", 400, chunked + "3\r\nabcd\r\n0\r\n\r\n"},
      {"chunk data ended by a line feed", 400, chunked + "3\r\nabc\n0\r\n\r\n"},
      {"line feed in a chunk extension", 400, chunked + "3;a\nabc\r\n"},
      {"trailer that begins with a space", 400, chunked + "0\r\n a: b\r\n\r\n"},
      {"trailer ended by a line feed", 400, chunked + "0\r\na: b\n\r\n"},
      {"end without a line feed", 400, chunked + "0\r\n\rX"},
      {"chunks beyond the limit", 413, chunked + "20\r\n0123456789abcdef0123456789abcdef\r\n1\r\n"},
      {"one chunk beyond the limit", 413, chunked + "21\r\n"},
      {"huge chunk", 413, chunked + "FFFFFFFFFFFFFFF\r\n"},
      {"length beyond the limit", 413, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n"},
      {"endless chunk extension", 431, chunked + "3;" + std::string(600, 'a')},
      {"endless trailers", 431, chunked + "0\r\na: " + std::string(600, 'a')},
      {"target too long", 414, "GET /" + std::string(64, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"endless target", 414, "GET /" + std::string(600, 'a')},
      {"too many headers", 431, many_headers + "\r\n"},
      {"headers too long", 431, "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(600, 'a')},
      {"expectation unknown", 417, "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n"},
      {"empty lines only", 400, "\r\n\r\n\r\n\r\n\r\n"},
  };
}

TEST(RequestReader, EvilRequestsAreRefusedHoweverTheyAreCut) {
  for (const Evil& evil : EvilRequests()) {
    for (std::size_t cut = 0; cut <= evil.bytes.size(); ++cut) {
      RequestReader reader(SmallLimits());
      const std::string_view all(evil.bytes);
      (void)reader.Feed(all.substr(0, cut));
      if (!reader.refusal() && !reader.is_complete()) {
        (void)reader.Feed(all.substr(cut));
      }
      ASSERT_TRUE(reader.refusal()) << evil.name << " cut at " << cut;
      EXPECT_EQ(reader.refusal()->status, evil.status) << evil.name << " cut at " << cut;
      EXPECT_FALSE(reader.refusal()->detail.empty()) << evil.name;
    }
  }
}

TEST(RequestReader, HeldBytesStayWithinTheLimits) {
  RequestReader reader(SmallLimits());
  const std::string flood(100'000, 'a');
  (void)reader.Feed(flood);
  ASSERT_TRUE(reader.refusal());
  EXPECT_LE(reader.buffered(), 512U);
}

TEST(RequestReader, HeadersKeepTheirNamesAndLoseOuterSpaces) {
  RequestReader reader(SmallLimits());
  (void)reader.Feed("GET / HTTP/1.1\r\nHost: x\r\nX-Name: \t a b\t \r\n\r\n");
  ASSERT_TRUE(reader.is_complete());
  const auto request = reader.Take();
  ASSERT_EQ(request->headers.size(), 2U);
  EXPECT_EQ(request->headers[1].name, "X-Name");
  EXPECT_EQ(request->headers[1].value, "a b");
}

TEST(RequestReader, ContinueIsAskedForOnceBeforeTheBody) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  RequestReader waiting(SmallLimits());
  (void)waiting.Feed(head);
  EXPECT_TRUE(waiting.TakeContinue());
  EXPECT_FALSE(waiting.TakeContinue());

  RequestReader eager(SmallLimits());
  (void)eager.Feed(head + "a");
  EXPECT_FALSE(eager.TakeContinue());
}

}  // namespace
}  // namespace tutti::transport::http
