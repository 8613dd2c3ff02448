#include "host/dispatch/templates.h"

#include <utility>
#include <vector>

#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

namespace {

std::vector<PluginInstance*> Sources(const RoutingTablePtr& table) {
  return table == nullptr ? std::vector<PluginInstance*>() : table->templates();
}

// The template, if the plugin answered with the one that was asked for and can be used.
Result<std::string> Read(const std::string& answer, std::string_view name, std::string_view plugin) {
  const Result<Json> json = Json::Parse(answer);
  if (!json.ok()) {
    return json.status();
  }
  if ((*json)["name"].AsString() != name) {
    return Status::InvalidArgument("expected the template '" + std::string(name) + "', found " +
                                   (*json)["name"].Dump());
  }
  if (const std::string_view error = (*json)["error"].AsString(); !error.empty()) {
    return Status::FailedPrecondition(std::string(error));
  }
  return TemplateWithPrompt(json->view(), plugin);
}

Status Unknown(std::string_view name, const std::vector<std::string>& names) {
  std::string message = "no template is named '" + std::string(name) + "'; ";
  message += names.empty() ? "there are none" : "there are " + JoinNames(names) + DidYouMean(name, names);
  return Status::NotFound(std::move(message));
}

Status Cancelled() {
  return Status::Cancelled("the call on whose behalf templates were asked for was cancelled");
}

}  // namespace

Task<Result<std::string>> Templates::List(ContextPtr context, NodePtr parent, std::string_view starter) {
  const TemplateMerge merge = co_await Merge(context, parent, starter);
  if (parent != nullptr && CallTable::cancelled(*parent)) {
    co_return Cancelled();
  }
  co_return merge.ToJson();
}

Task<Result<std::string>> Templates::Get(std::string_view name, ContextPtr context, NodePtr parent,
                                         std::string_view starter) {
  const RoutingTablePtr table = routes_.Get();
  std::string failures;
  for (PluginInstance* plugin : Sources(table)) {
    Result<std::string> answer = co_await Ask(table, plugin, &name, context, parent, starter);
    if (parent != nullptr && CallTable::cancelled(*parent)) {
      co_return Cancelled();
    }
    if (answer.ok()) {
      answer = Read(*answer, name, plugin->id());
    }
    if (answer.ok()) {
      co_return answer;
    }
    const Status status = answer.status();
    if (status.code() == Code::kFailedPrecondition) {
      co_return Status::FailedPrecondition("the template '" + std::string(name) + "' of " + std::string(plugin->id()) +
                                           " cannot be used: " + std::string(status.message()));
    }
    if (status.code() != Code::kNotFound) {
      failures += "; " + std::string(plugin->id()) + ": " + std::string(status.message());
    }
  }
  if (!failures.empty()) {
    co_return Status::Unavailable("no template named '" + std::string(name) +
                                  "' was found, but not every source answered" + failures);
  }
  const TemplateMerge merge = co_await Merge(context, parent, starter);
  co_return Unknown(name, merge.Names());
}

Task<TemplateMerge> Templates::Merge(ContextPtr context, NodePtr parent, std::string_view starter) {
  const RoutingTablePtr table = routes_.Get();
  TemplateMerge merge(settings_.most);
  for (PluginInstance* plugin : Sources(table)) {
    const Result<std::string> listed = co_await Ask(table, plugin, nullptr, context, parent, starter);
    merge.Add(plugin->id(), listed);
  }
  co_return merge;
}

Task<Result<std::string>> Templates::Ask(RoutingTablePtr table, PluginInstance* plugin, const std::string_view* name,
                                         ContextPtr context, NodePtr parent, std::string_view starter) const {
  while (true) {
    PluginCallSpec spec;
    spec.plugin = plugin;
    spec.context = context;
    spec.parent = parent;
    spec.starter = starter;
    spec.deadline_ms = NowMillis() + settings_.timeout.count();
    spec.grace_ms = 0;
    spec.on_worker = true;
    spec.operation = name == nullptr ? &operation::kTemplateList : &operation::kTemplateGet;
    spec.enter = [templates = plugin->templates(), is_list = name == nullptr,
                  text = std::string(name == nullptr ? std::string_view() : *name)](void* self,
                                                                                    const tutti_call_info& info) {
      if (is_list) {
        templates->list(self, &info);
      } else {
        templates->get(self, &info, Str(text));
      }
    };
    PluginCall call(executor_, calls_, std::move(spec));
    Result<std::string> result = co_await call;
    if (!call.is_refused()) {
      co_return result;
    }
    RoutingTablePtr next = co_await changeover_.Next(table, plugin);
    PluginInstance* const now = next == nullptr ? nullptr : next->FindPlugin(plugin->id());
    if (now == nullptr || now->templates() == nullptr) {
      co_return result;
    }
    plugin = now;
    table = std::move(next);
  }
}

}  // namespace tutti::host
