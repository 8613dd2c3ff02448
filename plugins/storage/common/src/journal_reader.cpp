#include "journal_reader.h"

#include <algorithm>
#include <utility>

#include "journal.h"
#include "tutti/sdk/json.hpp"

namespace tutti::storage {
namespace {

void AppendAll(const std::vector<std::string>& texts, std::string& out) {
  out += '[';
  for (const std::string& text : texts) {
    out.append(out.back() == '[' ? "" : ",").append(text);
  }
  out += ']';
}

}  // namespace

std::string JournalReader::Bind(std::vector<Parameter>& parameters, Type type, Value value) const {
  parameters.push_back({type, std::move(value)});
  return dialect_.Placeholder(parameters.size(), type);
}

Result<JournalReader::Span> JournalReader::Held(const std::string& stream) {
  Span held;
  auto run = connection_.Run(
      {"SELECT \"floor\", \"head\" FROM \"tutti_streams\" WHERE \"stream\" = " + dialect_.Placeholder(1, Type::kText),
       {{Type::kText, stream}}},
      [&](std::span<const std::string_view> fields) {
        held = {ReadInteger(fields[0]), ReadInteger(fields[1])};
        return Status();
      });
  return run.ok() ? Result<Span>(held) : run.status();
}

std::string JournalReader::Indexed(const JournalPlan& plan, std::vector<Parameter>& parameters) const {
  std::string sql;
  if (!plan.run.empty()) {
    sql += " AND \"run\" = " + Bind(parameters, Type::kText, plan.run);
  }
  if (!plan.agent.empty()) {
    sql += " AND \"agent\" = " + Bind(parameters, Type::kText, plan.agent);
  }
  return sql;
}

std::string JournalReader::Filtered(const JournalPlan& plan, std::vector<Parameter>& parameters) const {
  std::string sql;
  if (!plan.tree.empty()) {
    // An event of the agent itself belongs to its tree also when whoever wrote it knew of no tree.
    sql += " AND (" + dialect_.Contains("\"tree\"", Bind(parameters, Type::kText, "/" + plan.tree + "/")) +
           " OR (\"tree\" IS NULL AND \"agent\" = " + Bind(parameters, Type::kText, plan.tree) + "))";
  }
  std::string types;
  for (const std::string& type : plan.types) {
    types += (types.empty() ? "" : ", ") + Bind(parameters, Type::kText, type);
  }
  return types.empty() ? sql : sql + " AND \"type\" IN (" + types + ")";
}

Result<std::int64_t> JournalReader::Reach(const JournalPlan& plan, const Span& held, std::int64_t numbers) {
  const bool is_indexed = !plan.run.empty() || !plan.agent.empty();
  // What an index finds by one value alone needs no look at anything else.
  const bool is_looked_at = !plan.tree.empty() || !plan.types.empty() || (!plan.run.empty() && !plan.agent.empty());
  if (!is_looked_at) {
    return held.last;
  }
  if (!is_indexed) {
    return std::min(held.last, std::max(plan.since, held.first - 1) + numbers);
  }
  std::int64_t reach = held.last;
  std::vector<Parameter> parameters;
  std::string sql =
      "SELECT \"seq\" FROM \"tutti_journal\" WHERE \"stream\" = " + Bind(parameters, Type::kText, plan.stream) +
      " AND \"seq\" > " + Bind(parameters, Type::kInt64, plan.since);
  JournalPlan by_one = plan;
  if (!plan.run.empty()) {
    by_one.agent.clear();
  }
  sql +=
      Indexed(by_one, parameters) + " ORDER BY \"seq\" LIMIT 1 OFFSET " + Bind(parameters, Type::kInt64, numbers - 1);
  auto run = connection_.Run({std::move(sql), std::move(parameters)}, [&](std::span<const std::string_view> fields) {
    reach = ReadInteger(fields[0]);
    return Status();
  });
  return run.ok() ? Result<std::int64_t>(reach) : run;
}

Result<std::string> JournalReader::Page(const JournalPlan& plan, Bounds bounds) {
  auto held = Held(plan.stream);
  if (!held.ok()) {
    return held.status();
  }
  auto reach = Reach(plan, *held, bounds.numbers);
  if (!reach.ok()) {
    return reach.status();
  }
  std::vector<Parameter> parameters;
  std::string sql = "SELECT \"seq\", " + dialect_.JsonValue("\"time\"", Type::kTime) +
                    ", \"type\", \"run\", \"agent\", \"tree\", \"data\"" +
                    " FROM \"tutti_journal\" WHERE \"stream\" = " + Bind(parameters, Type::kText, plan.stream) +
                    " AND \"seq\" > " + Bind(parameters, Type::kInt64, plan.since) +
                    " AND \"seq\" <= " + Bind(parameters, Type::kInt64, *reach);
  sql += Indexed(plan, parameters);
  sql += Filtered(plan, parameters);
  sql += " ORDER BY \"seq\" LIMIT " + Bind(parameters, Type::kInt64, plan.limit);
  std::vector<std::string> events;
  std::size_t bytes = 0;
  bool is_cut = false;
  std::int64_t next = plan.since;
  auto run = connection_.Run({std::move(sql), std::move(parameters)}, [&](std::span<const std::string_view> fields) {
    if (is_cut) {
      return Status();
    }
    const AppendPlan event{plan.stream,
                           std::string(fields[2]),
                           std::string(fields[3]),
                           std::string(fields[4]),
                           std::string(fields[5]),
                           std::string(fields[6])};
    std::string json = EventJson(event, ReadInteger(fields[0]), fields[1]);
    is_cut = !events.empty() && bytes + json.size() > bounds.bytes;
    if (!is_cut) {
      next = ReadInteger(fields[0]);
      bytes += json.size();
      events.push_back(std::move(json));
    }
    return Status();
  });
  if (!run.ok()) {
    return run.status();
  }
  if (!is_cut && static_cast<std::int64_t>(events.size()) < plan.limit) {
    next = std::max(next, *reach);
  }
  std::string result = "{\"count\":" + std::to_string(events.size()) + ",\"first\":" + std::to_string(held->first) +
                       ",\"last\":" + std::to_string(held->last) + ",\"next\":" + std::to_string(next) + ",\"events\":";
  AppendAll(events, result);
  return result += '}';
}

Result<std::string> JournalReader::Heads(const HeadsPlan& plan) {
  std::vector<Parameter> parameters;
  std::string sql = "SELECT \"stream\", \"floor\", \"head\" FROM \"tutti_streams\" WHERE ";
  std::string names;
  for (const std::string& stream : plan.streams) {
    names += (names.empty() ? "" : ", ") + Bind(parameters, Type::kText, stream);
  }
  sql += "\"stream\" > " + Bind(parameters, Type::kText, plan.after);
  sql += names.empty() ? "" : " AND \"stream\" IN (" + names + ")";
  sql += " ORDER BY \"stream\" LIMIT " + Bind(parameters, Type::kInt64, plan.limit);
  std::vector<std::string> heads;
  auto run = connection_.Run({std::move(sql), std::move(parameters)}, [&](std::span<const std::string_view> fields) {
    heads.push_back(
        JsonObject()("stream", fields[0])("first", ReadInteger(fields[1]))("last", ReadInteger(fields[2])).Take());
    return Status();
  });
  if (!run.ok()) {
    return run.status();
  }
  std::string result = "{\"count\":" + std::to_string(heads.size()) + ",\"heads\":";
  AppendAll(heads, result);
  return result += '}';
}

}  // namespace tutti::storage
