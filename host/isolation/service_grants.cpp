#include "host/isolation/service_grants.h"

#include "tutti/abi/admin.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/config.h"
#include "tutti/abi/events.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/model.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"

namespace tutti::host {

std::span<const ServiceGrant> ServiceGrants() {
  static constexpr ServiceGrant kGrants[] = {
      {TUTTI_SERVICE_LOG, ""},
      {TUTTI_SERVICE_CONFIG, ""},
      {TUTTI_SERVICE_CALLS, ""},
      {TUTTI_SERVICE_EXECUTOR, ""},
      {TUTTI_SERVICE_METRICS, ""},
      {TUTTI_SERVICE_COMMANDS, "commands"},
      {TUTTI_SERVICE_SLASH, "commands"},
      {TUTTI_SERVICE_STORE, "store"},
      {TUTTI_SERVICE_MODELS, "models"},
      {TUTTI_SERVICE_RUNTIMES, "runtimes"},
      {TUTTI_SERVICE_TEMPLATES, "templates"},
      {TUTTI_SERVICE_HOOKS, "hooks"},
      {TUTTI_SERVICE_EVENTS, "events"},
      {TUTTI_SERVICE_ADMIN, "admin"},
  };
  return kGrants;
}

}  // namespace tutti::host
