#include "run_selection.h"

#include "tutti/sdk/text.hpp"

namespace tutti::runs {

Result<RunSelection> RunSelection::Read(JsonView args) {
  RunSelection selection{std::string(args["run"].AsString()), std::string(args["agent"].AsString()),
                         std::string(args["tree"].AsString())};
  const int given = (selection.run.empty() ? 0 : 1) + (selection.agent.empty() ? 0 : 1) +
                    (selection.tree.empty() ? 0 : 1) + (args["all"].AsBool() ? 1 : 0);
  if (given != 1) {
    return Status::InvalidArgument(
        "runs.interrupt needs one of \"run\", \"agent\", \"tree\" (an agent, with all below it) and \"all\": true, "
        "found " +
        std::to_string(given));
  }
  if (!selection.run.empty() && !IsUuid(selection.run)) {
    return Status::InvalidArgument("a run's id is a UUID, found \"" + CleanUtf8(Utf8Prefix(selection.run, 60)) + "\"");
  }
  return selection;
}

bool RunSelection::Holds(const AcceptedRun& candidate) const {
  if (!run.empty()) {
    return candidate.run == run;
  }
  if (!agent.empty()) {
    return candidate.agent == agent;
  }
  return tree.empty() || candidate.agent == tree || candidate.tree.find("/" + tree + "/") != std::string::npos;
}

std::string RunSelection::Filter() const {
  JsonObject filter;
  filter.Raw("status", R"({"in":["queued","running","waiting"]})");
  if (!run.empty()) {
    filter("id", run);
  } else if (!agent.empty()) {
    filter("agent", agent);
  } else if (!tree.empty()) {
    const std::string below = JsonObject().Raw("tree", JsonObject()("contains", "/" + tree + "/").Take()).Take();
    filter.Raw("or", "[" + JsonObject()("agent", tree).Take() + "," + below + "]");
  }
  return filter.Take();
}

}  // namespace tutti::runs
