/* Kind "tutti.model/0": one completion of a language model; and host service "tutti.host.models/0".
 *
 * Request (JSON object), shaped after the Messages API so that thinking and its signatures pass through unchanged:
 *   model       string; an id or alias the plugin lists. Empty: its default
 *   system      string
 *   messages    [{"role": "user" | "assistant", "content": [block, ...]}]
 *   tools       [{"name", "description", "input_schema"}]
 *   tool_choice {"type": "auto" | "any" | "none"}, optional
 *   max_tokens  integer, optional
 *   thinking    object, optional, passed on
 * Blocks: {"type":"text","text"} {"type":"thinking","thinking","signature"} {"type":"redacted_thinking","data"}
 *   {"type":"tool_use","id","name","input"} {"type":"tool_result","tool_use_id","content":[{"type":"text","text"}],
 *   "is_error"}
 * Events while it runs: {"type":"text_delta","index","text"} {"type":"thinking_delta","index","thinking"}
 *   {"type":"tool_use_start","index","id","name"} {"type":"input_delta","index","partial_json"}
 *   {"type":"retry","attempt","delay_ms","reason"}
 * Result: {"model", "stop_reason": "end_turn"|"tool_use"|"max_tokens"|"stop_sequence"|"refusal"|"pause_turn",
 *   "content": [block, ...], "usage": {"input_tokens","output_tokens","cache_read_input_tokens",
 *   "cache_creation_input_tokens", further ones as there}, "cost_usd": number | null (unknown), "request_id": string}
 * Failures: UNAVAILABLE (overloaded, cut stream, network; retry hint), RESOURCE_EXHAUSTED (rate limit; retry hint),
 *   INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (no such model), CANCELLED. The plugin retries by
 *   itself as long as nothing was emitted; the caller decides afterwards. */
#ifndef TUTTI_ABI_MODEL_H
#define TUTTI_ABI_MODEL_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_MODEL "tutti.model/0"

typedef struct tutti_model {
  uint32_t size;
  /* Writes {"default": id, "models": [{"id", "aliases": [...], "context_tokens", "max_output_tokens", "prices":
   * {"input","output","cache_write_5m","cache_write_1h","cache_read"} in USD per million tokens, or null}]}.
   * [any] [inited] */
  void (*models)(void* self, const tutti_sink* out);
  /* [worker] [active] */
  void (*complete)(void* self, const tutti_call_info* info, tutti_str request);
} tutti_model;

#define TUTTI_SERVICE_MODELS "tutti.host.models/0"

typedef struct tutti_host_models {
  uint32_t size;
  /* Runs model.before hooks, completes with the plugin that holds the role `model`, runs model.after. [any] [active] */
  void (*complete)(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
                   tutti_call* started);
  /* What the active plugin lists, with "plugin": its id. [any] [active] */
  void (*models)(const tutti_host* host, const tutti_sink* out);
} tutti_host_models;

#ifdef __cplusplus
}
#endif

#endif
