#include "journal.h"

#include <charconv>
#include <map>

#include "tutti/sdk/text.hpp"

namespace tutti::storage {

const Table& JournalTable() {
  static const Table table = [] {
    Table made;
    made.physical = "tutti_journal";
    made.columns.resize(8);
    constexpr std::pair<const char*, Type> kColumns[] = {
        {"stream", Type::kText}, {"seq", Type::kInt64},  {"time", Type::kTime}, {"type", Type::kText},
        {"run", Type::kText},    {"agent", Type::kText}, {"tree", Type::kText}, {"data", Type::kText}};
    for (std::size_t i = 0; i < made.columns.size(); ++i) {
      made.columns[i].name = kColumns[i].first;
      made.columns[i].type = kColumns[i].second;
    }
    return made;
  }();
  return table;
}

namespace {

// Moves the head of a stream on by `count` and returns the first of the new numbers.
Result<std::int64_t> TakeNumbers(Connection& connection, const Dialect& dialect, const std::string& stream,
                                 std::int64_t count) {
  std::int64_t head = 0;
  const Statement statement{"INSERT INTO \"tutti_streams\" (\"stream\", \"head\", \"floor\") VALUES (" +
                                dialect.Placeholder(1, Type::kText) + ", " + dialect.Placeholder(2, Type::kInt64) +
                                ", 1) ON CONFLICT (\"stream\") DO UPDATE SET \"head\" = \"tutti_streams\".\"head\" + "
                                "excluded.\"head\" RETURNING \"head\"" +
                                dialect.Announcement("\"stream\"", "\"head\""),
                            {{Type::kText, stream}, {Type::kInt64, count}}};
  auto run = connection.Run(statement, [&](std::span<const std::string_view> fields) {
    std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), head);
    return Status();
  });
  return run.ok() ? Result<std::int64_t>(head - count + 1) : run;
}

Value OrNull(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

RowPointers Pointers(const std::vector<Row>& rows) {
  RowPointers pointers;
  pointers.reserve(rows.size());
  for (const Row& row : rows) {
    pointers.push_back(&row);
  }
  return pointers;
}

}  // namespace

std::string EventJson(const AppendPlan& event, std::int64_t number, std::string_view time) {
  JsonObject json;
  json("stream", event.stream)("seq", number)("time", time)("type", event.type);
  json.OrNull("run", event.run).OrNull("agent", event.agent).OrNull("tree", event.tree).Raw("data", event.data);
  return json.Take();
}

Result<std::int64_t> InsertRows(Connection& connection, const InsertPlan& plan) {
  return connection.Insert(*plan.table, Pointers(plan.rows), plan.ignore_conflict);
}

Result<std::vector<std::string>> AppendEvents(Connection& connection, const Dialect& dialect,
                                              const std::vector<const AppendPlan*>& events) {
  std::map<std::string, std::int64_t> counts;
  for (const AppendPlan* event : events) {
    ++counts[event->stream];
  }
  std::map<std::string, std::int64_t> next;
  for (const auto& [stream, count] : counts) {
    auto first = TakeNumbers(connection, dialect, stream, count);
    if (!first.ok()) {
      return first.status();
    }
    next[stream] = *first;
  }
  std::vector<Row> rows;
  std::vector<std::string> results;
  for (const AppendPlan* event : events) {
    const std::int64_t number = next[event->stream]++;
    const std::string time = NowIso();
    rows.push_back({event->stream, number, time, event->type, OrNull(event->run), OrNull(event->agent),
                    OrNull(event->tree), event->data});
    results.push_back("{\"event\":" + EventJson(*event, number, time) + "}");
  }
  auto inserted = connection.Insert(JournalTable(), Pointers(rows), false);
  return inserted.ok() ? Result<std::vector<std::string>>(std::move(results)) : inserted.status();
}

Result<std::vector<std::string>> ApplyMerged(Connection& connection, const Dialect& dialect,
                                             const std::vector<const CompiledOp*>& plans) {
  std::vector<std::pair<const Table*, RowPointers>> tables;
  std::vector<const AppendPlan*> events;
  for (const CompiledOp* plan : plans) {
    if (plan->kind == OpKind::kAppend) {
      events.push_back(&plan->append);
      continue;
    }
    auto found = tables.begin();
    while (found != tables.end() && found->first != plan->insert.table.get()) {
      ++found;
    }
    if (found == tables.end()) {
      found = tables.insert(found, {plan->insert.table.get(), {}});
    }
    for (const Row& row : plan->insert.rows) {
      found->second.push_back(&row);
    }
  }
  for (const auto& [table, rows] : tables) {
    auto inserted = connection.Insert(*table, rows, false);
    if (!inserted.ok()) {
      return inserted.status();
    }
  }
  std::vector<std::string> appended;
  if (!events.empty()) {
    auto results = AppendEvents(connection, dialect, events);
    if (!results.ok()) {
      return results.status();
    }
    appended = std::move(*results);
  }
  std::vector<std::string> results;
  auto event = appended.begin();
  for (const CompiledOp* plan : plans) {
    results.push_back(plan->kind == OpKind::kAppend
                          ? std::move(*event++)
                          : "{\"affected\":" + std::to_string(plan->insert.rows.size()) + "}");
  }
  return results;
}

}  // namespace tutti::storage
