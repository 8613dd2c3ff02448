#include "chat_work.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

ChatWork Prompt(const std::string& text, const std::string& model = {}) {
  ChatWork work;
  work.text = text;
  work.model = model;
  return work;
}

ChatWork Of(ChatWork::Kind kind) {
  ChatWork work;
  work.kind = kind;
  return work;
}

TEST(ChatWork, PlainPromptsAreAnsweredTogether) {
  std::deque<ChatWork> waiting = {Prompt("a"), Prompt("b"), Prompt("c", "haiku"), Prompt("d")};
  EXPECT_EQ(TakeWork(waiting).text, "a\n\nb");
  EXPECT_EQ(TakeWork(waiting).text, "c");
  EXPECT_EQ(TakeWork(waiting).text, "d");
  EXPECT_TRUE(waiting.empty());
}

TEST(ChatWork, PromptsOnTheTwoSidesOfACompactionStayApart) {
  std::deque<ChatWork> waiting = {Prompt("a"), Of(ChatWork::Kind::kCompact), Prompt("b")};
  EXPECT_EQ(TakeWork(waiting).text, "a");
  EXPECT_EQ(TakeWork(waiting).kind, ChatWork::Kind::kCompact);
  EXPECT_EQ(TakeWork(waiting).text, "b");
}

TEST(ChatWork, OnlyCompactionLetsTheRunningTurnGoOn) {
  EXPECT_TRUE(Prompt("a").Replaces());
  EXPECT_TRUE(Of(ChatWork::Kind::kClear).Replaces());
  EXPECT_FALSE(Of(ChatWork::Kind::kCompact).Replaces());
}

}  // namespace
}  // namespace tutti::orchestrator
