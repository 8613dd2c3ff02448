#include "housekeeper.h"

#include "agent_data.h"
#include "archiver.h"
#include "integrity.h"
#include "names.h"

namespace tutti::storage {
namespace {

const std::vector<std::string> kVerbs = {"archive", "load", "compare", "check", "export", "erase"};

Result<std::string> NeedText(JsonView request, const char* member) {
  const std::string_view text = request[member].AsString();
  return text.empty() ? Result<std::string>(Status::InvalidArgument(
                            "maintain: " + std::string(request["do"].AsString()) + " needs `" + member + "`"))
                      : Result<std::string>(std::string(text));
}

Result<std::string> KeepArchive(Driver& driver, JsonView request, const HouseAsker& asker) {
  auto file = NeedText(request, "file");
  if (!file.ok()) {
    return file.status();
  }
  const std::string_view verb = request["do"].AsString();
  auto summary = verb == "load"      ? LoadArchive(driver, *file, asker)
                 : verb == "compare" ? CompareArchive(driver, *file, asker)
                                     : WriteArchive(driver, *file, request["by"].AsString(), asker);
  return summary.ok() ? Result<std::string>(summary->ToJson()) : summary.status();
}

Result<std::string> KeepAgent(Driver& driver, JsonView request, const HouseAsker& asker) {
  auto agent = NeedText(request, "agent");
  if (!agent.ok()) {
    return agent.status();
  }
  if (request["do"].AsString() == "export") {
    return ExportAgent(driver, *agent, {std::string(request["file"].AsString()), kMostExported}, asker);
  }
  AgentErasure erasure;
  erasure.note_table = request["note"]["table"].AsString();
  erasure.note_row = request["note"]["row"] ? request["note"]["row"].Dump() : "";
  erasure.compact = request["compact"].AsBool();
  return EraseAgent(driver, *agent, erasure, asker);
}

}  // namespace

Result<std::string> KeepHouse(Driver& driver, std::string_view request, const HouseAsker& asker) {
  auto json = Json::Parse(request);
  if (!json.ok()) {
    return json.status();
  }
  const std::string verb((*json)["do"].AsString());
  if (verb == "archive" || verb == "load" || verb == "compare") {
    return KeepArchive(driver, json->view(), asker);
  }
  if (verb == "check") {
    return CheckIntegrity(driver, asker);
  }
  if (verb == "export" || verb == "erase") {
    return KeepAgent(driver, json->view(), asker);
  }
  return Status::InvalidArgument("maintain: unknown request '" + verb + "'" + Hint(verb, kVerbs) +
                                 "; expected archive, load, compare, check, export or erase");
}

}  // namespace tutti::storage
