#include <algorithm>
#include <functional>
#include <optional>

#include "archived_rows.h"
#include "archiver.h"
#include "names.h"

namespace tutti::storage {
namespace {

constexpr std::size_t kRowsAtOnce = 500;
constexpr std::size_t kBytesAtOnce = 4U << 20U;
constexpr std::int64_t kRowsPerReport = 10000;
constexpr std::int64_t kFormat = 1;

// What a line of an archive is.
struct Line {
  enum class Kind { kHead, kSchema, kTable, kRow, kRows, kEnd };

  Kind kind = Kind::kEnd;
  std::string_view value;  // JSON
};

Status Unknown(std::string_view line) {
  return Status(Code::kDataLoss, "the archive holds a line that begins with " + std::string(line.substr(0, 40)) +
                                     ", which no archive of this format has");
}

Result<Line> Classify(std::string_view text) {
  constexpr std::pair<std::string_view, Line::Kind> kBeginnings[] = {
      {R"({"row":)", Line::Kind::kRow},   {R"({"table":)", Line::Kind::kTable},
      {R"({"rows":)", Line::Kind::kRows}, {R"({"schema":)", Line::Kind::kSchema},
      {R"({"end":)", Line::Kind::kEnd},   {R"({"tutti_archive":)", Line::Kind::kHead}};
  for (const auto& [beginning, kind] : kBeginnings) {
    if (text.starts_with(beginning) && text.ends_with('}')) {
      return Line{kind, text.substr(beginning.size(), text.size() - beginning.size() - 1)};
    }
  }
  return Unknown(text);
}

Result<Line> NextLine(ArchiveReader& file) {
  auto text = file.Next();
  return text.ok() ? Classify(*text) : Result<Line>(text.status());
}

// The lines before the first table, and the digest of everything.
Result<RememberedSchemas> ReadWhole(const std::string& path, std::string& sha256) {
  auto file = ArchiveReader::Open(path);
  if (!file.ok()) {
    return file.status();
  }
  std::vector<std::string> declared;
  while (!(*file)->is_over()) {
    auto text = (*file)->Next();
    if (!text.ok()) {
      return text.status();
    }
    auto line = Classify(*text);
    if (!line.ok()) {
      return Status(line.status().code(), path + " is damaged: " + std::string(line.status().message()));
    }
    if (line->kind == Line::Kind::kHead) {
      auto head = Json::Parse(*text);
      const std::int64_t format = head.ok() ? (*head)["tutti_archive"].AsInt() : 0;
      if (format != kFormat) {
        return Status::FailedPrecondition("the archive " + path + " has format " + std::to_string(format) +
                                          ", this program reads format " + std::to_string(kFormat) +
                                          "; use the program that wrote it");
      }
    } else if (line->kind == Line::Kind::kSchema) {
      declared.emplace_back(line->value);
    } else if (line->kind == Line::Kind::kEnd) {
      auto end = Json::Parse(line->value);
      sha256 = end.ok() ? (*end)["sha256"].AsString() : "";
    }
  }
  return ArrangeSchemas(std::move(declared));
}

class Loading {
 public:
  Loading(HouseSession& session, const RememberedSchemas& schemas) : session_(session), tables_(schemas.Tables()) {
    tables_.push_back(StreamsArchived());
    tables_.push_back(JournalArchived());
  }

  Status MakeTables(const RememberedSchemas& schemas) {
    Driver& driver = session_.driver();
    Connection& connection = session_.connection();
    Status status = driver.PrepareStore(connection);
    std::vector<std::string> created;
    std::vector<std::string> changed;
    for (const std::string& declared : schemas.declared) {
      auto json = Json::Parse(declared);
      const auto space = schemas.catalog->spaces().find(json.ok() ? (*json)["namespace"].AsString() : "");
      if (!status.ok() || space == schemas.catalog->spaces().end()) {
        return status;
      }
      status = driver.Migrate(connection, *space->second, created, changed);
      status = status.ok() ? Remember(connection, driver.dialect(), *space->second, declared) : status;
    }
    return status;
  }

  // What the database knows of itself already must fit: nothing newer than the archive, and no rows of anything.
  Status CheckTarget(const RememberedSchemas& archived) {
    auto inventory = session_.house().TakeInventory(session_.connection());
    if (!inventory.ok() || !inventory->tables.contains("tutti_schema")) {
      return inventory.status();
    }
    auto known = ReadRemembered(session_.house(), session_.connection(), *inventory);
    if (!known.ok()) {
      return known.status();
    }
    for (const auto& [name, space] : known->catalog->spaces()) {
      const auto found = archived.catalog->spaces().find(name);
      if (found != archived.catalog->spaces().end() && found->second->version < space->version) {
        return Status::FailedPrecondition("the database " + session_.house().place() + " holds version " +
                                          std::to_string(space->version) + " of namespace '" + name +
                                          "', the archive version " + std::to_string(found->second->version) +
                                          "; name a database that no server has used yet");
      }
    }
    HouseDriver::Tables tables;
    for (const auto& table : known->Tables()) {
      if (inventory->tables.contains(table->physical)) {
        tables.push_back(table);
      }
    }
    return CheckEmpty(tables);
  }

  // Every table and column of the archive is there.
  Status CheckComplete() {
    auto inventory = session_.house().TakeInventory(session_.connection());
    if (!inventory.ok()) {
      return inventory.status();
    }
    for (const auto& table : tables_) {
      const auto found = inventory->tables.find(table->physical);
      for (const Column& column : table->columns) {
        if (found == inventory->tables.end() || !found->second.contains(column.name)) {
          return Differs(*table, "the database " + session_.house().place() + " has no column '" + column.name + "'");
        }
      }
    }
    return {};
  }

  Status CheckEmpty() { return CheckEmpty(tables_); }

  Status CheckEmpty(const HouseDriver::Tables& tables) {
    for (const auto& table : tables) {
      bool is_used = false;
      auto run = session_.Run("SELECT 1 FROM " + QuoteName(table->physical) + " LIMIT 1",
                              [&](std::span<const std::string_view>) {
                                is_used = true;
                                return Status();
                              });
      if (!run.ok()) {
        return run.status();
      }
      if (is_used) {
        return Status::FailedPrecondition("the database " + session_.house().place() +
                                          " is not empty: " + table->full_name +
                                          " holds rows; name one that no server has used yet, nothing was changed");
      }
    }
    return {};
  }

  Status Load(ArchiveReader& file, ArchiveSummary& summary) {
    return Walk(file, [&](const Table& table, ArchiveReader& from) { return LoadTable(table, from, summary); });
  }

  Status Compare(ArchiveReader& file, ArchiveSummary& summary) {
    return Walk(file, [&](const Table& table, ArchiveReader& from) { return CompareTable(table, from, summary); });
  }

 private:
  using OnTable = std::function<Status(const Table&, ArchiveReader&)>;

  Status Walk(ArchiveReader& file, const OnTable& on_table) {
    std::size_t seen = 0;
    while (!file.is_over()) {
      auto line = NextLine(file);
      if (!line.ok()) {
        return line.status();
      }
      if (line->kind != Line::Kind::kTable) {
        continue;
      }
      auto json = Json::Parse(line->value);
      const std::string name(json.ok() ? json->view().AsString() : std::string_view());
      const auto table = std::find_if(tables_.begin(), tables_.end(),
                                      [&](const auto& candidate) { return candidate->full_name == name; });
      if (table == tables_.end()) {
        return Status(Code::kDataLoss, "the archive holds rows of '" + name + "', which it does not declare");
      }
      ++seen;
      if (Status status = on_table(**table, file); !status.ok()) {
        return status;
      }
    }
    return seen == tables_.size()
               ? Status()
               : Status(Code::kDataLoss, "the archive holds " + std::to_string(seen) + " tables and declares " +
                                             std::to_string(tables_.size()));
  }

  // The next row of the section; nullopt at its end, whose count must be `count`.
  Result<std::optional<Row>> NextRow(const Table& table, ArchiveReader& file, std::int64_t count) {
    auto line = NextLine(file);
    if (!line.ok()) {
      return line.status();
    }
    if (line->kind == Line::Kind::kRows && line->value == std::to_string(count)) {
      return std::optional<Row>();
    }
    if (line->kind != Line::Kind::kRow) {
      return Status(Code::kDataLoss, "the archive: expected row " + std::to_string(count + 1) + " of " +
                                         table.full_name + " or the number of its rows, found something else");
    }
    auto row = ParseRow(table, line->value);
    return row.ok() ? Result<std::optional<Row>>(std::optional(std::move(*row))) : row.status();
  }

  Status Flush(const Table& table, std::vector<Row>& rows) {
    if (rows.empty()) {
      return {};
    }
    RowPointers pointers;
    for (const Row& row : rows) {
      pointers.push_back(&row);
    }
    auto inserted = session_.connection().Insert(table, pointers, false);
    if (!inserted.ok()) {
      return Status(inserted.status().code(), "writing " + table.full_name + ", rows from " + KeyOf(table, rows[0]) +
                                                  " on: " + std::string(inserted.status().message()));
    }
    rows.clear();
    return session_.asker().CheckWanted();
  }

  Status LoadTable(const Table& table, ArchiveReader& file, ArchiveSummary& summary) {
    std::vector<Row> rows;
    std::size_t bytes = 0;
    std::int64_t count = 0;
    while (true) {
      auto row = NextRow(table, file, count);
      if (!row.ok()) {
        return row.status();
      }
      if (!row->has_value()) {
        break;
      }
      for (const Value& value : **row) {
        const auto* text = std::get_if<std::string>(&value);
        bytes += text == nullptr ? sizeof value : text->size();
      }
      rows.push_back(std::move(**row));
      if (++count % kRowsPerReport == 0) {
        session_.asker().Tell(table.full_name, count);
      }
      if (rows.size() >= kRowsAtOnce || bytes >= kBytesAtOnce) {
        bytes = 0;
        if (Status status = Flush(table, rows); !status.ok()) {
          return status;
        }
      }
    }
    session_.asker().Tell(table.full_name, count);
    Count(table, count, summary);
    return Flush(table, rows);
  }

  static void Count(const Table& table, std::int64_t count, ArchiveSummary& summary) {
    if (&table == JournalArchived().get()) {
      summary.events = count;
    } else if (&table != StreamsArchived().get()) {
      ++summary.tables;
      summary.rows += count;
    }
  }

  static Status Differs(const Table& table, const std::string& how) {
    return Status::FailedPrecondition(table.full_name + " differs from the archive: " + how);
  }

  static Status CompareRow(const Table& table, const Row& archived, const Row& stored) {
    for (const std::size_t index : table.primary_key) {
      if (archived[index] != stored[index]) {
        return Differs(table, "expected row " + KeyOf(table, archived) + ", found row " + KeyOf(table, stored));
      }
    }
    const auto column = FirstDifference(table, archived, stored);
    if (!column) {
      return {};
    }
    const Column& found = table.columns[*column];
    return Differs(table, "row " + KeyOf(table, archived) + ", column " + found.name + ": expected " +
                              ShownValue(found, archived[*column]) + ", found " + ShownValue(found, stored[*column]));
  }

  Status CompareTable(const Table& table, ArchiveReader& file, ArchiveSummary& summary) {
    std::int64_t count = 0;
    auto run = session_.Run(SelectRows(session_.dialect(), table, {}), [&](std::span<const std::string_view> fields) {
      auto stored = ParseRow(table, fields[0]);
      auto archived = stored.ok() ? NextRow(table, file, count) : Result<std::optional<Row>>(stored.status());
      if (!archived.ok()) {
        return archived.status();
      }
      ++count;
      return archived->has_value()
                 ? CompareRow(table, **archived, *stored)
                 : Differs(table, "row " + KeyOf(table, *stored) + " is there and not in the archive");
    });
    if (!run.ok()) {
      return run.status();
    }
    Count(table, count, summary);
    auto rest = NextRow(table, file, count);
    if (!rest.ok()) {
      return rest.status();
    }
    return rest->has_value() ? Differs(table, "row " + KeyOf(table, **rest) + " is missing") : Status();
  }

  HouseSession& session_;
  HouseDriver::Tables tables_;
};

}  // namespace

Result<ArchiveSummary> CompareArchive(Driver& driver, const std::string& path, const HouseAsker& asker) {
  ArchiveSummary summary;
  auto schemas = ReadWhole(path, summary.sha256);
  if (!schemas.ok()) {
    return schemas.status();
  }
  auto session = HouseSession::Begin(driver, Driver::Access::kRead, asker);
  if (!session.ok()) {
    return session.status();
  }
  Loading loading(**session, *schemas);
  Status status = loading.CheckComplete();
  auto file = ArchiveReader::Open(path);
  if (!status.ok() || !file.ok()) {
    return status.ok() ? file.status() : status;
  }
  status = loading.Compare(**file, summary);
  return status.ok() ? Result<ArchiveSummary>(std::move(summary)) : status;
}

Result<ArchiveSummary> LoadArchive(Driver& driver, const std::string& path, const HouseAsker& asker) {
  ArchiveSummary summary;
  // All of it, before the database is touched.
  auto schemas = ReadWhole(path, summary.sha256);
  if (!schemas.ok()) {
    return schemas.status();
  }
  auto session = HouseSession::Begin(driver, Driver::Access::kWrite, asker);
  if (!session.ok()) {
    return session.status();
  }
  Connection& connection = (*session)->connection();
  Loading loading(**session, *schemas);
  Status status = loading.CheckTarget(*schemas);
  status = status.ok() ? loading.MakeTables(*schemas) : status;
  status = status.ok() ? loading.CheckEmpty() : status;
  status = status.ok() ? driver.house()->BeginLoad(connection, schemas->Tables()) : status;
  ArchiveSummary compared;
  for (const bool is_comparing : {false, true}) {
    auto file = ArchiveReader::Open(path);
    if (!status.ok() || !file.ok()) {
      return status.ok() ? file.status() : status;
    }
    status = is_comparing ? loading.Compare(**file, compared) : loading.Load(**file, summary);
  }
  status = status.ok() ? driver.house()->EndLoad(connection, schemas->Tables()) : status;
  status = status.ok() ? (*session)->Commit() : status;
  if (!status.ok()) {
    return status;
  }
  driver.house()->AfterLoad(connection);
  return summary;
}

}  // namespace tutti::storage
