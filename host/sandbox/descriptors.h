// Closes what a child inherited and must not keep.
#pragma once

#include <vector>

namespace tutti::host {

// Leaves 0, 1, 2 and `kept` open and closes every other descriptor of this process.
void CloseDescriptorsExcept(std::vector<int> kept);

}  // namespace tutti::host
