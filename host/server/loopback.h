// Which listen addresses only this machine can reach.
#pragma once

#include <string_view>

namespace tutti::host {

// "address:port", "[v6]:port" or a bare host. Names other than localhost count as reachable from elsewhere.
bool IsLoopback(std::string_view address);

}  // namespace tutti::host
