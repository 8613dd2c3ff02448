// The one path by which a command runs, whichever surface it was reached by:
// schema -> scope -> hooks -> confirm -> gate -> plugin -> hooks -> audit.
//
// Threads: any. The calling thread goes as far as it can without waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/hook_pipeline.h"
#include "host/dispatch/plugin_call.h"
#include "host/dispatch/routes.h"
#include "host/dispatch/store.h"
#include "host/dispatch/tool_calls.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

struct CommandCall {
  RoutingTablePtr routes;  // keeps `route` alive
  const CommandRoute* route = nullptr;
  std::string args;               // JSON object text; empty = {}
  ContextPtr context;             // caller, surface, run
  NodePtr parent;                 // empty for a client's request
  std::string_view starter;       // plugin that asks; empty for a client
  std::string tool_use_id;        // surface TOOL
  CallNode::EventSink on_event;   // may be empty
  tutti_call* started = nullptr;  // set before anything runs; may be nullptr
};

class Dispatcher {
 public:
  struct Settings {
    std::int64_t timeout_ms = 600000;  // of commands that declare none
    bool audit = true;                 // a row for every command that is not a read
  };

  using Done = std::function<void(Result<std::string>)>;

  Dispatcher(Executor& executor, CallTable& calls, Routes& routes, HookPipeline& hooks, Store& store,
             Settings settings);

  // Runs the command. `done` gets its result exactly once: on this thread before Run returns, or later on a worker.
  // The node stands for the whole command: cancelling it stops whatever part is running. It is nullptr when the command
  // has ended already.
  NodePtr Run(CommandCall call, Done done);

  // The tool calls that are under way.
  [[nodiscard]] ToolCalls& tool_calls() { return tool_calls_; }

  // Gives every route of a new table its compiled schema, that of the table `before` (nullptr: none) where it is the
  // same: a table is made for every plugin that starts. Problems name the command.
  static void Prepare(RoutingTable& table, const RoutingTable* before, std::vector<std::string>& problems);

 private:
  Task<Result<std::string>> RunPath(const CommandCall& call, NodePtr node);
  Task<Result<std::string>> RunTool(const CommandCall& call, NodePtr node);
  Task<Result<std::string>> RunOther(const CommandCall& call, NodePtr node);
  Task<Result<std::string>> CallPlugin(const CommandCall& call, NodePtr node, std::string_view args);
  PluginCallSpec SpecOf(const CommandRoute& route, const CommandCall& call, NodePtr node, std::string_view args) const;
  void Audit(const CommandCall& call, const Result<std::string>& result, std::int64_t micros);

  Executor& executor_;
  CallTable& calls_;
  const Changeover changeover_;
  HookPipeline& hooks_;
  Store& store_;
  const Settings settings_;
  ToolCalls tool_calls_;
};

}  // namespace tutti::host
