// What an operation on the plugins has changed: REPORT of tutti/abi/admin.h.
//
// Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tutti::host {

struct ChangeReport {
  struct Change {
    std::string id;
    std::string what;  // enabled | disabled | reloaded | upgraded | failed
    std::string from;  // version; empty: it was not running
    std::string to;    // version; empty: it is not running any more
    std::string reason;
  };

  std::vector<Change> changed;
  std::size_t unchanged = 0;
  std::vector<std::string> problems;  // with any, nothing was changed
  std::vector<std::string> notes;     // what else the operator should know

  [[nodiscard]] std::string ToJson() const;

  // "tutti.hooks.guard reloaded (configuration)", a line each.
  [[nodiscard]] std::string ToText() const;
};

}  // namespace tutti::host
