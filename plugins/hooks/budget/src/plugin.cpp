#include "budget_plugin.h"

using tutti::budget::BudgetPlugin;
TUTTI_PLUGIN(BudgetPlugin, "tutti.hooks.budget", "0.1.0")
