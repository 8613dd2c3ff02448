#include "question_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::questions {
namespace {

constexpr std::string_view kTable = "questions.questions";

JsonObject Announced(std::string_view type, std::string_view question) {
  JsonObject message;
  message("type", type).Raw("question", question)("timestamp", NowIso());
  return message;
}

void AddClosing(Batch& batch, JsonView question, const Closing& closing, bool must_be_open) {
  const std::string now = NowIso();
  const std::string_view id = question["id"].AsString();
  const std::string answers = closing.answers.empty() ? "null" : std::string(closing.answers);
  JsonObject set;
  set("status", closing.status).Raw("answers", answers).OrNull("answered_by", closing.answered_by);
  Op update = Op::Update(kTable, JsonObject()("id", id)("status", "open").Take());
  update.Raw("set", set.OrNull("reason", closing.reason)("closed_at", now).Take());
  if (must_be_open) {
    JsonObject expect;
    expect("affected", 1)("code", "FAILED_PRECONDITION")("message", "the question is not open any more");
    update.Raw("expect", expect.Take());
  }
  JsonObject told;
  told("id", id).Raw("agent_id", question["agent_id"].Dump()).Raw("agent_name", question["agent_name"].Dump());
  told("status", closing.status).Raw("answers", answers).OrNull("answered_by", closing.answered_by);
  told.OrNull("reason", closing.reason)("closed_at", now);
  const std::string message = Announced("question_closed", told.Take()).Take();
  Op append = Op::Append(question["stream"].AsString(), "question_closed", message);
  if (const std::string_view agent = question["agent_id"].AsString(); !agent.empty()) {
    append("agent", agent);
  }
  batch.Add(update).Add(append);
}

}  // namespace

std::string OpenBatch(const Asked& asked) {
  JsonObject row;
  row("id", asked.id)("stream", asked.stream).OrNull("run", asked.run).OrNull("agent_id", asked.agent_id);
  row.OrNull("agent_name", asked.agent_name).Raw("questions", asked.questions)("status", "open");
  row("created_at", asked.created_at)("expires_at", asked.expires_at);
  const std::string question = row.Take();
  Op append = Op::Append(asked.stream, "question_asked", Announced("question_asked", question).Take());
  if (!asked.run.empty()) {
    append("run", asked.run)("agent", asked.agent_id);
  }
  return Batch().Add(Op::Insert(kTable, question)).Add(append).Take();
}

std::string CloseBatch(JsonView question, const Closing& closing) {
  Batch batch;
  AddClosing(batch, question, closing, true);
  return batch.Take();
}

std::string GetBatch(std::string_view id) {
  Op op("get", kTable);
  op.Raw("key", JsonObject()("id", id).Take());
  return Batch().Add(op).Take();
}

std::string ListBatch(JsonView args) {
  JsonObject where;
  if (args["status"].is_string()) {
    where("status", args["status"].AsString());
  }
  Op op = Op::Query(kTable);
  op.Raw("where", where.Take()).Raw("order", R"([{"by":"created_at","desc":true}])");
  return Batch().Add(op("limit", args["limit"].AsInt(50))).Take();
}

std::string OpenOnesBatch(std::size_t limit) {
  Op op = Op::Query(kTable);
  op.Raw("where", R"({"status":"open"})").Raw("order", R"([{"by":"created_at"}])");
  return Batch().Add(op("limit", limit)).Take();
}

std::string CloseAllBatch(JsonView questions, const Closing& closing) {
  Batch batch;
  questions.ForEach([&](JsonView question) { AddClosing(batch, question, closing, false); });
  return batch.Take();
}

}  // namespace tutti::questions
