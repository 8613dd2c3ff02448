/* Host service "tutti.host.events/0", and the event header that hooks and subscriptions filter by.
 * tutti_event is revision 1, frozen: see docs/abi.md for what that promises. The service is not frozen yet. */
#ifndef TUTTI_ABI_EVENTS_H
#define TUTTI_ABI_EVENTS_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_EVENTS "tutti.host.events/0"

/* Fixed header before an opaque JSON body, so that a reader can filter without parsing. Closed: it stands in arrays. */
typedef struct tutti_event {
  uint32_t size;
  tutti_str type;   /* such as "agent_log" */
  uint64_t seq;     /* journal number within the stream; 0 = transient, not journaled */
  int64_t time_us;  /* Unix time in microseconds */
  tutti_str stream; /* journal stream */
  tutti_str run;
  tutti_str agent;
  tutti_str data;   /* JSON, what clients receive */
} tutti_event;

typedef struct tutti_host_events {
  uint32_t size;
  /* Sends a transient event (typing, token deltas) to the subscribers of its stream; `seq` is ignored. Durable events
   * are `append` operations of a storage batch instead. Ordered after every event whose batch's on_finish has begun.
   * [any] [active] */
  tutti_code (*publish)(const tutti_host* host, const tutti_event* event);
  /* Open WebSocket connections, over all transports. [any] [active] */
  uint32_t (*connections)(const tutti_host* host);
} tutti_host_events;

#ifdef __cplusplus
}
#endif

#endif
