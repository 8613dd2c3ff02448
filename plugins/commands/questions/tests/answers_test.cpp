#include "answers.h"

#include <gtest/gtest.h>

namespace tutti::questions {
namespace {

constexpr const char* kTwo = R"([
  {"question":"Which way?","header":"Way","options":[{"label":"Left"},{"label":"Right"}]},
  {"question":"With what?","options":[{"label":"Salt"},{"label":"Pepper"}],"multiSelect":true}])";
constexpr const char* kOne = R"([{"question":"Which way?","options":[{"label":"Left"},{"label":"Right"}]}])";

Result<std::string> Read(const char* questions, const char* args) {
  return ReadAnswers(Json::Parse(questions)->view(), Json::Parse(args)->view());
}

TEST(Answers, AreKeptInTheOrderOfTheQuestions) {
  const auto read = Read(kTwo, R"({"answers":{"With what?":["Salt","a lemon"],"Which way?":"Left"}})");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, R"({"Which way?":"Left","With what?":["Salt","a lemon"]})");
}

TEST(Answers, ASingleQuestionTakesAPlainText) {
  EXPECT_EQ(*Read(kOne, R"({"answer":"straight on"})"), R"({"Which way?":"straight on"})");
}

TEST(Answers, WhatDoesNotFitTheQuestionsIsRefusedWithASentence) {
  struct Case {
    const char* questions;
    const char* args;
    const char* says;
  };

  for (const Case& one : {Case{kOne, "{}", "found neither"}, Case{kOne, R"({"answer":"a","answers":{}})", "found both"},
                          Case{kTwo, R"({"answer":"a"})", "single question"},
                          Case{kTwo, R"({"answers":{"Which way?":"Left"}})", "With what?"},
                          Case{kOne, R"({"answers":{"Which way?":["Left"]}})", "takes one answer"},
                          Case{kOne, R"({"answers":{"Which way?":""}})", "expected a text"},
                          Case{kOne, R"({"answers":{"Which way?":7}})", "expected a text"},
                          Case{kTwo, R"({"answers":{"Which way?":"Left","With what?":[]}})", "expected a text"},
                          Case{kTwo, R"({"answers":{"Which way?":"Left","With what?":[1,"a"]}})", "expected a text"},
                          Case{kOne, R"({"answers":{"Which way?":"Left","Why?":"b"}})", "nobody asked \"Why?\""}}) {
    const Status status = Read(one.questions, one.args).status();
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << one.args;
    EXPECT_NE(status.message().find(one.says), std::string::npos) << one.args << ": " << status.message();
  }
}

TEST(Answers, AreReadByTheAgentAsOneText) {
  const Result<Json> answers = Json::Parse(R"({"Which way?":"Left","With what?":["Salt","Pepper"]})");
  EXPECT_EQ(AnsweredText(Json::Parse(kTwo)->view(), answers->view()),
            "The user has answered:\n\"Which way?\" = \"Left\"\n\"With what?\" = \"Salt, Pepper\"");
}

TEST(Answers, AQuestionIsAskedOnce) {
  EXPECT_TRUE(CheckDistinct(Json::Parse(kTwo)->view()).ok());
  const Result<Json> twice = Json::Parse(R"([{"question":"a"},{"question":"b"},{"question":"a"}])");
  EXPECT_NE(CheckDistinct(twice->view()).message().find("\"a\" is asked twice"), std::string::npos);
}

}  // namespace
}  // namespace tutti::questions
