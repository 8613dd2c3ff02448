// TemplateCatalog: all templates of some directories, by name. Of two of one name the one of the earlier directory
// counts, and in one directory the first file.
//
// Immutable; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent_template.h"
#include "document_store.h"
#include "tutti/sdk/status.hpp"

namespace tutti::templates {

class TemplateCatalog {
 public:
  // A file that cannot be used goes by its name, or when that could not be read by its stem. It hides those of later
  // directories, so that a mistake in an override does not bring back what it overrides; in its own directory a file
  // that can be used is not hidden by a stem.
  template <typename Document>
  static TemplateCatalog Make(const std::vector<Document>& documents,
                              const std::vector<documents::DocumentRoot>& roots) {
    TemplateCatalog catalog;
    for (std::size_t root = 0; root < roots.size(); ++root) {
      catalog.directories_.push_back(roots[root].path());
      Root names;
      for (const Document& document : documents) {
        if (document.place->root == root) {
          catalog.Add(*document.place, *document.parsed, names);
        }
      }
      catalog.Merge(names);
    }
    catalog.MakeList();
    return catalog;
  }

  // {"templates": [...]} of tutti/abi/template.h.
  [[nodiscard]] const std::string& List() const { return list_; }

  // The whole TEMPLATE. NOT_FOUND when no file has the name, FAILED_PRECONDITION when the one that has cannot be used.
  [[nodiscard]] Result<std::string> Get(std::string_view name) const;

 private:
  struct Item {
    AgentTemplate content;
    std::string path;
  };

  // Those of one directory.
  struct Root {
    std::map<std::string, Item, std::less<>> working;
    std::vector<Item> broken;
  };

  static void Add(const documents::FoundFile& place, const AgentTemplate& content, Root& names);
  void Merge(Root& names);
  void MakeList();
  [[nodiscard]] static std::string ToJson(const Item& item, bool with_prompt);

  std::vector<std::string> directories_;
  std::map<std::string, Item, std::less<>> by_name_;
  std::string list_;
};

}  // namespace tutti::templates
