#include "budget_view.h"

#include "tutti/sdk/execute.hpp"

namespace tutti::budget {
namespace {

constexpr std::int64_t kRaises = 100;

std::string ScopeRow(JsonView row, const Gatekeeper& gatekeeper) {
  const ScopeKind kind = FindScopeKind(row["kind"].AsString()).value_or(ScopeKind::kServer);
  const Scope scope{kind, std::string(row["id"].AsString())};
  JsonObject object;
  object("scope", NameOf(kind))("scope_id", scope.id)("day", row["day"].AsString());
  object.Raw("spent", AmountsOf(row).ToJson(true)).Raw("reserved", gatekeeper.Reserved(scope).ToJson(false));
  return object("updated_at", row["updated_at"].AsString()).Take();
}

std::string RaiseRow(JsonView row) {
  const Resource resource = FindResource(row["resource"].AsString()).value_or(Resource::kModelCalls);
  return JsonObject()("id", row["id"].AsString())("limit", row["limit_id"].AsString())("scope", row["kind"].AsString())(
             "scope_id", row["scope_id"].AsString())
      .OrNull("day", row["day"].AsString())("resource", NameOf(resource))
      .Raw("amount", ToNumber(resource, row["amount"].AsInt()))
      .OrNull("by", row["raised_by"].AsString())("at", row["at"].AsString())
      .Take();
}

}  // namespace

Task<Result<std::string>> ViewBudgets(Host host, Gatekeeper& gatekeeper, JsonView args, Call call) {
  const std::string kind(args["scope"].AsString());
  const std::string id(args["scope_id"].AsString());
  const std::optional<ScopeKind> named = FindScopeKind(kind);
  const bool is_one = named && (!id.empty() || *named == ScopeKind::kServer);
  const std::string today = gatekeeper.Today();
  Batch batch;
  batch.Add(ListSpent(is_one ? "" : today, kind, id, args["limit"].AsInt(100)));
  batch.Add(ListRaises(id, kRaises));
  const Result<StoreReply> found = co_await Execute(host, call.id(), batch.Take());
  if (!found.ok()) {
    co_return found.status();
  }
  const Result<Json> rows = Json::Parse(found->Rows(0));
  const Result<Json> raises = Json::Parse(found->Rows(1));
  if (!rows.ok() || !raises.ok()) {
    co_return rows.ok() ? raises.status() : rows.status();
  }
  JsonWriter scopes;
  scopes.BeginArray();
  rows->view().ForEach([&](JsonView row) { scopes.Raw(ScopeRow(row, gatekeeper)); });
  JsonWriter raised;
  raised.BeginArray();
  raises->view().ForEach([&](JsonView row) { raised.Raw(RaiseRow(row)); });
  JsonObject answer;
  answer("day", today).Raw("limits", gatekeeper.limits().ToJson()).Raw("scopes", scopes.EndArray().Take());
  if (is_one) {
    const std::vector<BookKey> keys = {{{*named, id}, ""}};
    const Result<StoreReply> total = co_await Execute(host, call.id(), BooksBatch(keys, {}));
    if (!total.ok()) {
      co_return total.status();
    }
    answer.Raw("total", ReadBooks(keys, *total).spent[keys.front()].ToJson(true));
  }
  co_return answer.Raw("raises", raised.EndArray().Take()).Take();
}

}  // namespace tutti::budget
