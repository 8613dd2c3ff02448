#include "answers.h"

#include <algorithm>
#include <vector>

#include "tutti/sdk/text.hpp"

namespace tutti::questions {
namespace {

std::string Quoted(std::string_view text) {
  const std::string_view begin = Utf8Prefix(text, 80);
  return "\"" + CleanUtf8(begin) + (begin.size() < text.size() ? "..." : "") + "\"";
}

std::vector<std::string> Texts(JsonView questions) {
  std::vector<std::string> texts;
  questions.ForEach([&](JsonView question) { texts.emplace_back(question["question"].AsString()); });
  return texts;
}

bool IsText(JsonView value) {
  return value.is_string() && !value.AsString().empty();
}

// The texts an answer consists of; empty when it is none.
std::vector<std::string> Chosen(JsonView answer) {
  std::vector<std::string> chosen;
  if (IsText(answer)) {
    chosen.emplace_back(answer.AsString());
  }
  answer.ForEach([&](JsonView item) {
    if (IsText(item)) {
      chosen.emplace_back(item.AsString());
    }
  });
  return chosen;
}

Status CheckOne(JsonView question, JsonView answer) {
  const std::string_view text = question["question"].AsString();
  const std::vector<std::string> chosen = Chosen(answer);
  const bool is_list = answer.is_array();
  if (chosen.empty() || (is_list && chosen.size() != answer.size())) {
    return Status::InvalidArgument("answers: expected a text, or an array of texts, for the question " + Quoted(text) +
                                   ", found " + (answer ? Quoted(answer.Dump()) : std::string("nothing")));
  }
  if (is_list && !question["multiSelect"].AsBool()) {
    return Status::InvalidArgument("answers: the question " + Quoted(text) + " takes one answer, found an array");
  }
  return {};
}

Status CheckKnown(const std::vector<std::string>& texts, JsonView answers) {
  Status status;
  answers.ForEachMember([&](std::string_view name, JsonView) {
    if (status.ok() && std::find(texts.begin(), texts.end(), name) == texts.end()) {
      status = Status::InvalidArgument("answers: nobody asked " + Quoted(name) + "; the first question is " +
                                       Quoted(texts.empty() ? std::string_view() : std::string_view(texts.front())));
    }
  });
  return status;
}

}  // namespace

Status CheckDistinct(JsonView questions) {
  std::vector<std::string> texts = Texts(questions);
  std::sort(texts.begin(), texts.end());
  const auto twice = std::adjacent_find(texts.begin(), texts.end());
  return twice == texts.end()
             ? Status()
             : Status::InvalidArgument("questions: " + Quoted(*twice) + " is asked twice; ask it once");
}

Result<std::string> ReadAnswers(JsonView questions, JsonView args) {
  const JsonView single = args["answer"];
  const JsonView answers = args["answers"];
  if (static_cast<bool>(single) == static_cast<bool>(answers)) {
    return Status::InvalidArgument(
        "expected either \"answers\", an object from question to answer, or \"answer\", a "
        "text, found " +
        std::string(single ? "both" : "neither"));
  }
  const std::vector<std::string> texts = Texts(questions);
  if (single && texts.size() != 1) {
    return Status::InvalidArgument("\"answer\" is for a single question, this one has " + std::to_string(texts.size()) +
                                   "; give \"answers\", an object from question to answer");
  }
  if (answers) {
    if (Status status = CheckKnown(texts, answers); !status.ok()) {
      return status;
    }
  }
  JsonObject read;
  Status status;
  questions.ForEach([&](JsonView question) {
    const std::string_view text = question["question"].AsString();
    const JsonView answer = single ? single : answers[text];
    if (status.ok()) {
      status = CheckOne(question, answer);
    }
    read.Raw(text, answer ? answer.Dump() : "null");
  });
  if (!status.ok()) {
    return status;
  }
  return read.Take();
}

std::string AnsweredText(JsonView questions, JsonView answers) {
  std::string text = "The user has answered:";
  questions.ForEach([&](JsonView question) {
    const std::string_view asked = question["question"].AsString();
    text += "\n\"" + std::string(asked) + "\" = \"";
    bool is_first = true;
    for (const std::string& chosen : Chosen(answers[asked])) {
      text += (is_first ? "" : ", ") + chosen;
      is_first = false;
    }
    text += "\"";
  });
  return text;
}

}  // namespace tutti::questions
