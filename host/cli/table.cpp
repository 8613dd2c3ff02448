#include "host/cli/table.h"

#include <algorithm>

namespace tutti::host {

void PrintTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size());
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths.at(i) = std::max(widths.at(i), row.at(i).size());
    }
  }
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      out << row.at(i) << std::string(widths.at(i) - row.at(i).size() + 2, ' ');
    }
    out << row.back() << '\n';
  }
}

}  // namespace tutti::host
