// The way to the template plugins: asks them in the order in which they win, and puts their answers together.
//
// Threads: any.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/routes.h"
#include "host/dispatch/template_merge.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

class Templates {
 public:
  struct Settings {
    std::chrono::milliseconds timeout{5000};  // for each plugin that is asked
    std::size_t most = 1000;                  // templates that one plugin may list
  };

  Templates(Executor& executor, CallTable& calls, Routes& routes, Settings settings)
      : executor_(executor), calls_(calls), routes_(routes), changeover_(executor, routes), settings_(settings) {}

  // {"templates", "failed"} of tutti/abi/template.h. A plugin that fails or takes too long is in `failed`, the others
  // go on. CANCELLED when `parent` was cancelled meanwhile.
  Task<Result<std::string>> List(ContextPtr context, NodePtr parent, std::string_view starter);

  // One whole template. A plugin that has it but cannot read it ends the search with FAILED_PRECONDITION: a broken
  // template must not be replaced in silence by a weaker one of that name. A plugin that does not answer is passed
  // over, as in a list; when then nobody has it the failure is UNAVAILABLE, otherwise NOT_FOUND with the names there
  // are. `name` must outlive the task.
  Task<Result<std::string>> Get(std::string_view name, ContextPtr context, NodePtr parent, std::string_view starter);

 private:
  Task<TemplateMerge> Merge(ContextPtr context, NodePtr parent, std::string_view starter);
  // `name` nullptr: the list. A plugin that is replaced on the way answers in its new version, one that was switched
  // off has nothing: UNAVAILABLE. `table` keeps it.
  Task<Result<std::string>> Ask(RoutingTablePtr table, PluginInstance* plugin, const std::string_view* name,
                                ContextPtr context, NodePtr parent, std::string_view starter) const;

  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
  const Changeover changeover_;
  const Settings settings_;
};

}  // namespace tutti::host
