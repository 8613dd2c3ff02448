// The plugin's configuration as the engine takes it.
#pragma once

#include "engine.h"
#include "postgresql_connection.h"
#include "tutti/sdk/json.hpp"

namespace tutti::storage::postgresql {

struct Settings {
  PostgresqlOptions postgresql;
  EngineOptions engine;
  bool notify = true;
};

// `config` was accepted by the schema in plugin.yaml; what it leaves out keeps its default.
Settings ReadSettings(JsonView config);

}  // namespace tutti::storage::postgresql
