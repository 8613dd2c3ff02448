#include "command_catalog.h"

#include <utility>

#include "texts_json.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown_commands {
namespace {

std::string ToJson(const CatalogedCommand& command) {
  const CommandFile& file = command.file;
  JsonObject object;
  object("name", command.name)("description", file.description)("arguments", file.argument_hint)("model", file.model);
  object.Raw("allowed_tools", documents::TextsJson(file.allowed_tools));
  object("disable_model_invocation", file.disable_model_invocation)("user_invocable", file.is_user_invocable);
  object("when_to_use", file.when_to_use).Raw("ignored", documents::TextsJson(file.ignored));
  return object("source", command.source)("path", command.path).OrNull("error", file.error).Take();
}

}  // namespace

CommandCatalog CommandCatalog::Make(const std::vector<Document>& documents,
                                    const std::vector<documents::DocumentRoot>& roots) {
  CommandCatalog catalog;
  for (const Document& document : documents) {
    std::string name = CommandName(document.place->relative);
    catalog.by_name_.try_emplace(name, CatalogedCommand{name, *document.parsed, CleanUtf8(document.place->path),
                                                        roots[document.place->root].source()});
  }
  catalog.MakeList();
  return catalog;
}

Result<const CatalogedCommand*> CommandCatalog::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    return &found->second;
  }
  std::vector<std::string> names;
  for (const auto& [known, command] : by_name_) {
    names.push_back(known);
  }
  return Status::NotFound("there is no command /" + CleanUtf8(Utf8Prefix(name, 100)) + DidYouMean(name, names));
}

void CommandCatalog::MakeList() {
  JsonWriter writer;
  writer.BeginObject().Key("commands").BeginArray();
  for (const auto& [name, command] : by_name_) {
    writer.Raw(ToJson(command));
  }
  list_ = writer.EndArray().EndObject().Take();
}

}  // namespace tutti::markdown_commands
