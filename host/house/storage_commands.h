// The verbs of `tutti storage`. Each prints its result or a sentence and returns the exit code. [main]
#pragma once

#include "host/cli/command_line.h"
#include "host/cli/plugin_site.h"
#include "host/house/storage_tool.h"

namespace tutti::host {

int BackupStorage(const CommandLine& line, const LoadOptions& options, const Console& console);
int RestoreStorage(const CommandLine& line, const LoadOptions& options, const Console& console);
int CheckStorage(const CommandLine& line, const LoadOptions& options, const Console& console);
int CopyStorage(const CommandLine& line, const LoadOptions& options, const Console& console);
int ExportAgentData(const CommandLine& line, const LoadOptions& options, const Console& console);
int EraseAgentData(const CommandLine& line, const LoadOptions& options, const Console& console);

// Any of them, with this process's arguments, environment and standard streams. Before there are other threads.
int RunStorageVerb(const CommandLine& line);

// What the verbs share.

// Prints how far a request is: "runs.messages: 20000 rows".
StorageTool::OnEvent ProgressOf(const Console& console);

// Does one request at a place and returns its result.
Result<Json> MaintainAt(const LoadOptions& options, const StoragePlace& place, std::string request,
                        const Console& console);

// "12 tables with 3456 rows, 789 events".
std::string CountsOf(const Json& result);

}  // namespace tutti::host
