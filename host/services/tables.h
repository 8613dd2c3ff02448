// The C tables of the host services, one function each. Static, any thread.
#pragma once

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
#include "tutti/abi/transport.h"

namespace tutti::host {

const tutti_host_log* LogTable();
const tutti_host_calls* CallsTable();
const tutti_host_executor* ExecutorTable();
const tutti_host_commands* CommandsTable();
const tutti_host_events* EventsTable();
const tutti_host_store* StoreTable();
const tutti_host_house* HouseTable();
const tutti_host_models* ModelsTable();
const tutti_host_runtimes* RuntimesTable();
const tutti_host_templates* TemplatesTable();
const tutti_host_hooks* HooksTable();
const tutti_host_slash* SlashTable();
const tutti_host_config* ConfigTable();
const tutti_host_metrics* MetricsTable();
const tutti_host_gateway* GatewayTable();
const tutti_host_admin* AdminTable();

}  // namespace tutti::host
