// Routes: the console's HTTP endpoints and its WebSocket, as commands.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "chat.h"
#include "context.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Definitions (tutti/abi/command.h) of the commands that answer by a query.
struct RouteDefinition {
  const char* name;
  const char* json;
};

extern const std::array<RouteDefinition, 7> kRoutes;

// Definitions of the commands that answer at once.
extern const char* const kHealthRoute;
extern const char* const kHeadersRoute;
extern const char* const kConnectRoute;
extern const char* const kFollowRoute;

// Threads: any. `args` must outlive the Task.
class Routes {
 public:
  using Answer = Task<Result<std::string>>;

  Routes(Context& context, Chat& chat) : context_(context), chat_(chat) {}

  // `name` is one of kRoutes.
  Answer Invoke(std::string_view name, Call call, JsonView args);

  [[nodiscard]] std::string Health() const;
  [[nodiscard]] std::string Headers() const;
  [[nodiscard]] std::string Connect(JsonView args) const;
  [[nodiscard]] std::string Follow(JsonView args) const;

 private:
  Answer GetOrchestrator(Call call);
  Answer ListAgents(Call call);
  Answer LoadChat(Call call, JsonView args);
  Answer SendChat(Call call, JsonView args);
  Answer GetEvents(Call call, JsonView args);
  Answer ReadJournal(Call call, JsonView args);
  Answer ListAllTemplates(Call call);

  Context& context_;
  Chat& chat_;
};

}  // namespace tutti::orchestrator
