/* Host service "tutti.host.admin/0": what the host knows of its plugins, and how they are switched while it runs. Only
 * for plugins that were granted `admin`.
 *
 * OPERATION (JSON object):
 *   {"do": "list"}                                 -> {"plugins": [PLUGIN, ...]}, in load order, then what is installed
 *   {"do": "info", "id"}                           -> PLUGIN
 *   {"do": "enable" | "disable" | "reload", "id", "drain": "finish" (default) | "cancel", "drain_ms": integer}
 *                                                  -> REPORT. reload takes what plugin.yaml, library and configuration
 *                                                     say now: a new version or a new configuration
 *   {"do": "apply"}                                -> REPORT: the manifest is read again and its difference applied
 * PLUGIN: {"id", "version", "kinds", "summary", "state": "active" | "disabled" | "failed" | "quarantined" | "zombie" |
 *   "restarting" | "not chosen" | "not listed", "reason": string when it is not active,
 *   "isolation": "host" | "process" | "" where the manifest does not say, "confinement": string, "sha256", "calls": integer, "restarts": integer, "pinned": bool}
 * REPORT: {"changed": [{"id", "what": "enabled" | "disabled" | "reloaded" | "upgraded" | "failed", "from", "to",
 *   "reason"}], "unchanged": integer, "problems": [string, ...], "notes": [string, ...]}. With problems nothing was
 *   changed; notes are what else the operator should know.
 * FAILED_PRECONDITION: another plugin needs it, or it could not be replaced; the good instance goes on then. */
#ifndef TUTTI_ABI_ADMIN_H
#define TUTTI_ABI_ADMIN_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_ADMIN "tutti.host.admin/0"

typedef struct tutti_host_admin {
  uint32_t size;
  /* The end always comes through reply->on_finish. Operations run one after another. [any] [active] */
  void (*manage)(const tutti_host* host, tutti_call parent, tutti_str operation, const tutti_reply* reply);
} tutti_host_admin;

#ifdef __cplusplus
}
#endif

#endif
