#include "agent_data.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "archived_rows.h"
#include "names.h"
#include "sql_builder.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::string_view kErased = R"({"type":"erased"})";

// Which rows are the agent's: SQL with its values; no SQL when the table cannot hold any.
struct Condition {
  std::string sql;
  std::vector<Parameter> parameters;
};

struct AgentTable {
  std::shared_ptr<const Table> table;
  Condition condition;
};

Condition ConditionOf(const Dialect& dialect, const Catalog& catalog, const Table& table, const std::string& agent) {
  const Column& column = *table.Find(table.agent->column);
  if (table.agent->is_through) {
    const auto parent = catalog.FindPhysical(column.reference->table);
    Condition above = parent == nullptr || !parent->agent ? Condition() : ConditionOf(dialect, catalog, *parent, agent);
    if (!above.sql.empty()) {
      above.sql = QuoteName(column.name) + " IN (SELECT " + QuoteName(column.reference->column) + " FROM " +
                  QuoteName(parent->physical) + " WHERE " + above.sql + ")";
    }
    return above;
  }
  rapidjson::Value id(rapidjson::StringRef(agent.data(), static_cast<rapidjson::SizeType>(agent.size())));
  auto value = Canonical(id, column.type, table.full_name);
  return value.ok() ? Condition{QuoteName(column.name) + " = " + dialect.Placeholder(1, column.type),
                                {{column.type, std::move(*value)}}}
                    : Condition();
}

struct AgentTables {
  std::vector<AgentTable> tables;  // those that are referred to first
  std::shared_ptr<const Catalog> catalog;
};

Result<AgentTables> FindTables(HouseSession& session, const std::string& agent) {
  auto inventory = session.house().TakeInventory(session.connection());
  auto schemas = inventory.ok() ? ReadRemembered(session.house(), session.connection(), *inventory)
                                : Result<RememberedSchemas>(inventory.status());
  if (!schemas.ok()) {
    return schemas.status();
  }
  AgentTables found;
  found.catalog = schemas->catalog;
  for (const auto& table : schemas->Tables()) {
    if (!table->agent || !inventory->tables.contains(table->physical)) {
      continue;
    }
    Condition condition = ConditionOf(session.dialect(), *schemas->catalog, *table, agent);
    if (!condition.sql.empty()) {
      found.tables.push_back({table, std::move(condition)});
    }
  }
  return found;
}

Condition EventCondition(const Dialect& dialect, const std::string& agent) {
  return {"\"agent\" = " + dialect.Placeholder(1, Type::kText), {{Type::kText, agent}}};
}

class Counts {
 public:
  void Add(const std::string& table, std::int64_t count) {
    if (count > 0) {
      tables_(table, count);
    }
    rows_ += count;
  }

  void AddEvents(std::int64_t count) { events_ += count; }

  [[nodiscard]] bool is_empty() const { return rows_ == 0 && events_ == 0; }

  JsonObject Take(const std::string& agent) {
    JsonObject json;
    json("agent", agent)("rows", rows_)("events", events_).Raw("tables", tables_.Take());
    return json;
  }

 private:
  JsonObject tables_;
  std::int64_t rows_ = 0;
  std::int64_t events_ = 0;
};

Status NothingFound(const std::string& agent) {
  return Status::NotFound("nothing is stored of an agent '" + CleanUtf8(Utf8Prefix(agent, 80)) +
                          "'; expected the id of an agent that ran, also of a deleted one");
}

// Where lines go: a file, or a text within a bound.
class Lines {
 public:
  explicit Lines(const AgentExport& to)
      : to_(to), file_(to.file.empty() ? nullptr : std::fopen(to.file.c_str(), "we")) {}

  ~Lines() {
    if (file_ != nullptr) {
      std::fclose(file_);
    }
  }

  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  Status Add(const std::string& line) {
    if (to_.file.empty()) {
      text_ += line;
      text_ += '\n';
      return text_.size() <= to_.most_bytes
                 ? Status()
                 : Status::ResourceExhausted("what is stored of the agent has more than " +
                                             std::to_string(to_.most_bytes) +
                                             " bytes; write it to a file with `tutti storage export-agent`");
    }
    const bool is_written = file_ != nullptr && std::fwrite(line.data(), 1, line.size(), file_) == line.size() &&
                            std::fputc('\n', file_) != EOF;
    return is_written ? Status() : Failure();
  }

  Status Finish() {
    if (to_.file.empty()) {
      return {};
    }
    return file_ != nullptr && std::fflush(file_) == 0 && (::fsync(::fileno(file_)) == 0 || errno == EINVAL)
               ? Status()
               : Failure();
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] Status Failure() const {
    return Status::ResourceExhausted(to_.file + " cannot be written: " + std::strerror(errno));
  }

  const AgentExport& to_;
  std::FILE* const file_;
  std::string text_;
};

Result<std::int64_t> WriteRows(HouseSession& session, Statement rows, const std::string& before, Lines& lines) {
  std::string line;
  return session.connection().Run(rows, [&](std::span<const std::string_view> fields) {
    line.assign(before).append(fields[0]).append("}");
    Status status = session.asker().CheckWanted();
    return status.ok() ? lines.Add(line) : status;
  });
}

// Whether rows say that the agent is at work.
Status CheckIdle(HouseSession& session, const AgentTable& entry, const std::string& agent) {
  if (entry.table->agent->busy.empty()) {
    return {};
  }
  if (Status status = session.house().LockTable(session.connection(), *entry.table); !status.ok()) {
    return status;
  }
  auto filter = Json::Parse(entry.table->agent->busy);
  SqlBuilder builder(session.dialect(), SqlBuilder::Values::kLiteral);
  builder.AddSource({"", entry.table});
  auto busy = filter.ok() ? builder.Filter(filter->view()) : Result<std::string>(filter.status());
  if (!busy.ok()) {
    return busy.status();
  }
  std::string key;
  auto run = session.connection().Run(
      {SelectRows(session.dialect(), *entry.table, And(entry.condition.sql, *busy)) + " LIMIT 1",
       entry.condition.parameters},
      [&](std::span<const std::string_view> fields) {
        auto row = ParseRow(*entry.table, fields[0]);
        key = row.ok() ? KeyOf(*entry.table, *row) : "?";
        return Status();
      });
  if (!run.ok()) {
    return run.status();
  }
  return key.empty()
             ? Status()
             : Status::FailedPrecondition("the agent " + agent + " is at work: " + entry.table->full_name +
                                          " has row " + key + ", which has not ended; interrupt the agent first");
}

Status AddNote(HouseSession& session, const Catalog& catalog, const AgentErasure& erasure) {
  if (erasure.note_table.empty()) {
    return {};
  }
  const auto table = catalog.Find(erasure.note_table);
  if (table == nullptr) {
    return Status::FailedPrecondition("there is no table '" + erasure.note_table + "' to note the erasure in");
  }
  auto row = ParseRow(*table, erasure.note_row);
  return row.ok() ? session.connection().Insert(*table, {&*row}, false).status() : row.status();
}

}  // namespace

Result<std::string> ExportAgent(Driver& driver, const std::string& agent, const AgentExport& to,
                                const HouseAsker& asker) {
  auto session = HouseSession::Begin(driver, Driver::Access::kRead, asker);
  auto found = session.ok() ? FindTables(**session, agent) : Result<AgentTables>(session.status());
  if (!found.ok()) {
    return found.status();
  }
  Lines lines(to);
  Status status =
      lines.Add(JsonObject()("tutti_agent", agent)("engine", driver.engine_name())("created_at", NowIso()).Take());
  Counts counts;
  for (const AgentTable& entry : found->tables) {
    auto rows =
        status.ok()
            ? WriteRows(**session,
                        {SelectRows(driver.dialect(), *entry.table, entry.condition.sql), entry.condition.parameters},
                        "{\"table\":" + JsonQuote(entry.table->full_name) + ",\"row\":", lines)
            : Result<std::int64_t>(status);
    if (!rows.ok()) {
      return rows.status();
    }
    counts.Add(entry.table->full_name, *rows);
  }
  const Condition told = EventCondition(driver.dialect(), agent);
  auto events = WriteRows(**session, {SelectEvents(driver.dialect(), told.sql), told.parameters}, "{\"event\":", lines);
  if (!events.ok()) {
    return events.status();
  }
  counts.AddEvents(*events);
  if (counts.is_empty()) {
    return NothingFound(agent);
  }
  if (status = lines.Finish(); !status.ok()) {
    return status;
  }
  JsonObject result = counts.Take(agent);
  if (to.file.empty()) {
    result("lines", lines.text());
  }
  return result.Take();
}

Result<std::string> EraseAgent(Driver& driver, const std::string& agent, const AgentErasure& erasure,
                               const HouseAsker& asker) {
  auto session = HouseSession::Begin(driver, Driver::Access::kWrite, asker);
  auto found = session.ok() ? FindTables(**session, agent) : Result<AgentTables>(session.status());
  if (!found.ok()) {
    return found.status();
  }
  Connection& connection = (*session)->connection();
  Status status;
  for (const AgentTable& entry : found->tables) {
    status = status.ok() ? CheckIdle(**session, entry, agent) : status;
  }
  Counts counts;
  std::vector<std::string> touched = {"tutti_journal"};
  std::reverse(found->tables.begin(), found->tables.end());
  for (const AgentTable& entry : found->tables) {
    auto rows = status.ok() ? connection.Run(
                                  {"DELETE FROM " + QuoteName(entry.table->physical) + " WHERE " + entry.condition.sql,
                                   entry.condition.parameters},
                                  nullptr)
                            : Result<std::int64_t>(status);
    if (!rows.ok()) {
      return Status(rows.status().code(), std::string(rows.status().message()));
    }
    counts.Add(entry.table->full_name, *rows);
    touched.push_back(entry.table->physical);
  }
  const Condition events = EventCondition(driver.dialect(), agent);
  auto blanked = connection.Run(
      {"UPDATE \"tutti_journal\" SET \"data\" = " + QuoteLiteral(kErased) + " WHERE " + events.sql, events.parameters},
      nullptr);
  if (!blanked.ok()) {
    return blanked.status();
  }
  counts.AddEvents(*blanked);
  if (counts.is_empty()) {
    return NothingFound(agent);
  }
  status = AddNote(**session, *found->catalog, erasure);
  status = status.ok() ? (*session)->Commit() : status;
  if (!status.ok()) {
    return status;
  }
  auto left = driver.house()->Scrub(connection, touched, erasure.compact);
  return counts
      .Take(agent)("left", left.ok() ? *left
                                     : "the rows are gone, but the database could not be cleaned up: " +
                                           std::string(left.status().message()))
      .Take();
}

}  // namespace tutti::storage
