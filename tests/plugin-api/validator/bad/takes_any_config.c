/* Plain C; takes any bytes for a configuration. */
#include "tutti/abi/plugin.h"

static tutti_code Init(void* self, tutti_str config, const tutti_sink* error) {
  (void)self;
  (void)config;
  (void)error;
  return TUTTI_OK;
}

static tutti_code Activate(void* self, const tutti_sink* error) {
  (void)self;
  (void)error;
  return TUTTI_OK;
}

static void Nothing(void* self) {
  (void)self;
}

static const void* GetExtension(void* self, const char* id) {
  (void)self;
  (void)id;
  return NULL;
}

static tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  (void)host;
  (void)error;
  plugin->size = sizeof(tutti_plugin);
  plugin->self = NULL;
  plugin->init = &Init;
  plugin->activate = &Activate;
  plugin->deactivate = &Nothing;
  plugin->destroy = &Nothing;
  plugin->get_extension = &GetExtension;
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.specimen", "1.0.0", &Create};
