#include "agent_search.h"

#include <vector>

#include "tutti/sdk/execute.hpp"

namespace tutti::orchestrator {

Task<Result<Agent>> FindLiveAgent(Host host, tutti_call parent, std::string orchestrator, std::string name) {
  std::string batch = Batch().Add(FindAgent(orchestrator, name)).Take();
  const Result<StoreReply> reply = co_await Execute(host, parent, std::move(batch));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const std::vector<Agent> agents = Agent::FromRows(reply->Rows(0));
  if (agents.empty()) {
    co_return Status::NotFound("there is no agent named '" + name + "'; `/agents` lists them");
  }
  co_return agents.front();
}

}  // namespace tutti::orchestrator
