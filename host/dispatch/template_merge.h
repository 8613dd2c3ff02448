// TemplateMerge: the lists of several template plugins as one, and one template in the form in which the host gives it.
//
// Plain values; no threads.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// `source` as a TEMPLATE of tutti/abi/template.h, with "plugin" and the members in a fixed order. INVALID_ARGUMENT says
// which member is missing or of the wrong type.
Result<std::string> TemplateWithPrompt(JsonView source, std::string_view plugin);

class TemplateMerge {
 public:
  // `most`: templates taken from one plugin; the rest is reported.
  explicit TemplateMerge(std::size_t most) : most_(most) {}

  // What a plugin answered. Plugins are added in the order in which they win: a name that is there already stays.
  void Add(std::string_view plugin, const Result<std::string>& listed);

  // {"templates": [...], "failed": [...]}, each by name in the order of bytes, failures in the order of plugins.
  [[nodiscard]] std::string ToJson() const;

  [[nodiscard]] std::vector<std::string> Names() const;

 private:
  void Fail(std::string_view plugin, std::string error);

  std::size_t most_;
  std::map<std::string, std::string> by_name_;               // name -> JSON
  std::vector<std::pair<std::string, std::string>> failed_;  // plugin, why
};

}  // namespace tutti::host
