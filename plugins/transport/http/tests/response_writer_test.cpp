#include "response_writer.h"

#include <gtest/gtest.h>

#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::transport::http {
namespace {

std::string Head(const ResponseView& response, bool keeps_alive) {
  std::string head;
  AppendHead(response, keeps_alive, head);
  return head;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ResponseWriter, TheTransportsOwnHeadersReplaceGivenOnes) {
  const std::vector<HeaderView> headers = {{"X-A", "b"},
                                           {"content-length", "99"},
                                           {"Transfer-Encoding", "chunked"},
                                           {"Connection", "upgrade"},
                                           {"date", "x"}};
  const std::string head = Head({.status = 201, .headers = headers, .body = "12345"}, true);
  EXPECT_EQ(head.substr(0, 22), "HTTP/1.1 201 Created\r\n");
  EXPECT_TRUE(Contains(head, "X-A: b\r\n"));
  EXPECT_TRUE(Contains(head, "\r\nContent-Length: 5\r\n"));
  EXPECT_TRUE(Contains(head, "\r\nConnection: keep-alive\r\n"));
  EXPECT_TRUE(Contains(head, " GMT\r\n"));
  EXPECT_FALSE(Contains(head, "99"));
  EXPECT_FALSE(Contains(head, "chunked"));
  EXPECT_EQ(head.substr(head.size() - 4), "\r\n\r\n");
}

TEST(ResponseWriter, AStatusWithoutBodyHasNoLength) {
  EXPECT_FALSE(Contains(Head({.status = 204}, true), "Content-Length"));
  EXPECT_FALSE(Contains(Head({.status = 304}, true), "Content-Length"));
  EXPECT_TRUE(Contains(Head({.status = 200}, false), "Content-Length: 0\r\nConnection: close\r\n"));
}

TEST(ResponseWriter, AnswersThatCouldBeTwoAreRefused) {
  const std::vector<std::vector<HeaderView>> cases = {
      {{"A", "b\r\nSet-Cookie: c"}}, {{"A", std::string_view("b\0c", 3)}}, {{"A b", "c"}}, {{"", "c"}}, {{"A:", "c"}}};
  for (const auto& headers : cases) {
    EXPECT_FALSE(CheckResponse({.status = 200, .headers = headers}).ok());
  }
  EXPECT_FALSE(CheckResponse({.status = 101}).ok());
  EXPECT_FALSE(CheckResponse({.status = 600}).ok());
  EXPECT_TRUE(CheckResponse({.status = 599}).ok());
}

TEST(ResponseWriter, ARefusalIsJsonWithItsSentence) {
  const std::string bytes = RefusalBytes({503, "busy \"now\"", "Retry-After: 1\r\n"}, false);
  EXPECT_TRUE(Contains(bytes, "HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(Contains(bytes, "Retry-After: 1\r\n"));
  EXPECT_TRUE(Contains(bytes, "Connection: close\r\n"));
  const auto body = Json::Parse(bytes.substr(bytes.find("\r\n\r\n") + 4));
  ASSERT_TRUE(body.ok());
  EXPECT_EQ((*body)["detail"].AsString(), "busy \"now\"");
  EXPECT_EQ(RefusalBytes({503, "busy", {}}, true).find('{'), std::string::npos);
}

}  // namespace
}  // namespace tutti::transport::http
