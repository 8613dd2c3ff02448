#include "archived_rows.h"
#include "archiver.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

// Between two reports, and two looks at whether anybody still wants the result.
constexpr std::int64_t kRowsPerReport = 10000;

class Writing {
 public:
  Writing(HouseSession& session, ArchiveWriter& file) : session_(session), file_(file) {}

  Status Head(const RememberedSchemas& schemas, std::string_view by) {
    JsonWriter spaces;
    spaces.BeginArray();
    for (const auto& [name, space] : schemas.catalog->spaces()) {
      spaces.BeginObject().Key("namespace").Value(name).Key("version").Value(space->version).EndObject();
    }
    JsonObject head;
    head("tutti_archive", 1)("by", by)("engine", session_.driver().engine_name());
    head("engine_version", session_.driver().engine_version())("created_at", NowIso());
    Status status = file_.Line(head.Raw("namespaces", spaces.EndArray().Take()).Take());
    for (const std::string& declared : schemas.declared) {
      status = status.ok() ? file_.Line("{\"schema\":" + declared + "}") : status;
    }
    return status;
  }

  // Returns the number of rows.
  Result<std::int64_t> Rows(const Table& table) {
    Status status = file_.Line(JsonObject()("table", table.full_name).Take());
    if (!status.ok()) {
      return status;
    }
    std::int64_t count = 0;
    std::string line;
    auto run = session_.Run(SelectRows(session_.dialect(), table, {}), [&](std::span<const std::string_view> fields) {
      line.assign("{\"row\":").append(fields[0]).append("}");
      if (++count % kRowsPerReport == 0) {
        session_.asker().Tell(table.full_name, count);
        if (Status wanted = session_.asker().CheckWanted(); !wanted.ok()) {
          return wanted;
        }
      }
      return file_.Line(line);
    });
    if (!run.ok()) {
      return Status(run.status().code(), "reading " + table.full_name + ": " + std::string(run.status().message()));
    }
    session_.asker().Tell(table.full_name, count);
    status = file_.Line(JsonObject()("rows", count).Take());
    return status.ok() ? Result<std::int64_t>(count) : status;
  }

 private:
  HouseSession& session_;
  ArchiveWriter& file_;
};

}  // namespace

std::string ArchiveSummary::ToJson() const {
  return JsonObject()("tables", tables)("rows", rows)("events", events)("sha256", sha256).Take();
}

Result<ArchiveSummary> WriteArchive(Driver& driver, const std::string& path, std::string_view by,
                                    const HouseAsker& asker) {
  auto view = ViewHouse(driver, asker);
  if (!view.ok()) {
    return view.status();
  }
  auto file = ArchiveWriter::Open(path);
  if (!file.ok()) {
    return file.status();
  }
  Writing writing(*view->session, **file);
  if (Status status = writing.Head(view->schemas, by); !status.ok()) {
    return status;
  }
  ArchiveSummary summary;
  for (const auto& table : view->schemas.Tables()) {
    auto rows = writing.Rows(*table);
    if (!rows.ok()) {
      return rows.status();
    }
    ++summary.tables;
    summary.rows += *rows;
  }
  auto streams = writing.Rows(*StreamsArchived());
  auto events = streams.ok() ? writing.Rows(*JournalArchived()) : streams;
  if (!events.ok()) {
    return events.status();
  }
  summary.events = *events;
  auto digest = (*file)->Finish();
  if (!digest.ok()) {
    return digest.status();
  }
  summary.sha256 = std::move(*digest);
  return summary;
}

}  // namespace tutti::storage
