// What the loop needs of the host for one run.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/host.hpp"

namespace tutti::loop {

// Threads: called from one thread at a time, except Emit, which the model's events call from another.
class Services {
 public:
  virtual ~Services() = default;

  // The shapes are those of tutti/abi/model.h and tutti/abi/hook.h.
  virtual Pending Complete(std::string request) = 0;
  virtual Pending Fire(std::string entries) = 0;

  // `allowed` is a JSON array of the names this run may use.
  virtual Pending InvokeTool(std::string name, std::string input, std::string tool_use_id, std::string allowed) = 0;

  // Dropped when the receiver is full.
  virtual void Emit(std::string_view event) = 0;

  // For the operator; `error` is why.
  virtual void Warn(std::string_view message, const Status& error) = 0;

  // Whether the run was interrupted.
  virtual bool cancelled() = 0;
};

}  // namespace tutti::loop
