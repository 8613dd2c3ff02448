#include "model_table.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

ModelTable::ModelTable()
    : families_{
          {"claude-opus-5-5", 1'000'000, 128'000},
          {"claude-fable-5-2", 1'000'000, 128'000},
          {"claude-sonnet-5-5", 1'000'000, 128'000},
          {"claude-haiku-5-5", 1'000'000, 128'000},
          {"claude-opus-4-8", 1'000'000, 64'000},
          {"claude-opus-4-5", 200'000, 32'000},
          {"claude-sonnet-4-5", 200'000, 32'000},
          {"claude-haiku-4-5", 200'000, 32'000},
      },
      aliases_{{"sonnet", "claude-sonnet-4-5-20250929"},
               {"haiku", "claude-haiku-4-5-20251001"},
               {"fast", "claude-haiku-4-5-20251001"},
               {"opus", "claude-opus-4-5"}} {}

Status ModelTable::Configure(const JsonView& families, const JsonView& aliases) {
  for (std::size_t i = 0; i < families.size(); ++i) {
    const JsonView json = families[i];
    ModelFamily family{std::string(json["id"].AsString()), json["context_tokens"].AsInt(200'000),
                       json["max_output_tokens"].AsInt(8192)};
    if (family.id.empty() || family.max_output_tokens <= 0) {
      return Status::InvalidArgument(
          "expected each entry of `models` to have an `id` and, when given, a positive "
          "`max_output_tokens`, found " +
          json.Dump());
    }
    std::erase_if(families_, [&](const ModelFamily& known) { return known.id == family.id; });
    families_.push_back(std::move(family));
  }
  aliases.ForEachMember(
      [&](std::string_view name, JsonView id) { aliases_[Lower(name)] = std::string(id.AsString()); });
  return {};
}

std::string ModelTable::Resolve(std::string_view name) const {
  const auto found = aliases_.find(Lower(name));
  return found == aliases_.end() ? std::string(name) : found->second;
}

const ModelFamily* ModelTable::Find(std::string_view id) const {
  const ModelFamily* best = nullptr;
  for (const auto& family : families_) {
    const bool fits = id == family.id || (id.starts_with(family.id) && id[family.id.size()] == '-');
    if (fits && (best == nullptr || family.id.size() > best->id.size())) {
      best = &family;
    }
  }
  return best;
}

std::string ModelTable::ToJson(std::string_view default_model) const {
  JsonWriter models;
  models.BeginArray();
  for (const auto& family : families_) {
    std::string id = family.id;
    std::vector<std::string> names;
    for (const auto& [alias, target] : aliases_) {
      if (Find(target) == &family) {
        names.push_back(alias);
        id = target;
      }
    }
    if (id != family.id) {
      names.push_back(family.id);
    }
    JsonWriter aliases;
    aliases.BeginArray();
    for (const auto& name : names) {
      aliases.Value(name);
    }
    aliases.EndArray();
    models.Raw(JsonObject()("id", id)
                   .Raw("aliases", aliases.view())("context_tokens", family.context_tokens)(
                       "max_output_tokens", family.max_output_tokens)("prices", nullptr)
                   .Take());
  }
  models.EndArray();
  return JsonObject()("default", default_model).Raw("models", models.view()).Take();
}

}  // namespace tutti::anthropic
