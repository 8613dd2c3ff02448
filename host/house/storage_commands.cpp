#include "host/house/storage_commands.h"

#include <ostream>

#include "host/cli/verb.h"

namespace tutti::host {
namespace {

Verb FindVerb(Subcommand subcommand) {
  switch (subcommand) {
    case Subcommand::kStorageBackup:
      return &BackupStorage;
    case Subcommand::kStorageRestore:
      return &RestoreStorage;
    case Subcommand::kStorageCheck:
      return &CheckStorage;
    case Subcommand::kStorageCopy:
      return &CopyStorage;
    case Subcommand::kStorageExportAgent:
      return &ExportAgentData;
    case Subcommand::kStorageEraseAgent:
      return &EraseAgentData;
    default:
      return nullptr;
  }
}

std::string Counted(std::int64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

StorageTool::OnEvent ProgressOf(const Console& console) {
  return [&console](const std::string& event) {
    if (const Result<Json> json = Json::Parse(event); json.ok()) {
      console.err << std::string((*json)["table"].AsString()) + ": " + Counted((*json)["rows"].AsInt(), "row", "rows") +
                         "\n"
                  << std::flush;
    }
  };
}

Result<Json> MaintainAt(const LoadOptions& options, const StoragePlace& place, std::string request,
                        const Console& console) {
  const Result<StorageEntry> entry = FindStorage(options, place);
  if (!entry.ok()) {
    return entry.status();
  }
  const Result<std::unique_ptr<StorageTool>> tool = StorageTool::Open(*entry);
  if (!tool.ok()) {
    return tool.status();
  }
  const Result<std::string> result = (*tool)->Maintain(std::move(request), ProgressOf(console));
  return result.ok() ? Json::Parse(*result) : Result<Json>(result.status());
}

std::string CountsOf(const Json& result) {
  return Counted(result["tables"].AsInt(), "table", "tables") + " with " +
         Counted(result["rows"].AsInt(), "row", "rows") + ", " + Counted(result["events"].AsInt(), "event", "events");
}

int RunStorageVerb(const CommandLine& line) {
  HoldInterrupts();
  return RunVerb(FindVerb(line.subcommand), line, ProcessConsole());
}

}  // namespace tutti::host
