// What budget.get answers.
#pragma once

#include <string>
#include <string_view>

#include "gatekeeper.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::budget {

// {"day", "limits": [...], "scopes": [{"scope", "scope_id", "day", "spent", "reserved", "updated_at"}], "raises":
// [...]}. With `scope` and `scope_id` all days of it, and "total" over them; otherwise today's, newest change first.
Task<Result<std::string>> ViewBudgets(Host host, Gatekeeper& gatekeeper, JsonView args, Call call);

}  // namespace tutti::budget
