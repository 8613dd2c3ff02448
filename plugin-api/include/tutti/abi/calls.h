/* Host service "tutti.host.calls/1": what a plugin may do with a call the host has made on it.
 * Revision 1, frozen: see docs/abi.md for what that promises.
 *
 * Every kind's functions take a call and end it through `finish`, exactly once, now or later, from any thread. A call
 * that nobody finishes ends with DEADLINE_EXCEEDED at its deadline. */
#ifndef TUTTI_ABI_CALLS_H
#define TUTTI_ABI_CALLS_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_CALLS "tutti.host.calls/1"

typedef struct tutti_host_calls {
  uint32_t size;
  /* Sends one event (JSON) to whoever made the call. OK, WOULD_BLOCK when the receiver's bounded queue is full,
   * NOT_FOUND when the call is over. [any] [active] */
  tutti_code (*emit)(const tutti_host* host, tutti_call call, tutti_str event_json);
  /* The same, waiting up to timeout_ms for room; DEADLINE_EXCEEDED, or CANCELLED when the call is. [worker] [active] */
  tutti_code (*emit_wait)(const tutti_host* host, tutti_call call, tutti_str event_json, uint32_t timeout_ms);
  /* Ends the call. The first wins; a second, or a late one, answers NOT_FOUND. [any] [active] */
  tutti_code (*finish)(const tutti_host* host, tutti_call call, const tutti_outcome* outcome);
  /* 1 when nobody wants its result any more (cancelled, late, over), else 0; also of a started call. [any] [active] */
  int32_t (*cancelled)(const tutti_host* host, tutti_call call);
  /* Asks for one notice of cancellation, so that a call in flight needs no thread to poll. `fn` runs at most once, on
   * a [worker] thread, also when the call is cancelled already. Once `finish` or `forget` has returned it neither runs
   * nor is running (unless they were called from inside it). One notice per call; NOT_FOUND when the call is over.
   * [any] [active] */
  tutti_code (*on_cancel)(const tutti_host* host, tutti_call call, void (*fn)(void* user), void* user);
  /* Withdraws the notice. [any] [active] */
  void (*forget)(const tutti_host* host, tutti_call call);
  /* Cancels a call this plugin started through another service. The call still ends through its on_finish, when it
   * really has stopped. NOT_FOUND when it is over. [any] [active] */
  tutti_code (*cancel)(const tutti_host* host, tutti_call started);
} tutti_host_calls;

#ifdef __cplusplus
}
#endif

#endif
