/* Kind "tutti.hook/1": take part in what happens at named points; and host service "tutti.host.hooks/1" to fire them.
 * Revision 1, frozen: see docs/abi.md for what that promises. (The storage operations of a record hook follow
 * tutti/abi/storage.h, which is not frozen yet.)
 *
 * Which points a plugin takes, and how, stands in its plugin.yaml:
 *     points: {PreToolUse: gate, PostToolUse: record, Stop: observe}
 *   gate     may change the payload, deny with a reason, or ask a person; runs in `order`, one after another
 *   record   adds storage operations and journal events to the step's own batch, so that they commit together
 *   observe  gets batches of what happened, in order per run, never in the way
 * A plugin with two modes at one point lists both: {PreToolUse: [gate, record]}.
 *
 * Points (payload fields; every payload is a JSON object):
 *   UserPromptSubmit  prompt                                   gate record observe   a run's input
 *   Message           role, content, number                         record observe   one message added to a conversation;
 *                     of one a model wrote also usage, cost_usd (null: unknown), stop_reason, context_tokens
 *   TextBlock         text, id                                      record observe   one block of a model's message
 *   ThinkingBlock     thinking, id                                  record observe
 *   ToolUseBlock      tool_name, tool_input, tool_use_id, id        record observe
 *   PreToolUse        tool_name, tool_input, tool_use_id       gate record observe   before a tool call
 *   PostToolUse       tool_name, tool_input, tool_use_id, tool_response, is_error, duration_ms
 *                                                              gate record observe   after it; may patch tool_response
 *   Stop              reason, num_turns, duration_ms, usage, cost_usd     record observe   end of a run; with error (the
 *                     sentence) when its reason is "error"
 *   RunState          run, conversation, agent, stream, tree, labels, from, to, is_resumed, reason, error, totals
 *                                                                   record observe   a run changed its state
 *   SubagentStop      subagent_id                                   record observe
 *   PreCompact        trigger, tokens_before                   gate record observe
 *   command.before    command, args, surface                   gate        observe   every surface but TOOL
 *   command.after     command, args, surface, code, duration_ms            observe
 *   model.before      call (an id), model, input_tokens_estimate, max_tokens, prices
 *                                                              gate        observe   before a model call
 *   model.after       call, model, requested_model, usage, cost_usd, stop_reason
 *                                                              gate record observe   may patch cost_usd
 *   model.failed      call, requested_model, code, message          record observe   a call that came to nothing; each
 *                     model.before is followed by a model.after or a model.failed with its call
 *
 * Reply of `on_point` (body of finish), a JSON object or empty for "go on":
 *   {"deny": reason}     gate: stops here; the reason goes to whoever asked
 *   {"ask": question}    gate: a person decides; without approver, deny. `question` is a text, or an object
 *                        {"question": text, "kind": text, "key": text, "detail": {...}, "expires_ms": int, "on_allow": {"command", "args"}}:
 *                        what the person sees; how long it may wait; a command that is invoked with args, "approval" (the
 *                        id) and "amount" (when the person named one) before the step goes on, perhaps twice after a crash.
 *                        No time limit of hooks runs while it waits. After a crash the resumed run asks again, and gets the
 *                        answer that was given to the same hook for the same run, point, tool_use_id and payload
 *   {"patch": {...}}     gate: members that replace those of the payload
 *   {"ops": [...]}       record: storage operations (tutti/abi/storage.h), in order, under this plugin's rights
 * An outcome other than OK is a failure of the hook: gates fail closed, record and observe open, unless the manifest's
 * on_fault says otherwise. */
#ifndef TUTTI_ABI_HOOK_H
#define TUTTI_ABI_HOOK_H

#include "tutti/abi/events.h"
#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_HOOK "tutti.hook/1"

enum { TUTTI_HOOK_GATE = 0, TUTTI_HOOK_RECORD = 1, TUTTI_HOOK_OBSERVE = 2 };

typedef struct tutti_point {
  uint32_t size;
  uint32_t mode;   /* TUTTI_HOOK_GATE or TUTTI_HOOK_RECORD */
  tutti_str name;
  uint32_t index;  /* running number within the run, the same for all hooks at this entry; from 0 */
  int64_t time_us; /* Unix time in microseconds, strictly increasing in this process */
} tutti_point;

typedef struct tutti_hook {
  uint32_t size;
  /* Gate and record. Ended by finish(info->call, reply). Not called for calls that this plugin itself makes. NULL when
   * the plugin only observes. [worker] [active] */
  void (*on_point)(void* self, const tutti_call_info* info, const tutti_point* point, tutti_str payload);
  /* Observe: `count` entries in order; event.type is the point's name, event.data its payload, event.seq its index. NULL
   * when the plugin observes nothing. Not called for this plugin's own calls. [worker] [active] */
  void (*on_events)(void* self, const tutti_event* events, size_t count);
} tutti_hook;

#define TUTTI_SERVICE_HOOKS "tutti.host.hooks/1"

/* One step of a run: what happened, in order; what the recorders add for it is committed as one batch. */
typedef struct tutti_fire {
  uint32_t size;
  tutti_call parent;
  tutti_str entries; /* JSON array of {"point": name, "payload": {...}}, each of which takes one running index */
  tutti_str ops;     /* JSON array of storage operations of the plugin that fires, or empty: they stand first in the
                        step's batch, under this plugin's own rights, and commit with what the recorders add. Since minor
                        1: an older host does not store them */
} tutti_fire;

typedef struct tutti_host_hooks {
  uint32_t size;
  /* Gates (for entries whose point has them), then recorders, then one batch, then observers. on_finish gets
   * {"payloads": [...]}, as patched by the gates. PERMISSION_DENIED with the reason when a gate denied: then nothing
   * was stored. Any other code is the batch's: the step did not happen. [any] [active] */
  void (*fire)(const tutti_host* host, const tutti_fire* fire, const tutti_reply* reply);
} tutti_host_hooks;

#ifdef __cplusplus
}
#endif

#endif
