// ToolCalls: which tool calls of runs are under way, so that one of them can be stopped alone.
//
// Threads: any. Functions given to it are called without its lock.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/calls/call_table.h"

namespace tutti::host {

class ToolCalls {
 public:
  // A call that is under way, for as long as it lives.
  class Entry {
   public:
    Entry(ToolCalls& calls, std::string run, std::string tool_use_id, NodePtr node);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // Somebody wants this call to end, and not the run.
    [[nodiscard]] bool is_stopped() const;

   private:
    ToolCalls& calls_;
    std::pair<std::string, std::string> key_;
    bool is_first_ = false;  // the one that is found by its key
  };

  // Marks the call as stopped; `ended` is called when it is over. The caller cancels what it is given. nullptr: no such
  // call, and `ended` is not called.
  NodePtr Stop(std::string_view run, std::string_view tool_use_id, std::function<void()> ended);

 private:
  struct State {
    NodePtr node;
    bool is_stopped = false;
    std::vector<std::function<void()>> ended;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, State> running_;  // guarded by mutex_; by run and tool_use_id
};

}  // namespace tutti::host
