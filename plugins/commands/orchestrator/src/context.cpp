#include "context.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace tutti::orchestrator {
namespace {

struct Alias {
  std::string_view name;
  std::string_view model;
};

constexpr Alias kAliases[] = {
    {"sonnet", "claude-sonnet-4-5-20250929"},
    {"haiku", "claude-haiku-4-5-20251001"},
    {"fast", "claude-haiku-4-5-20251001"},
};

}  // namespace

Json LabelsOf(const Call& call) {
  Result<Json> labels = Json::Parse(call.labels().empty() ? std::string_view("{}") : call.labels());
  return labels.ok() ? *std::move(labels) : Json();
}

std::string PrincipalOf(const Call& call) {
  return call.principal().empty() ? std::string(LabelsOf(call)["principal"].AsString()) : call.principal();
}

std::string Context::ResolveModel(std::string_view requested, const std::string& fallback) const {
  std::string lower;
  std::transform(requested.begin(), requested.end(), std::back_inserter(lower),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Alias& alias : kAliases) {
    if (lower == alias.name) {
      return std::string(alias.model);
    }
  }
  if (!requested.empty()) {
    return std::string(requested);
  }
  if (!fallback.empty()) {
    return fallback;
  }
  const Result<Json> models = Json::Parse(host.Models());
  return models.ok() ? std::string((*models)["default"].AsString()) : std::string();
}

std::string Context::OrchestratorOf(const Call& call) const {
  return std::string(LabelsOf(call)["orchestrator"].AsString(session.id));
}

std::string Context::conversation() const {
  const std::lock_guard lock(mutex_);
  return conversation_;
}

void Context::BeginConversation(std::string conversation) {
  const std::lock_guard lock(mutex_);
  conversation_ = std::move(conversation);
}

}  // namespace tutti::orchestrator
