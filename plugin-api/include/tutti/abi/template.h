/* Kind "tutti.template/0": named recipes for agents; and host service "tutti.host.templates/0", which merges them.
 *
 * TEMPLATE (JSON object):
 *   name         string, what an agent is created from
 *   description  string, one sentence: when to use it
 *   system_prompt string
 *   tools        array of tool names, or null for the default ones
 *   disallowed_tools  array of tool names it goes without all the same, optional; "mcp__server" stands for all of a server
 *   model        string: an id or alias of the model plugin, or null for the default
 *   color        string or null, for displays
 *   max_turns    integer of at least 1, optional: model calls that one task may cause
 *   source       string: where it came from, such as a file name
 *   ignored      array of strings, optional: what the source says beyond this, which has no effect
 *   error        string, only of a template that could not be read: what was expected, found, where
 * Several plugins may have a template of one name: the one with the highest priority wins (`priority` of the plugin's
 * entry in the manifest, default 0; then the order of the manifest). Changes show in the next call, without restart. */
#ifndef TUTTI_ABI_TEMPLATE_H
#define TUTTI_ABI_TEMPLATE_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_TEMPLATE "tutti.template/0"

typedef struct tutti_template {
  uint32_t size;
  /* Ended by finish with {"templates": [TEMPLATE without system_prompt, ...]}. [worker] [active] */
  void (*list)(void* self, const tutti_call_info* info);
  /* Ended by finish with the whole TEMPLATE, or NOT_FOUND. [worker] [active] */
  void (*get)(void* self, const tutti_call_info* info, tutti_str name);
} tutti_template;

#define TUTTI_SERVICE_TEMPLATES "tutti.host.templates/0"

typedef struct tutti_host_templates {
  uint32_t size;
  /* on_finish gets {"templates": [TEMPLATE without system_prompt and with "plugin", ...], "failed": [{"plugin",
   * "error"}]}, merged, by name. [any] [active] */
  void (*list)(const tutti_host* host, tutti_call parent, const tutti_reply* reply);
  /* on_finish gets the TEMPLATE with "plugin", or NOT_FOUND naming the nearest name. [any] [active] */
  void (*get)(const tutti_host* host, tutti_call parent, tutti_str name, const tutti_reply* reply);
} tutti_host_templates;

#ifdef __cplusplus
}
#endif

#endif
