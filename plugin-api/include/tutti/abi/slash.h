/* Host service "tutti.host.slash/0": what somebody may type as "/name words", from the registry of commands.
 *
 * It only reads: what `parse` gives is invoked through tutti.host.commands, with the surface TUTTI_SURFACE_SLASH and the
 * call of whoever typed it as parent, so that their rights hold. Needs the permission `commands`. */
#ifndef TUTTI_ABI_SLASH_H
#define TUTTI_ABI_SLASH_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_SLASH "tutti.host.slash/0"

typedef struct tutti_host_slash {
  uint32_t size;
  /* Writes a JSON array of {"name": "/name", "usage", "summary", "command", "effects"}: every command whose surfaces
   * hold "slash", in plugin order, then definition order. A command without a usage is listed by its own name. [any]
   * [active] */
  void (*list)(const tutti_host* host, const tutti_sink* out);
  /* `text` begins with '/'. TUTTI_OK: writes {"command", "args"}, where args is a string: the
   * arguments as JSON text. NOT_FOUND: nothing is called that; writes a sentence
   * with the nearest names. INVALID_ARGUMENT: writes a sentence with the usage. [any] [active] */
  tutti_code (*parse)(const tutti_host* host, tutti_str text, const tutti_sink* out);
} tutti_host_slash;

#ifdef __cplusplus
}
#endif

#endif
