// Admitted HTTP requests: finds the route, gathers the arguments, runs the command, answers.
//
// Threads: any. Ownership: borrows everything in Services, which outlives the calls it starts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/dispatch/dispatcher.h"
#include "host/gateway/admission.h"
#include "host/gateway/builtin_routes.h"
#include "host/gateway/pending_exchanges.h"
#include "host/gateway/server_sent_surface.h"
#include "host/gateway/table_index.h"

namespace tutti::host {

class RestSurface : public std::enable_shared_from_this<RestSurface> {
 public:
  struct Services {
    Dispatcher& dispatcher;
    Routes& routes;
    CallTable& calls;
    std::shared_ptr<CurrentIndex> index;
    std::function<std::vector<Dependency>()> dependencies;
    std::function<std::string()> metrics;
    std::function<std::uint32_t()> connections;
    std::shared_ptr<ServerSentSurface> events;
    ApiDescription description;
  };

  explicit RestSurface(Services services) : services_(std::move(services)), pending_(services_.calls) {}

  // Answers now or later.
  void OnRequest(Admitted admitted, const Request& request);

  // Whether the route that the request goes to needs no token.
  [[nodiscard]] bool IsPublic(const Request& request) const;

  // The client has gone: a read for it is cancelled.
  void OnClose(const ConnectionKey& exchange) { pending_.Cancel(exchange); }

 private:
  struct Answer;

  void RunRoute(Admitted admitted, const Request& request, const RoutingTablePtr& table, const RestMatch& match,
                bool is_decoded);
  void AnswerBuiltin(Admitted admitted, const Request& request, BuiltinRoute route, const RoutingTablePtr& table);
  void RunSlash(Admitted admitted, const Request& request, const RoutingTablePtr& table);
  void Run(Admitted admitted, const RoutingTablePtr& table, const CommandRoute& route, std::string args,
           std::uint32_t surface, std::unique_ptr<Answer> answer);

  const Services services_;
  PendingExchanges pending_;
};

}  // namespace tutti::host
