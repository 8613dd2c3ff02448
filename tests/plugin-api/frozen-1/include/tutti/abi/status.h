/* One table from status codes to HTTP, WebSocket close codes, MCP (JSON-RPC) and tool results.
 * HTTP after google.rpc.Code, with 422 for arguments that a schema refused.
 * Revision 1, frozen: see docs/abi.md for what that promises. */
#ifndef TUTTI_ABI_STATUS_H
#define TUTTI_ABI_STATUS_H

#include "tutti/abi/core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tutti_status_row {
  tutti_code code;
  const char* name;
  int32_t http;      /* response status */
  int32_t websocket; /* close code, RFC 6455 section 7.4.1 */
  int32_t mcp;       /* JSON-RPC 2.0 error code */
  int32_t is_error;  /* tool result flag */
} tutti_status_row;

static const tutti_status_row tutti_status_table[] = {
    {TUTTI_OK, "OK", 200, 1000, 0, 0},
    {TUTTI_CANCELLED, "CANCELLED", 499, 1001, -32800, 1},
    {TUTTI_UNKNOWN, "UNKNOWN", 500, 1011, -32603, 1},
    {TUTTI_INVALID_ARGUMENT, "INVALID_ARGUMENT", 422, 1008, -32602, 1},
    {TUTTI_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 504, 1011, -32001, 1},
    {TUTTI_NOT_FOUND, "NOT_FOUND", 404, 1008, -32002, 1},
    {TUTTI_ALREADY_EXISTS, "ALREADY_EXISTS", 409, 1008, -32003, 1},
    {TUTTI_PERMISSION_DENIED, "PERMISSION_DENIED", 403, 1008, -32004, 1},
    {TUTTI_RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", 429, 1013, -32005, 1},
    {TUTTI_FAILED_PRECONDITION, "FAILED_PRECONDITION", 409, 1008, -32006, 1},
    {TUTTI_ABORTED, "ABORTED", 409, 1011, -32007, 1},
    {TUTTI_OUT_OF_RANGE, "OUT_OF_RANGE", 422, 1008, -32008, 1},
    {TUTTI_UNIMPLEMENTED, "UNIMPLEMENTED", 501, 1003, -32601, 1},
    {TUTTI_INTERNAL, "INTERNAL", 500, 1011, -32603, 1},
    {TUTTI_UNAVAILABLE, "UNAVAILABLE", 503, 1013, -32009, 1},
    {TUTTI_DATA_LOSS, "DATA_LOSS", 500, 1011, -32010, 1},
    {TUTTI_UNAUTHENTICATED, "UNAUTHENTICATED", 401, 1008, -32011, 1},
};

/* The row of a code; that of UNKNOWN for a number outside the table. */
static inline const tutti_status_row* tutti_status_find(tutti_code code) {
  if (code < 0 || code > TUTTI_UNAUTHENTICATED) {
    code = TUTTI_UNKNOWN;
  }
  return &tutti_status_table[code];
}

#ifdef __cplusplus
}
#endif

#endif
