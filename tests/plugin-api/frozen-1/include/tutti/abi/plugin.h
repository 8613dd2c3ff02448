/* The door of a plugin library: one exported constant, and the life cycle behind it.
 * Revision 1, frozen: see docs/abi.md for what that promises.
 *
 * Life cycle: create -> init(config) -> activate <-> deactivate -> destroy, all on [main], one at a time.
 * Heavy work belongs to init; create only allocates, so that a scanner can look at many plugins quickly.
 * The host asks for extensions (the kinds a plugin serves) after init; the answers stay valid until destroy. */
#ifndef TUTTI_ABI_PLUGIN_H
#define TUTTI_ABI_PLUGIN_H

#include "tutti/abi/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a plugin holds of its host. One per plugin instance, valid from create until destroy has returned. */
typedef struct tutti_host {
  uint32_t size;
  void* context; /* the host's own */
  /* Returns the service table for an id such as "tutti.host.log/1", or NULL when this host has none. The table is
   * valid as long as the tutti_host. [any] [created] */
  const void* (*get_service)(const struct tutti_host* host, const char* id);
} tutti_host;

typedef struct tutti_plugin {
  uint32_t size;
  void* self;
  /* `config` is the JSON object that plugin.yaml's schema accepted, defaults filled in. A failure writes a sentence to
   * `error`. [main] [created] */
  tutti_code (*init)(void* self, tutti_str config, const tutti_sink* error);
  /* From here on the plugin is called and may call. [main] [inited] */
  tutti_code (*activate)(void* self, const tutti_sink* error);
  /* Called after the host stopped sending calls and the running ones ended or were cancelled. Must end whatever the
   * plugin started on its own; afterwards it may be activated again. [main] [active] */
  void (*deactivate)(void* self);
  /* [main] [inited] or [created] */
  void (*destroy)(void* self);
  /* Returns the table for a kind such as "tutti.hook/1", or NULL. [any] [inited] */
  const void* (*get_extension)(void* self, const char* id);
} tutti_plugin;

#define TUTTI_ENTRY_MAGIC 0x54545554u /* "TUTT" */

typedef struct tutti_entry {
  uint32_t magic;
  uint32_t size;
  uint32_t abi_major;
  uint32_t abi_minor;
  const char* id;      /* reverse domain, equal to plugin.yaml's */
  const char* version; /* semantic version, equal to plugin.yaml's */
  /* Fills *plugin, whose `size` the host has set to the room there is: the plugin fills no more than that, and sets
   * `size` to what it filled. May be called more than once. A failure writes a sentence to `error`. [main] */
  tutti_code (*create)(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error);
} tutti_entry;

/* The only symbol a plugin library exports. */
#define TUTTI_ENTRY_SYMBOL "tutti_plugin_entry"

#ifdef __cplusplus
}
#endif

#endif
