/* Host service "tutti.host.executor/0": the host's bounded worker pool and timers. */
#ifndef TUTTI_ABI_EXECUTOR_H
#define TUTTI_ABI_EXECUTOR_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_EXECUTOR "tutti.host.executor/0"

typedef struct tutti_host_executor {
  uint32_t size;
  /* Runs fn(user) on a worker thread. RESOURCE_EXHAUSTED when the queue is full (executor.queue). [any] [active] */
  tutti_code (*post)(const tutti_host* host, void (*fn)(void* user), void* user);
  /* Runs fn(user) on a worker thread after delay_ms; *timer can be given to cancel_timer. [any] [active] */
  tutti_code (*post_after)(const tutti_host* host, uint32_t delay_ms, void (*fn)(void* user), void* user,
                           uint64_t* timer);
  /* OK: fn will not run. NOT_FOUND: it ran, is running, or was cancelled before. [any] [active] */
  tutti_code (*cancel_timer)(const tutti_host* host, uint64_t timer);
} tutti_host_executor;

#ifdef __cplusplus
}
#endif

#endif
