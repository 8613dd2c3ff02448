// Ends a connection with what a status says: its close code and its sentence.
//
// Threads: any.
#pragma once

#include "host/gateway/connection_key.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

void CloseWith(const ConnectionKey& key, const Status& status);

}  // namespace tutti::host
