// Gives up every capability, for this process and whatever it starts.
#pragma once

#include "tutti/sdk/status.hpp"

namespace tutti::host {

Status DropCapabilities();

}  // namespace tutti::host
