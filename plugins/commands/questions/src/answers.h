// Answers: what somebody said to a set of questions, checked against it, and as the agent reads it.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::questions {

// {question text: answer text, or an array of texts where several may be chosen}, in the order of the questions. The
// options are offers, not limits: any text is an answer. `questions` is the tool's array; `args` has "answers", such an
// object, or, for a single question, "answer", a text. INVALID_ARGUMENT says what is missing or not asked.
Result<std::string> ReadAnswers(JsonView questions, JsonView args);

// What the tool call ends with.
std::string AnsweredText(JsonView questions, JsonView answers);

// Every question has a text of its own, or they could not be told apart in an answer.
Status CheckDistinct(JsonView questions);

}  // namespace tutti::questions
