// ToolCatalog: the tools of one run, chosen from what the host offers.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::loop {

class ToolCatalog {
 public:
  // `offered` is the host's JSON array of tools. A name the host does not offer is left out.
  ToolCatalog(std::string_view offered, const std::vector<std::string>& names);

  // For the model: [{"name","description","input_schema"}], in the order of `offered`.
  [[nodiscard]] const std::string& definitions() const { return definitions_; }

  // JSON array of the names.
  [[nodiscard]] const std::string& allowed() const { return allowed_; }

  [[nodiscard]] bool empty() const { return definitions_ == "[]"; }

  // Whether the tool changes nothing, so that it may run beside others.
  [[nodiscard]] bool IsReadOnly(const std::string& name) const { return read_only_.contains(name); }

 private:
  std::string definitions_ = "[]";
  std::string allowed_ = "[]";
  std::set<std::string> read_only_;
};

}  // namespace tutti::loop
