#include "integrity.h"

#include "archived_rows.h"
#include "names.h"
#include "sql_builder.h"

namespace tutti::storage {
namespace {

constexpr std::size_t kMostFindings = 200;
// Of one kind in one table; the first show where to look.
constexpr std::size_t kShownOfAKind = 5;
constexpr std::int64_t kRowsPerReport = 10000;

std::string KeyList(const Dialect& dialect, const Table& table, const std::string& alias) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const std::size_t index : table.primary_key) {
    const Column& column = table.columns[index];
    members.emplace_back(QuoteLiteral(column.name),
                         dialect.JsonValue(alias + "." + QuoteName(column.name), column.type));
  }
  return dialect.JsonText(dialect.JsonObject(members));
}

class Inspection {
 public:
  Inspection(HouseSession& session, Inventory inventory) : session_(session), inventory_(std::move(inventory)) {}

  Status Run(const RememberedSchemas& schemas) {
    Status status = session_.house().Inspect(session_.connection(), findings_);
    for (const auto& table : schemas.Tables()) {
      status = status.ok() ? InspectTable(*table, schemas) : status;
    }
    return status.ok() ? InspectJournal() : status;
  }

  std::string ToJson() {
    JsonWriter json;
    json.BeginObject().Key("findings").BeginArray();
    for (std::size_t i = 0; i < findings_.size() && i < kMostFindings; ++i) {
      json.Value(findings_[i]);
    }
    if (findings_.size() > kMostFindings) {
      json.Value("and " + std::to_string(findings_.size() - kMostFindings) + " findings more");
    }
    json.EndArray().Key("tables").Value(tables_).Key("rows").Value(rows_);
    json.Key("streams").Value(streams_).Key("events").Value(events_);
    return json.EndObject().Take();
  }

 private:
  void Find(std::string sentence) { findings_.push_back(std::move(sentence)); }

  bool IsComplete(const Table& table) {
    const auto found = inventory_.tables.find(table.physical);
    if (found == inventory_.tables.end()) {
      Find(table.full_name + ": its table '" + table.physical + "' is missing; start the server, which makes it anew");
      return false;
    }
    bool is_complete = true;
    for (const Column& column : table.columns) {
      if (!found->second.contains(column.name)) {
        Find(table.full_name + ": column '" + column.name + "' is missing; start the server, which adds it");
        is_complete = false;
      }
    }
    for (const Index& index : table.indexes) {
      if (!inventory_.indexes.contains(index.name)) {
        Find(table.full_name + ": index '" + index.name + "' is missing; start the server, which makes it anew");
      }
    }
    return is_complete;
  }

  Status InspectTable(const Table& table, const RememberedSchemas& schemas) {
    ++tables_;
    if (!IsComplete(table)) {
      return session_.asker().CheckWanted();
    }
    auto rows = ReadAll(table);
    if (!rows.ok()) {
      return rows.status();
    }
    rows_ += *rows;
    for (const Column& column : table.columns) {
      if (column.reference) {
        if (Status status = InspectReference(table, column); !status.ok()) {
          return status;
        }
      }
    }
    for (const Rule& rule : table.rules) {
      Status status = rule.dense.empty() ? InspectExpectation(table, rule, schemas) : InspectDense(table, rule);
      if (!status.ok()) {
        return status;
      }
    }
    return {};
  }

  Result<std::int64_t> ReadAll(const Table& table) {
    std::int64_t count = 0;
    std::size_t faults = 0;
    auto run = session_.Run(SelectRows(session_.dialect(), table, {}), [&](std::span<const std::string_view> fields) {
      auto row = ParseRow(table, fields[0]);
      if (!row.ok() && ++faults <= kShownOfAKind) {
        Find(std::string(row.status().message()) + "; row " + std::to_string(count + 1) + " by primary key");
      }
      if (++count % kRowsPerReport == 0) {
        session_.asker().Tell(table.full_name, count);
        return session_.asker().CheckWanted();
      }
      return Status();
    });
    if (!run.ok() && (run.status().code() == Code::kCancelled || !session_.connection().usable() ||
                      run.status().code() == Code::kUnavailable)) {
      return run.status();
    }
    if (!run.ok()) {
      Find(table.full_name + " cannot be read behind row " + std::to_string(count) + ": " +
           std::string(run.status().message()));
      // PostgreSQL answers nothing more in a transaction in which a statement failed.
      return session_.connection().in_transaction() ? Restart(count) : Result<std::int64_t>(count);
    }
    session_.asker().Tell(table.full_name, count);
    return count;
  }

  Result<std::int64_t> Restart(std::int64_t count) {
    Connection& connection = session_.connection();
    Status status = connection.Control("ROLLBACK");
    status = status.ok() ? connection.Control(session_.driver().Begin(Driver::Access::kRead)) : status;
    return status.ok() ? Result<std::int64_t>(count) : status;
  }

  // Runs a statement whose rows are what is wrong, each with its key in the first field.
  Status Collect(Statement statement, const std::function<std::string(std::span<const std::string_view>)>& sentence) {
    statement.sql += " LIMIT " + std::to_string(kShownOfAKind);
    return session_.connection()
        .Run(statement,
             [&](std::span<const std::string_view> fields) {
               Find(sentence(fields));
               return Status();
             })
        .status();
  }

  Status InspectReference(const Table& table, const Column& column) {
    const Reference& reference = *column.reference;
    if (!inventory_.tables.contains(reference.table)) {
      Find(table.full_name + ": column '" + column.name + "' refers to the table '" + reference.table +
           "', which is missing");
      return {};
    }
    const std::string name = QuoteName(column.name);
    return Collect(
        {"SELECT " + KeyList(session_.dialect(), table, "c") + " FROM " + QuoteName(table.physical) + " AS c WHERE c." +
             name + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + QuoteName(reference.table) + " AS p WHERE p." +
             QuoteName(reference.column) + " = c." + name + ")",
         {}},
        [&](std::span<const std::string_view> fields) {
          return table.full_name + ": row " + std::string(fields[0]) + " refers by '" + column.name + "' to a row of " +
                 reference.table + " that does not exist";
        });
  }

  Status InspectDense(const Table& table, const Rule& rule) {
    const std::string number = QuoteName(rule.dense);
    std::string groups;
    std::vector<std::pair<std::string, std::string>> members;
    for (const std::string& column : rule.within) {
      groups += (groups.empty() ? "PARTITION BY " : ", ") + QuoteName(column);
      members.emplace_back(QuoteLiteral(column),
                           session_.dialect().JsonValue("d." + QuoteName(column), table.Find(column)->type));
    }
    members.emplace_back(QuoteLiteral(rule.dense), "d." + number);
    std::string columns = number;
    for (const std::string& column : rule.within) {
      columns += ", " + QuoteName(column);
    }
    return Collect({"SELECT " + session_.dialect().JsonText(session_.dialect().JsonObject(members)) +
                        ", d.following FROM (SELECT " + columns + ", lead(" + number + ") OVER (" + groups +
                        " ORDER BY " + number + ") AS following FROM " + QuoteName(table.physical) +
                        ") AS d WHERE d.following <> d." + number + " + 1",
                    {}},
                   [&](std::span<const std::string_view> fields) {
                     return table.full_name + ": " + Says(rule) + ", but " + std::string(fields[0]) +
                            " is followed by " + std::string(fields[1]);
                   });
  }

  Status InspectExpectation(const Table& table, const Rule& rule, const RememberedSchemas& schemas) {
    const Column& through = *table.Find(rule.through);
    const auto self = schemas.catalog->FindPhysical(table.physical);
    const auto target = schemas.catalog->FindPhysical(through.reference->table);
    if (target == nullptr || !inventory_.tables.contains(target->physical)) {
      return {};
    }
    SqlBuilder builder(session_.dialect());
    builder.AddSource({"c", self});
    auto about = Filter(builder, rule.where);
    if (!about.ok()) {
      return about.status();
    }
    SqlBuilder::Scope scope(builder, {"p", target});
    auto expected = Filter(builder, rule.expect);
    scope.End();
    if (!expected.ok()) {
      return expected.status();
    }
    const std::string name = QuoteName(through.name);
    const std::string met = "EXISTS (SELECT 1 FROM " + QuoteName(target->physical) + " AS p WHERE p." +
                            QuoteName(through.reference->column) + " = c." + name +
                            (expected->empty() ? "" : " AND " + *expected) + ")";
    return Collect({"SELECT " + KeyList(session_.dialect(), table, "c") + " FROM " + QuoteName(table.physical) +
                        " AS c WHERE " + And(And(*about, "c." + name + " IS NOT NULL"), "NOT " + met),
                    builder.TakeParameters()},
                   [&](std::span<const std::string_view> fields) {
                     return table.full_name + ": " + Says(rule) + ", but not row " + std::string(fields[0]);
                   });
  }

  static Result<std::string> Filter(SqlBuilder& builder, const std::string& filter) {
    if (filter.empty()) {
      return std::string();
    }
    auto json = Json::Parse(filter);
    return json.ok() ? builder.Filter(json->view()) : Result<std::string>(json.status());
  }

  static std::string Says(const Rule& rule) { return rule.says.empty() ? "rule '" + rule.name + "' holds" : rule.says; }

  Status InspectJournal() {
    if (!inventory_.tables.contains("tutti_streams") || !inventory_.tables.contains("tutti_journal")) {
      Find("the journal is missing; start the server, which makes it anew");
      return {};
    }
    auto events = ReadAll(*JournalArchived());
    if (!events.ok()) {
      return events.status();
    }
    events_ = *events;
    auto run = session_.Run(
        "SELECT s.\"stream\", s.\"head\", s.\"floor\", count(j.\"seq\"), coalesce(min(j.\"seq\"), 0), "
        "coalesce(max(j.\"seq\"), 0) FROM \"tutti_streams\" AS s LEFT JOIN \"tutti_journal\" AS j ON j.\"stream\" = "
        "s.\"stream\" GROUP BY s.\"stream\", s.\"head\", s.\"floor\" ORDER BY s.\"stream\"",
        [&](std::span<const std::string_view> fields) {
          ++streams_;
          InspectStream(std::string(fields[0]), ReadInteger(fields[1]), ReadInteger(fields[2]), ReadInteger(fields[3]),
                        ReadInteger(fields[4]), ReadInteger(fields[5]));
          return Status();
        });
    if (!run.ok()) {
      return run.status();
    }
    Status status =
        Collect({"SELECT \"stream\", \"seq\", following FROM (SELECT \"stream\", \"seq\", lead(\"seq\") OVER "
                 "(PARTITION BY \"stream\" ORDER BY \"seq\") AS following FROM \"tutti_journal\") AS d WHERE "
                 "following <> \"seq\" + 1",
                 {}},
                [](std::span<const std::string_view> fields) {
                  return "stream " + std::string(fields[0]) + ": event " + std::string(fields[1]) +
                         " is followed by event " + std::string(fields[2]);
                });
    return status.ok() ? Collect({"SELECT DISTINCT j.\"stream\" FROM \"tutti_journal\" AS j WHERE NOT EXISTS (SELECT 1 "
                                  "FROM \"tutti_streams\" AS s WHERE s.\"stream\" = j.\"stream\")",
                                  {}},
                                 [](std::span<const std::string_view> fields) {
                                   return "stream " + std::string(fields[0]) + " holds events and has no head";
                                 })
                       : status;
  }

  void InspectStream(const std::string& name, std::int64_t head, std::int64_t floor, std::int64_t count,
                     std::int64_t first, std::int64_t last) {
    if (count == 0) {
      if (floor != head + 1) {
        Find("stream " + name + ": its head is " + std::to_string(head) + " and its first event should be " +
             std::to_string(floor) + ", but it holds none");
      }
      return;
    }
    if (first != floor) {
      Find("stream " + name + ": its first event should be " + std::to_string(floor) + ", it is " +
           std::to_string(first));
    }
    if (last != head) {
      Find("stream " + name + ": its head is " + std::to_string(head) + ", its last event is " + std::to_string(last));
    }
  }

  HouseSession& session_;
  const Inventory inventory_;
  std::vector<std::string> findings_;
  std::int64_t tables_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t streams_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace

Result<std::string> CheckIntegrity(Driver& driver, const HouseAsker& asker) {
  auto view = ViewHouse(driver, asker);
  if (!view.ok()) {
    return view.status();
  }
  Inspection inspection(*view->session, std::move(view->inventory));
  Status status = inspection.Run(view->schemas);
  return status.ok() ? Result<std::string>(inspection.ToJson()) : status;
}

}  // namespace tutti::storage
