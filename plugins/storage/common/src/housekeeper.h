// The requests of `maintain` (tutti/abi/storage.h), over any driver that keeps house.
//
// Threads: any; every request works on a connection of its own. It takes as long as it takes.
#pragma once

#include <string>
#include <string_view>

#include "house_session.h"

namespace tutti::storage {

// What a request is answered with when it names no file.
constexpr std::size_t kMostExported = 32U << 20U;

Result<std::string> KeepHouse(Driver& driver, std::string_view request, const HouseAsker& asker);

}  // namespace tutti::storage
