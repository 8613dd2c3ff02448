/* Says that it was created, and has filled nothing. */
#include "tutti/abi/plugin.h"

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  (void)host;
  (void)plugin;
  (void)error;
  return TUTTI_OK;
}

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "test.hollow", "1.0.0", &create};
