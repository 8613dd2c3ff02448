#include "host/gateway/rest_surface.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "host/dispatch/approver.h"
#include "host/gateway/client_connection.h"
#include "host/gateway/json_depth.h"
#include "host/gateway/raw_answer.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

std::string Joined(const std::vector<std::string>& methods) {
  std::string text;
  for (const std::string& method : methods) {
    text += (text.empty() ? "" : ", ") + method;
    if (method == "GET") {
      text += ", HEAD";
    }
  }
  return text;
}

void RespondWrongMethod(const Exchange& exchange, const std::vector<std::string>& allowed) {
  const std::string allow = Joined(allowed);
  Respond(exchange, 405, kJson, R"({"detail":"Method Not Allowed"})", {"Allow", allow});
}

// Where a path with a trailing slash is meant to go; empty when that would be another server ("//example.org/").
std::string WithoutTrailingSlash(const Request& request) {
  std::string_view path = request.path();
  while (path.size() > 1 && path.back() == '/') {
    path.remove_suffix(1);
  }
  if (path.size() > 1 && (path[1] == '/' || path[1] == '\\')) {
    return {};
  }
  std::string target(path);
  if (!request.query().empty()) {
    target.append("?").append(request.query());
  }
  return target;
}

bool TakesBody(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// false: answered with 415.
bool HasAcceptedBody(const Exchange& exchange, const Request& request, ErrorBody form) {
  if (request.body().empty()) {
    return true;
  }
  const std::string_view type = request.Header("content-type");
  if (IsJsonContentType(type)) {
    return true;
  }
  RespondFault(exchange, 415, form,
               "expected the body's Content-Type to be application/json, found " +
                   (type.empty() ? std::string("none") : "'" + CleanBody(type) + "'"));
  return false;
}

}  // namespace

// How the end of a command becomes an answer.
struct RestSurface::Answer {
  Exchange exchange;
  ErrorBody form = ErrorBody::kProblem;
  int status = 200;
  std::string_view location;  // static text
  bool is_raw = false;
  bool is_head = false;                       // of event streams
  std::shared_ptr<ServerSentSurface> events;  // who goes on with the answer; empty: nobody
  std::string if_none_match;                  // of raw answers
  std::atomic<bool> is_done{false};

  void Write(const Result<std::string>& result) const {
    if (!result.ok()) {
      WriteFailure(result.status());
    } else if (events != nullptr) {
      events->Open(exchange, *result, is_head, form);
    } else if (is_raw) {
      WriteRaw(*result);
    } else if (status == 204) {
      Respond(exchange, 204, {}, {});
    } else {
      Respond(exchange, static_cast<std::uint32_t>(status), kJson,
              result->empty() ? std::string_view("null") : *result);
    }
  }

  void WriteFailure(const Status& failure) const {
    const std::string approval(PendingApproval(failure));
    if (approval.empty()) {
      RespondStatus(exchange, failure, form, location);
      return;
    }
    // Accepted: it runs when a person has allowed it.
    const Result<Json> row = Json::Parse(approval);
    const std::string id(row.ok() ? (*row)["id"].AsString() : std::string_view());
    const std::string where = "/v1/approvals/" + id;
    Respond(exchange, 202, kJson,
            JsonObject()("approval", id)("status", "pending")("detail", failure.message())(
                "expires_at", row.ok() ? (*row)["expires_at"].AsString() : std::string_view())
                .Take(),
            {"Location", where});
  }

  void WriteRaw(const std::string& result) const {
    const Result<RawAnswer> raw = RawAnswer::Parse(result);
    if (!raw.ok()) {
      RespondStatus(exchange, raw.status(), form, location);
    } else {
      raw->Send(exchange, static_cast<std::uint32_t>(status), if_none_match);
    }
  }
};

bool RestSurface::IsPublic(const Request& request) const {
  if (IsPublicPath(request.path())) {
    return true;
  }
  const RoutingTablePtr table = services_.routes.Get();
  const RestMatch match = table->FindRest(request.method(), request.path());
  return match.target.binding != nullptr && match.target.binding->is_public;
}

void RestSurface::OnRequest(Admitted admitted, const Request& request) {
  const std::string_view path = request.path();
  if (path.size() > 1 && path.back() == '/') {
    const std::string location = WithoutTrailingSlash(request);
    if (!location.empty()) {
      Respond(admitted.exchange, 307, {}, {}, {"Location", location});
      return;
    }
  }
  const RoutingTablePtr table = services_.routes.Get();
  RestMatch match = table->FindRest(request.method(), path);
  bool is_decoded = false;
  std::string decoded;
  if (match.target.route == nullptr && match.allowed.empty() && path.find('%') != std::string_view::npos) {
    decoded = PercentDecode(path);
    match = table->FindRest(request.method(), decoded);
    is_decoded = true;
  }
  // The table may have changed since the request was admitted.
  const bool is_public = match.target.binding != nullptr ? match.target.binding->is_public : IsPublicPath(path);
  if (admitted.is_anonymous && !is_public) {
    RespondUnauthenticated(admitted.exchange);
    return;
  }
  if (match.target.route != nullptr) {
    RunRoute(std::move(admitted), request, table, match, is_decoded);
    return;
  }
  if (!match.allowed.empty()) {
    RespondWrongMethod(admitted.exchange, match.allowed);
    return;
  }
  const BuiltinRoute builtin = FindBuiltinRoute(path);
  if (builtin == BuiltinRoute::kNone) {
    Respond(admitted.exchange, 404, kJson, R"({"detail":"Not Found"})");
    return;
  }
  const std::string_view method = request.method() == "HEAD" ? "GET" : request.method();
  if (method != MethodOf(builtin)) {
    RespondWrongMethod(admitted.exchange, {std::string(MethodOf(builtin))});
    return;
  }
  AnswerBuiltin(std::move(admitted), request, builtin, table);
}

void RestSurface::RunRoute(Admitted admitted, const Request& request, const RoutingTablePtr& table,
                           const RestMatch& match, bool is_decoded) {
  const CommandRoute& route = *match.target.route;
  const RestBinding& binding = *match.target.binding;
  PathCaptures captures = match.captures;
  if (!is_decoded) {
    for (auto& [name, text] : captures) {
      text = PercentDecode(text);
    }
  }
  if (const std::string_view last = request.Header("last-event-id"); binding.is_events && !last.empty()) {
    captures.emplace_back("since", last);
  }
  const bool takes_body = TakesBody(binding.method);
  Result<std::string> args = std::string();
  if (takes_body) {
    if (!HasAcceptedBody(admitted.exchange, request, binding.errors)) {
      return;
    }
    args = CleanBody(request.body());
  }
  if (takes_body && !captures.empty()) {
    args = BodyArguments(services_.index->Of(table)->TypesOf(route), captures, *args);
  } else if (!takes_body && !(captures.empty() && request.query().empty())) {
    args = QueryArguments(services_.index->Of(table)->TypesOf(route), captures, request.query(),
                          binding.errors == ErrorBody::kProblem);
  }
  if (!args.ok()) {
    RespondStatus(admitted.exchange, args.status(), binding.errors, {});
    return;
  }
  auto answer = std::make_unique<Answer>();
  answer->form = binding.errors;
  answer->status = binding.status;
  answer->location = takes_body ? "body" : "query";
  answer->is_raw = binding.is_raw;
  if (binding.is_events) {
    answer->events = services_.events;
    answer->is_head = request.method() == "HEAD";
  }
  if (binding.is_raw) {
    answer->if_none_match = request.Header("if-none-match");
  }
  Run(std::move(admitted), table, route, std::move(*args), TUTTI_SURFACE_REST, std::move(answer));
}

void RestSurface::Run(Admitted admitted, const RoutingTablePtr& table, const CommandRoute& route, std::string args,
                      std::uint32_t surface, std::unique_ptr<Answer> owned) {
  const std::shared_ptr<Answer> answer = std::move(owned);
  answer->exchange = std::move(admitted.exchange);
  if (const Status status = CheckJsonDepth(args); !status.ok()) {
    RespondStatus(answer->exchange, status, answer->form, answer->location);
    return;
  }
  const ConnectionKey key{answer->exchange.transport, answer->exchange.id};
  CommandCall call;
  call.routes = table;
  call.route = &route;
  call.args = std::move(args);
  call.context = ClientContext(admitted.principal, surface);
  const bool is_read = route.definition.effects == Effects::kRead;
  NodePtr node = services_.dispatcher.Run(
      std::move(call), [self = shared_from_this(), answer, key, is_read](const Result<std::string>& result) {
        answer->Write(result);
        answer->is_done.store(true);
        if (is_read) {
          self->pending_.Forget(key);
        }
      });
  if (is_read && node != nullptr && !answer->is_done.load()) {
    pending_.Track(key, std::move(node), answer->is_done);
  }
}

void RestSurface::AnswerBuiltin(Admitted admitted, const Request& request, BuiltinRoute route,
                                const RoutingTablePtr& table) {
  const Exchange& exchange = admitted.exchange;
  switch (route) {
    case BuiltinRoute::kHealth:
      Respond(exchange, 200, kJson, HealthBody(services_.connections()));
      return;
    case BuiltinRoute::kReady: {
      bool is_ready = false;
      const std::string body = ReadyBody(services_.dependencies(), is_ready);
      Respond(exchange, is_ready ? 200 : 503, kJson, body);
      return;
    }
    case BuiltinRoute::kMetrics:
      Respond(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", services_.metrics());
      return;
    case BuiltinRoute::kOpenApi:
      Respond(exchange, 200, kJson, services_.index->Of(table)->OpenApi(services_.description));
      return;
    case BuiltinRoute::kCommands:
      Respond(exchange, 200, kJson, CommandList(*table));
      return;
    case BuiltinRoute::kSlash:
      RunSlash(std::move(admitted), request, table);
      return;
    case BuiltinRoute::kNone:
      return;
  }
}

void RestSurface::RunSlash(Admitted admitted, const Request& request, const RoutingTablePtr& table) {
  if (!HasAcceptedBody(admitted.exchange, request, ErrorBody::kProblem)) {
    return;
  }
  const Result<Json> body = Json::Parse(CleanBody(request.body()));
  if (!body.ok() || !(*body)["text"].is_string()) {
    RespondStatus(admitted.exchange,
                  Status::InvalidArgument("expected a JSON object {\"text\": \"/name words\"}, found something else"),
                  ErrorBody::kProblem, "body");
    return;
  }
  Result<SlashCall> slash = services_.index->Of(table)->slash().Parse((*body)["text"].AsString());
  if (!slash.ok()) {
    RespondStatus(admitted.exchange, slash.status(), ErrorBody::kProblem, {});
    return;
  }
  auto answer = std::make_unique<Answer>();
  answer->location = "text";
  Run(std::move(admitted), table, *slash->route, std::move(slash->args), TUTTI_SURFACE_SLASH, std::move(answer));
}

}  // namespace tutti::host
