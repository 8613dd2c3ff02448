// What the host asks of the structs a plugin hands over, before it calls through them: docs/abi.md, "Sizes".
//
// Threads: any. Errors: FAILED_PRECONDITION names what was expected, what was found and what to do.
#pragma once

#include <cstddef>
#include <type_traits>

#include "tutti/abi/plugin.h"
#include "tutti/abi/storage.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// What `create` filled. `room`: the size the host had set.
Status CheckPluginObject(const tutti_plugin* plugin, std::size_t room);

enum class Functions {
  kAll,   // each one must be there
  kSome,  // the host asks for each one whether it is there
};

// A kind's table: `size`, then functions only. `needed`: its size in the first minor of its revision. Larger ones are
// of a newer plugin, whose additions this host does not know.
Status CheckTable(const void* table, const char* id, std::size_t needed, Functions functions);

// That size. What was added later the host asks for before it uses it.
template <typename Table>
constexpr std::size_t NeededSize() {
  if constexpr (std::is_same_v<Table, tutti_storage>) {
    return offsetof(tutti_storage, maintain);
  } else {
    return sizeof(Table);
  }
}

}  // namespace tutti::host
