/* Host service "tutti.host.metrics/0": counters, gauges and histograms on /metrics, labelled with the plugin's id. */
#ifndef TUTTI_ABI_METRICS_H
#define TUTTI_ABI_METRICS_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_METRICS "tutti.host.metrics/0"

/* Names follow Prometheus ([a-z_]+, base units, counters end in _total); the host prefixes "tutti_". `labels` is a flat
 * JSON object of strings, or empty. A plugin may have 1,000 series; more are counted and dropped. */
typedef struct tutti_host_metrics {
  uint32_t size;
  void (*add)(const tutti_host* host, tutti_str name, tutti_str labels, double value);     /* counter [any] [inited] */
  void (*set)(const tutti_host* host, tutti_str name, tutti_str labels, double value);     /* gauge [any] [inited] */
  void (*observe)(const tutti_host* host, tutti_str name, tutti_str labels, double value); /* histogram [any] [inited] */
} tutti_host_metrics;

#ifdef __cplusplus
}
#endif

#endif
