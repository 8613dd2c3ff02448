/* Host service "tutti.host.log/1": structured log lines under the plugin's id.
 * Revision 1, frozen: see docs/abi.md for what that promises. */
#ifndef TUTTI_ABI_LOG_H
#define TUTTI_ABI_LOG_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_SERVICE_LOG "tutti.host.log/1"

enum {
  TUTTI_LOG_TRACE = 0,
  TUTTI_LOG_DEBUG = 1,
  TUTTI_LOG_INFORMATION = 2,
  TUTTI_LOG_WARNING = 3,
  TUTTI_LOG_ERROR = 4,
  /* For the operator at the terminal: logged as information and printed by `tutti run`. At most a few per start. */
  TUTTI_LOG_NOTICE = 5
};

typedef struct tutti_host_log {
  uint32_t size;
  /* `message` is a constant sentence; what varies goes to `fields`, a flat JSON object, or empty. Never put bodies or
   * secrets here above trace. Never blocks; a full queue drops the line and counts it. [any] [created] */
  void (*write)(const tutti_host* host, int32_t level, tutti_str message, tutti_str fields);
  /* Whether a line of this level would be kept. [any] [created] */
  int32_t (*enabled)(const tutti_host* host, int32_t level);
} tutti_host_log;

#ifdef __cplusplus
}
#endif

#endif
