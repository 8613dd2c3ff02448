/* Host service "tutti.host.config/0": the plugin's own configuration and the secrets it names. */
#ifndef TUTTI_ABI_CONFIG_H
#define TUTTI_ABI_CONFIG_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_CONFIG "tutti.host.config/0"

typedef struct tutti_host_config {
  uint32_t size;
  /* Writes the JSON value at an RFC 6901 pointer of this plugin's configuration; NOT_FOUND. [any] [created] */
  tutti_code (*get)(const tutti_host* host, tutti_str pointer, const tutti_sink* value);
  /* Writes the secret that a configured "secret://name" stands for (environment variable or file in the secrets
   * directory); NOT_FOUND. PERMISSION_DENIED when this plugin's configuration does not name it. [any] [created] */
  tutti_code (*secret)(const tutti_host* host, tutti_str reference, const tutti_sink* value);
} tutti_host_config;

#ifdef __cplusplus
}
#endif

#endif
