/* Kind "tutti.command/1": operations reachable as REST route, WebSocket request, slash command and agent tool; and host
 * service "tutti.host.commands/1" to call them.
 * Revision 1, frozen: see docs/abi.md for what that promises.
 *
 * A definition is one JSON object:
 *   name        string, "area.verb", unique in the host
 *   summary     string, one sentence; the tool's description for a model
 *   input       JSON Schema (draft 7) of the arguments, an object schema
 *   output      JSON Schema of the result, optional
 *   effects     "read" | "write" | "destructive"
 *   idempotent  bool, default false
 *   nonblocking bool, default false. true: `invoke` returns at once and may run on the thread that read the request
 *   scopes      array of string, what the caller must hold; default []
 *   confirm     bool, default false: a person is asked before it runs, as when a gate asks (tutti/abi/hook.h). A client's
 *               call is kept, answered with 202 and the approval's id, and run once it is allowed; any other waits
 *   timeout_ms  integer, default from the manifest
 *   surfaces    array of "rest" | "websocket" | "slash" | "tool", default all four
 *   slash       {"usage": "/name ARG..."}, optional; default form is "/<name> {json}"
 *   tool        {"name": string}, optional: the name a model sees; default: the name with '.' as '_'.
 *               "display": string, optional, a signature for listings
 *   rest        array of {"method", "path", "errors": "detail" | "problem", "status": 200, "body": bool}; {name} in a
 *               path is an argument. Without it: POST /v1/commands/<name>. Arguments of GET and DELETE come from the
 *               query string, converted by the schema's types.
 *               "answer": "json" (default) | "raw": the result is {"content_type", "body": text | "base64": bytes,
 *               "etag", "cache_control", "headers": {name: value, at most 8}} and the answer is those bytes. "events", on
 *               GET: the result is what `websocket` says, and the answer is a stream of server-sent events; a header
 *               Last-Event-ID is the argument "since", before that of the query
 *               "public": true, on GET of commands that read and ask for no scopes: needs no token
 *   websocket   {"path": "/ws"}, optional: invoked when a client opens a WebSocket there, with
 *               {"connection": string, "connections": int} and the arguments of the query, converted by the schema's
 *               types. Its result is {"first": <JSON sent as first frame>, "streams": [string, ...],
 *               "since": n | null, "filter": {"agent","run","tree","types": [string]}}: what the client then
 *               receives. Without "since" and "filter" that is the data of live events whose type has no dot. With
 *               one of them, also null or {}, it is the EVENT object of tutti/abi/storage.h of every event the filter
 *               lets through (all members optional; tree is an agent's id), "seq" null of what is not in the journal;
 *               with a number all events of the one stream behind that number, stored ones first. A handshake with a
 *               query is answered after the command: what fails is an HTTP error, bad arguments are 400
 * Result of `invoke`: JSON, sent as it is. A status other than the binding's travels as a code (see status table in
 * tutti/abi/status.h). */
#ifndef TUTTI_ABI_COMMAND_H
#define TUTTI_ABI_COMMAND_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_COMMAND "tutti.command/1"

typedef struct tutti_command {
  uint32_t size;
  /* Writes a JSON array of definitions. The same answer every time. [main] [inited] */
  void (*describe)(void* self, const tutti_sink* definitions);
  /* `name` is one of the definitions, `args` an object its schema accepted. [worker] [active] */
  void (*invoke)(void* self, const tutti_call_info* info, tutti_str name, tutti_str args);
} tutti_command;

#define TUTTI_SERVICE_COMMANDS "tutti.host.commands/1"

/* What a command call carries besides its arguments. */
typedef struct tutti_command_request {
  uint32_t size;
  tutti_call parent; /* the call on whose behalf; gives depth, run, principal, deadline, and cancels with it. 0 = none */
  tutti_str name;    /* command name, or with surface TOOL the tool name */
  tutti_str args;    /* JSON object */
  uint32_t surface;  /* TUTTI_SURFACE_TOOL fires PreToolUse/PostToolUse, everything else command.before/after */
  tutti_str tool_use_id;   /* surface TOOL */
  tutti_str allowed_tools; /* surface TOOL: JSON array of tool names this agent may use; empty = none */
  tutti_str behalf;        /* Only from the plugin that serves the command approvals.ask, with parent 0: JSON object {"principal",
                            * "scopes": [string], "approval": id}. The command runs as that client's own, through the whole path;
                            * who is asked again finds that approval. Empty = on the plugin's own behalf */
} tutti_command_request;

typedef struct tutti_host_commands {
  uint32_t size;
  /* Runs the whole path: schema, scope, hooks, confirm, gate, plugin, hooks, audit. *started (may be NULL) receives a
   * handle for calls->cancel. The end always comes through reply->on_finish. [any] [active] */
  void (*invoke)(const tutti_host* host, const tutti_command_request* request, const tutti_reply* reply,
                 tutti_call* started);
  /* Writes a JSON array of tools {"name","description","input_schema","command","effects","idempotent","display"} whose
   * surfaces hold "tool", in plugin order, then definition order. [any] [active] */
  void (*tools)(const tutti_host* host, const tutti_sink* out);
} tutti_host_commands;

#ifdef __cplusplus
}
#endif

#endif
