// `tutti storage backup`, `restore` and `check`.
#include <filesystem>
#include <ostream>

#include "host/house/storage_commands.h"
#include "host/house/whole_file.h"
#include "host/server/data_lock.h"

namespace tutti::host {

int BackupStorage(const CommandLine& line, const LoadOptions& options, const Console& console) {
  WholeFile file;
  if (Status status = file.Begin(line.operands.at(0)); !status.ok()) {
    return console.Fail(status);
  }
  const Result<Json> result =
      MaintainAt(options, ReadStoragePlace(line.from),
                 JsonObject()("do", "archive")("file", file.writing())("by", "tutti " TUTTI_VERSION).Take(), console);
  if (!result.ok()) {
    return console.Fail(result.status());
  }
  if (Status status = file.Finish(); !status.ok()) {
    return console.Fail(status);
  }
  console.out << "wrote " << line.operands.at(0) << ": " << CountsOf(*result) << ", SHA-256 "
              << (*result)["sha256"].AsString() << '\n';
  return 0;
}

int RestoreStorage(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const StoragePlace place = ReadStoragePlace(line.to);
  const Result<StorageEntry> entry = FindStorage(options, place);
  if (!entry.ok()) {
    return console.Fail(entry.status());
  }
  // No server may begin to use what is being filled.
  DataLock lock;
  if (Status status = place.plugin.empty() ? lock.Take(entry->host.data_dir) : Status(); !status.ok()) {
    return console.Fail(status);
  }
  const std::string file = std::filesystem::absolute(line.operands.at(0)).string();
  const Result<Json> result = MaintainAt(options, place, JsonObject()("do", "load")("file", file).Take(), console);
  if (!result.ok()) {
    return console.Fail(result.status());
  }
  console.out << "restored into " << entry->shown << ", and compared row by row: " << CountsOf(*result) << '\n';
  return 0;
}

int CheckStorage(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const StoragePlace place = ReadStoragePlace(line.from);
  const Result<Json> checked = MaintainAt(options, place, JsonObject()("do", "check").Take(), console);
  if (!checked.ok()) {
    return console.Fail(checked.status());
  }
  std::size_t findings = 0;
  (*checked)["findings"].ForEach([&](JsonView finding) {
    console.out << finding.AsString() << '\n';
    ++findings;
  });
  if (findings > 0) {
    return 1;
  }
  console.out << "whole: " << CountsOf(*checked) << " in " << (*checked)["streams"].AsInt() << " streams\n";
  if (line.against.empty()) {
    return 0;
  }
  const std::string file = std::filesystem::absolute(line.against).string();
  const Result<Json> compared = MaintainAt(options, place, JsonObject()("do", "compare")("file", file).Take(), console);
  if (!compared.ok()) {
    return console.Fail(compared.status());
  }
  console.out << "equal to " << line.against << ", row by row\n";
  return 0;
}

}  // namespace tutti::host
