/* Kind "tutti.runtime/0": a whole agent loop, one call per run; and host service "tutti.host.runtimes/0".
 *
 * Request (JSON object):
 *   run, conversation, agent, stream   ids
 *   labels      object, handed to every hook of the run
 *   tree        string, optional: the ids of the agents above and of the agent itself, "/<root>/.../<agent>/"
 *   model       string, system: string, thinking: object (optional), max_tokens: integer (optional)
 *   tools       array of tool names the agent may use
 *   max_turns   integer >= 1: model calls in this run
 *   prompt      string: the new user message
 *   messages    earlier messages of the conversation, {"role","content"}
 *   next_number number of the first message this run adds
 *   next_index  integer, optional: the running index of hook points from which this run goes on
 *   context_tokens integer, optional: how many tokens the conversation has, as far as that is known
 *   compact     {"trigger": "manual" | "auto", "instructions": string}, optional: the run only replaces the conversation
 *               by a summary of it, and takes no turn; its text is the summary, its stop_reason "compacted".
 *               FAILED_PRECONDITION when there is nothing to compact, UNIMPLEMENTED when the runtime cannot
 *   resume      object, optional: the run was cut off and goes on after its last completed step. Its messages stand in
 *               `messages`, so no prompt is submitted; tool calls of the last message that have no answer there yet are
 *               answered first. {"num_turns", "usage", "cost_usd", "unpriced_calls": totals so far,
 *               "stop_reason": of the last message a model wrote, "results": {tool_use_id: {"state": "done",
 *               "result": {...}, "is_error": bool} | {"state": "unknown"}}}. Done: the stored result is the answer.
 *               Unknown: the call had begun and nobody knows how it ended; the answer says so. One without an entry is
 *               made now
 * Fires through tutti.host.hooks: UserPromptSubmit, then per step Message with the blocks it holds, and Stop. One that
 *   compacts fires PreCompact, then Message with "is_summary": true, from which the conversation goes on.
 * Events: {"type":"usage","usage":{...},"cost_usd"} after each model call; deltas of the model as they come.
 * Result: {"stop_reason": "end_turn"|"max_turns"|"max_tokens"|"refusal"|"compacted", "num_turns", "duration_ms", "usage": {...},
 *   "cost_usd": number (of calls whose price is known) | null, "unpriced_calls": the others, "text": the last text,
 *   "context_tokens": tokens of the conversation at the end (0: unknown), and when it compacted: "compactions": n,
 *   "usage_since_compaction": {...}}
 * A cancelled run ends with CANCELLED when everything it started has stopped, its conversation still valid (every
 * tool_use answered); the outcome's body is the result so far. A step that is refused with ABORTED is one that the run
 * may not take any more, for it was suspended or another host has it: it ends without further steps. */
#ifndef TUTTI_ABI_RUNTIME_H
#define TUTTI_ABI_RUNTIME_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_RUNTIME "tutti.runtime/0"

typedef struct tutti_runtime {
  uint32_t size;
  /* Interrupting is cancelling the call. [worker] [active] */
  void (*start)(void* self, const tutti_call_info* info, tutti_str request);
} tutti_runtime;

#define TUTTI_SERVICE_RUNTIMES "tutti.host.runtimes/0"

enum {
  TUTTI_PHASE_STARTING = 0, /* not all plugins are active yet */
  TUTTI_PHASE_SERVING = 1,
  TUTTI_PHASE_STOPPING = 2 /* the host stops, or this plugin is being switched off or replaced */
};

typedef struct tutti_host_runtimes {
  uint32_t size;
  /* Starts a run with the plugin that holds the role `runtime`. The run's ids and labels become the context of every
   * call below it. [any] [active] */
  void (*start)(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
                tutti_call* started);
  /* Stops one tool call of a run and leaves the run alone: the call is cancelled, and its result says that a person
   * stopped it. on_finish gets OK when it has ended, children and all; NOT_FOUND when the run has no such call under
   * way. [any] [active] */
  void (*stop_tool)(const tutti_host* host, tutti_str run, tutti_str tool_use_id, const tutti_reply* reply);
  /* TUTTI_PHASE_*: what the host does right now, so that who is cancelled knows whether somebody wants that very call to
   * end. [any] [created] */
  int32_t (*phase)(const tutti_host* host);
  /* Writes an id of this host, the same for as long as its data directory lives and no other's. [any] [created] */
  void (*host_id)(const tutti_host* host, const tutti_sink* id);
} tutti_host_runtimes;

#ifdef __cplusplus
}
#endif

#endif
