// Which models there are, what they are called and how much they take. What they cost is another plugin's to say.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti {
class JsonView;
}

namespace tutti::anthropic {

struct ModelFamily {
  std::string id;  // dated ids ("<id>-20250929") belong to it
  std::int64_t context_tokens = 0;
  std::int64_t max_output_tokens = 0;
};

// Immutable after Configure; then any thread.
class ModelTable {
 public:
  // The families and aliases known to this version.
  ModelTable();

  // `families`: array of {"id","context_tokens","max_output_tokens"}, added to the table or replacing an id. `aliases`:
  // object.
  Status Configure(const JsonView& families, const JsonView& aliases);

  // The id behind an alias (compared without case); any other name unchanged.
  [[nodiscard]] std::string Resolve(std::string_view name) const;

  // The family of an id, the longest one that fits; nullptr when unknown.
  [[nodiscard]] const ModelFamily* Find(std::string_view id) const;

  // The list of tutti/abi/model.h.
  [[nodiscard]] std::string ToJson(std::string_view default_model) const;

 private:
  std::vector<ModelFamily> families_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

}  // namespace tutti::anthropic
