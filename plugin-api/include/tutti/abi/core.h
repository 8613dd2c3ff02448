/* The words every other ABI header is made of: strings, status codes, call handles, sinks, outcomes.
 * Revision 1, frozen: see docs/abi.md for what that promises.
 *
 * Conventions, for all headers in this folder:
 *  1. Every struct begins with `size` (tutti_entry has it second), set by whoever fills it to sizeof the struct it was
 *     compiled with. Structs only grow at the end; a field may be read only when `size` covers it (TUTTI_HAS). A struct
 *     smaller than in the first minor of its revision is refused. Closed structs never grow, because they stand in
 *     arrays or in other structs: tutti_str, tutti_event, tutti_status_row, tutti_header.
 *  2. In-parameters are borrowed for the length of the call. Nothing is freed across the boundary: results leave
 *     through a tutti_sink or through `finish`.
 *  3. Strings are pointer + length, UTF-8, not terminated. {NULL, 0} is the empty string.
 *  4. Nothing is thrown across. A fault is a tutti_code and a sentence.
 *  5. Each function's comment ends with its thread, one of [main] (the host's control thread), [worker] (a pool thread
 *     that may block), [io] (must return at once), [any] (callable from any thread, must not block), and then the
 *     plugin's state: [created] [inited] [active].
 *  6. Whatever crosses could cross a socket: bytes, numbers and handles. A function pointer is always paired with a
 *     `void* user` of the side that gave it, and is only ever called on that side.
 */
#ifndef TUTTI_ABI_CORE_H
#define TUTTI_ABI_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Revision of the boundary as a whole; a library with another major is refused with a sentence. */
#define TUTTI_ABI_MAJOR 1u
#define TUTTI_ABI_MINOR 1u

#define TUTTI_HAS(ptr, type, field) \
  ((ptr) != NULL && (size_t)(ptr)->size >= offsetof(type, field) + sizeof((ptr)->field))

typedef struct tutti_str {
  const char* data;
  size_t size;
} tutti_str;

/* The sixteen canonical codes, with the numbers of google.rpc.Code (gRPC, Abseil). */
typedef int32_t tutti_code;
enum {
  TUTTI_OK = 0,
  TUTTI_CANCELLED = 1,
  TUTTI_UNKNOWN = 2,
  TUTTI_INVALID_ARGUMENT = 3,
  TUTTI_DEADLINE_EXCEEDED = 4,
  TUTTI_NOT_FOUND = 5,
  TUTTI_ALREADY_EXISTS = 6,
  TUTTI_PERMISSION_DENIED = 7,
  TUTTI_RESOURCE_EXHAUSTED = 8,
  TUTTI_FAILED_PRECONDITION = 9,
  TUTTI_ABORTED = 10,
  TUTTI_OUT_OF_RANGE = 11,
  TUTTI_UNIMPLEMENTED = 12,
  TUTTI_INTERNAL = 13,
  TUTTI_UNAVAILABLE = 14,
  TUTTI_DATA_LOSS = 15,
  TUTTI_UNAUTHENTICATED = 16,
  /* Only ever the answer of `emit`: the receiver's queue is full, try emit_wait or again later. */
  TUTTI_WOULD_BLOCK = 100
};

/* A running call. Generation-checked: a late use answers TUTTI_NOT_FOUND, it never crashes. 0 is no call. */
typedef uint64_t tutti_call;

/* Takes bytes out of a callee. `write` may be called several times; the pieces are joined. Valid for the call it was
 * given to, on the calling thread only. */
typedef struct tutti_sink {
  uint32_t size;
  void* user;
  void (*write)(void* user, tutti_str bytes);
} tutti_sink;

/* How a call ended. */
typedef struct tutti_outcome {
  uint32_t size;
  tutti_code code;
  tutti_str body;          /* JSON. Result when code is OK (may be empty = null), details otherwise (may be empty). */
  tutti_str message;       /* code != OK: what was expected, what was found, where, what to do. */
  uint32_t retry_after_ms; /* code != OK: when another try makes sense; 0 = no hint. */
} tutti_outcome;

/* The end of a call on the side that started it. Both functions run on a [worker] thread, one at a time and in order
 * for one call, never on the stack of the function that took this struct (though perhaps on another thread before it
 * returned; its out-parameters are set by then). `on_finish` runs exactly once, last. */
typedef struct tutti_reply {
  uint32_t size;
  void* user;
  void (*on_event)(void* user, tutti_str event_json); /* may be NULL: events are dropped */
  void (*on_finish)(void* user, const tutti_outcome* outcome);
} tutti_reply;

/* How a command was reached. */
enum {
  TUTTI_SURFACE_INTERNAL = 0, /* a plugin, with no client behind it */
  TUTTI_SURFACE_REST = 1,
  TUTTI_SURFACE_WEBSOCKET = 2,
  TUTTI_SURFACE_SLASH = 3,
  TUTTI_SURFACE_TOOL = 4, /* an agent's tool call */
  TUTTI_SURFACE_MCP = 5
};

/* What a plugin is told about a call that the host makes on it. Borrowed for the call. */
typedef struct tutti_call_info {
  uint32_t size;
  tutti_call call;
  uint32_t depth;      /* calls above this one; 0 for a client's request */
  uint32_t surface;    /* TUTTI_SURFACE_* */
  int64_t deadline_ms; /* Unix time in milliseconds after which the host cancels; 0 = none */
  tutti_str trace;     /* one id from socket to socket */
  tutti_str caller;    /* id of the plugin that made the call, empty for a client */
  tutti_str principal; /* who stands behind it, empty for the local user */
  tutti_str run;       /* run id, empty outside a run */
  tutti_str agent;     /* agent id, empty outside an agent */
  tutti_str stream;    /* journal stream of the run, empty outside a run */
  tutti_str labels;    /* JSON object given by whoever started the run, empty outside a run */
} tutti_call_info;

#ifdef __cplusplus
}
#endif

#endif
