// CommandCatalog: all commands of some directories, by name. Of two of one name the one of the earlier directory
// counts.
//
// Immutable; any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command_file.h"
#include "document_store.h"
#include "tutti/sdk/status.hpp"

namespace tutti::markdown_commands {

struct CatalogedCommand {
  std::string name;
  CommandFile file;
  std::string path, source;
};

class CommandCatalog {
 public:
  using Document = documents::DocumentStore<CommandFile, CommandCatalog>::Document;

  static CommandCatalog Make(const std::vector<Document>& documents, const std::vector<documents::DocumentRoot>& roots);

  // The answer of slash.list: {"commands": [...]}, by name.
  [[nodiscard]] const std::string& List() const { return list_; }

  // NOT_FOUND with the nearest name. It lives as long as the catalog.
  [[nodiscard]] Result<const CatalogedCommand*> Find(std::string_view name) const;

 private:
  void MakeList();

  std::map<std::string, CatalogedCommand, std::less<>> by_name_;
  std::string list_;
};

}  // namespace tutti::markdown_commands
