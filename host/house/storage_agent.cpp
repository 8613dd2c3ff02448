// `tutti storage export-agent` and `erase-agent`.
#include <pwd.h>
#include <unistd.h>

#include <cctype>
#include <ostream>

#include "host/cli/running_host.h"
#include "host/dispatch/house.h"
#include "host/house/storage_commands.h"
#include "host/house/whole_file.h"
#include "host/server/data_lock.h"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

std::string UserName() {
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? "user " + std::to_string(::geteuid()) : user->pw_name;
}

// As part of a path.
std::string Escaped(const std::string& text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

void Tell(const Json& result, const std::string& what, const Console& console) {
  console.out << what << ' ' << result["agent"].AsString() << ": " << result["rows"].AsInt() << " rows and "
              << result["events"].AsInt() << " events";
  result["tables"].ForEachMember(
      [&](std::string_view table, JsonView count) { console.out << ", " << count.AsInt() << " of " << table; });
  console.out << '\n';
  if (const std::string_view left = result["left"].AsString(); !left.empty()) {
    console.out << "note: " << left << '\n';
  }
}

// Nobody else uses the database: the erasure may take the time to write it anew.
Result<Json> EraseAlone(const LoadOptions& options, const std::string& agent, const Console& console) {
  CallContext context;
  context.principal = UserName();
  context.trace = NewUuid();
  JsonObject request;
  request("do", "erase")("agent", agent)("compact", true).Raw("note", ErasureNote(context, "command line", agent));
  return MaintainAt(options, {}, request.Take(), console);
}

}  // namespace

int ExportAgentData(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const std::string& agent = line.operands.at(0);
  WholeFile file;
  if (Status status = file.Begin(line.operands.at(1)); !status.ok()) {
    return console.Fail(status);
  }
  const Result<Json> result =
      MaintainAt(options, ReadStoragePlace(line.from),
                 JsonObject()("do", "export")("agent", agent)("file", file.writing()).Take(), console);
  if (!result.ok()) {
    return console.Fail(result.status());
  }
  if (Status status = file.Finish(); !status.ok()) {
    return console.Fail(status);
  }
  Tell(*result, "wrote to " + line.operands.at(1) + " what agent left behind:", console);
  return 0;
}

int EraseAgentData(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const std::string& agent = line.operands.at(0);
  const Result<StorageEntry> entry = FindStorage(options, {});
  if (!entry.ok()) {
    return console.Fail(entry.status());
  }
  if (!line.yes && !console.Confirm("Erase everything stored of agent " + agent + "? There is no way back.")) {
    return console.Fail(Status::Cancelled("nothing was erased; --yes erases without being asked"));
  }
  const Result<std::optional<RunningHost>> host = RunningHost::Find(entry->host.data_dir);
  if (!host.ok()) {
    return console.Fail(host.status());
  }
  DataLock lock;
  if (Status status = host->has_value() ? Status() : lock.Take(entry->host.data_dir); !status.ok()) {
    return console.Fail(status);
  }
  const Result<Json> result = host->has_value() ? (*host)->Ask("DELETE", "/v1/agents/" + Escaped(agent) + "/data", "",
                                                               "agents.erase", "tutti.commands.house")
                                                : EraseAlone(options, agent, console);
  if (!result.ok()) {
    return console.Fail(result.status());
  }
  Tell(*result, "erased of agent", console);
  return 0;
}

}  // namespace tutti::host
