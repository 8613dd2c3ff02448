// Rows of text with aligned columns, for a terminal.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace tutti::host {

// Every row has as many cells as the first. The last column is not padded.
void PrintTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out);

}  // namespace tutti::host
