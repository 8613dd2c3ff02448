// Calls to the plugins that hold the roles `model` and `runtime`.
//
// Threads: any.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/hook_pipeline.h"
#include "host/dispatch/plugin_call.h"
#include "host/dispatch/routes.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

class Agents {
 public:
  Agents(Executor& executor, CallTable& calls, Routes& routes, HookPipeline& hooks)
      : executor_(executor), calls_(calls), routes_(routes), changeover_(executor, routes), hooks_(hooks) {}

  // model.before, the completion, model.after or model.failed. `request` must outlive the task.
  Task<Result<std::string>> Complete(std::string_view request, ContextPtr context, NodePtr parent,
                                     std::string_view starter, CallNode::EventSink on_event);

  // A run. Its ids and labels, from `request`, become the context of every call below it.
  Task<Result<std::string>> StartRun(std::string_view request, ContextPtr context, NodePtr parent,
                                     std::string_view starter, CallNode::EventSink on_event);

  // What the active model plugin lists, with "plugin": its id; {"models":[]} when there is none.
  [[nodiscard]] std::string Models() const;

 private:
  Executor& executor_;
  CallTable& calls_;
  using Role = PluginInstance* (RoutingTable::*)() const;
  // What enters a plugin, as in PluginCallSpec.
  using Enter = std::function<std::function<void(void* self, const tutti_call_info& info)>(PluginInstance* plugin)>;

  // Calls who has the role, a newer one when it is exchanged on the way.
  Task<Result<std::string>> CallRole(Role role, const char* name, PluginCallSpec spec, Enter enter);

  // A call that passed or did not pass model.before came to nothing: every model.before is followed by one model.after
  // or one model.failed with its `call`.
  Task<void> TellFailure(const std::string& call, const std::string& model, Status status, ContextPtr context,
                         NodePtr parent, std::string_view starter);

  Routes& routes_;
  const Changeover changeover_;
  HookPipeline& hooks_;
};

}  // namespace tutti::host
