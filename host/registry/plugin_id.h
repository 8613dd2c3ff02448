// Plugin ids that never go: calls name their plugins by views, and outlive instances that come and go while the host
// runs.
//
// Threads: any. Bound: the number of distinct ids this process has met.
#pragma once

#include <string_view>

namespace tutti::host {

// The same text, for as long as the process lives.
std::string_view InternPluginId(std::string_view id);

}  // namespace tutti::host
