#include "host/lifecycle/admin_desk.h"

#include <memory>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

namespace {

constexpr std::int64_t kMaxDrainMs = 3600000;

Result<Drain> DrainOf(JsonView operation, const NodePtr& caller) {
  Drain drain;
  drain.caller = caller;
  const std::string_view policy = operation["drain"].AsString("finish");
  if (policy != "finish" && policy != "cancel") {
    return Status::InvalidArgument("expected drain to be finish or cancel, found '" + std::string(policy) + "'");
  }
  drain.cancel = policy == "cancel";
  if (operation["drain_ms"]) {
    const std::int64_t limit = operation["drain_ms"].AsInt(-1);
    if (limit < 0 || limit > kMaxDrainMs) {
      return Status::InvalidArgument("expected drain_ms from 0 to " + std::to_string(kMaxDrainMs) + ", found " +
                                     operation["drain_ms"].Dump());
    }
    drain.limit = std::chrono::milliseconds(limit);
  }
  return drain;
}

Result<std::string> ToJson(const Result<ChangeReport>& report) {
  return report.ok() ? Result<std::string>(report->ToJson()) : Result<std::string>(report.status());
}

std::string ToJson(const std::vector<PluginView>& views) {
  JsonWriter writer;
  writer.BeginObject().Key("plugins").BeginArray();
  for (const PluginView& view : views) {
    writer.Raw(view.ToJson());
  }
  return writer.EndArray().EndObject().Take();
}

}  // namespace

void AdminDesk::Manage(std::string operation, NodePtr caller, Done done) {
  auto shared = std::make_shared<Done>(std::move(done));
  const Status posted =
      loop_.Post([this, operation = std::move(operation), caller = std::move(caller), shared](bool is_stopping) {
        (*shared)(is_stopping ? Result<std::string>(Status::Unavailable("the server is stopping"))
                              : Run(operation, caller));
      });
  if (!posted.ok()) {
    (*shared)(posted);
  }
}

Result<std::string> AdminDesk::Run(const std::string& operation, const NodePtr& caller) {
  const Result<Json> parsed = Json::Parse(operation);
  if (!parsed.ok() || !parsed->view().is_object()) {
    return Status::InvalidArgument("expected an operation {\"do\": ...}, found something else");
  }
  const JsonView json = parsed->view();
  const std::string what(json["do"].AsString());
  const std::string id(json["id"].AsString());
  const Result<Drain> drain = DrainOf(json, caller);
  if (!drain.ok()) {
    return drain.status();
  }
  if (what == "list") {
    return ToJson(manager_.List());
  }
  if (what == "apply") {
    return manager_.Apply(*drain).ToJson();
  }
  const std::vector<std::string> known = {"list", "info", "enable", "disable", "reload", "apply"};
  if (what != "info" && what != "enable" && what != "disable" && what != "reload") {
    return Status::InvalidArgument("expected do to be list, info, enable, disable, reload or apply, found '" + what +
                                   "'" + DidYouMean(what, known));
  }
  // A name that is not there is the commonest mistake: it gets the nearest one.
  const Result<PluginView> view = manager_.Info(id);
  if (!view.ok() || what == "info") {
    return view.ok() ? Result<std::string>(view->ToJson()) : Result<std::string>(view.status());
  }
  return ToJson(what == "enable"    ? manager_.Enable(id, *drain)
                : what == "disable" ? manager_.Disable(id, *drain)
                                    : manager_.Reload(id, *drain));
}

}  // namespace tutti::host
