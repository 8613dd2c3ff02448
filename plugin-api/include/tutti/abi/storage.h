/* Kind "tutti.storage/0": two verbs, ensure_schema and execute; and host service "tutti.host.store/0".
 * No interactive transaction crosses the boundary, so a plugin that hangs holds no lock.
 *
 * SCHEMA (JSON object; from the `storage` section of the owner's plugin.yaml, plus owner and grants by the host)
 *   namespace  string [a-z_]+; tables are named "<namespace>.<table>" in operations
 *   version    integer; a database with a higher one is refused
 *   owner      plugin id; may do everything in the namespace
 *   grants     {plugin id: {table: ["query","insert","update","upsert","delete","claim"]}}
 *   tables     {name: table}, in an order in which foreign keys resolve
 * Table:
 *   physical   name in the database; default "<namespace>_<name>"
 *   columns    {name: {type, primary, null (default true), default, unique, in: [allowed values], references:
 *              "table.column" (same namespace) | "namespace.table.column", on_delete: "cascade"|"restrict"|"set_null"}}
 *              types: text int64 double decimal bool json time uuid bytes. Default: a value, or "now" for time
 *   unique     [{name, columns: [...], where: FILTER, replaces: [names of constraints or indexes to drop]}]
 *   checks     [{name, check: FILTER}]
 *   indexes    [{name, columns: ["col", "col desc", "json_col->key"], where: FILTER}]
 *   touch      [time columns set to now by every update]
 * ensure_schema creates what is missing, adds columns and indexes, widens types; it never drops a table, column or row.
 * It runs in one transaction per namespace and is idempotent. Result: {"namespace","version","created":[...],
 * "changed":[...]}. Failure names table, column and what to do.
 *
 * BATCH (JSON object) {"parts": [{"by": plugin id, "ops": [op, ...]}, ...]}: applied atomically, in order. Plugins pass
 * {"ops": [...]}; the host adds `by`. Rights are checked per part.
 * Result: {"results": [[one object per op of part 0], [... part 1], ...]}.
 * Any op may have "label": string, and "refs": {"<RFC 6901 pointer into this op>": "<label>.<path>"} which puts a value
 * of an earlier op's result (same part) in that place before it runs; path such as rows/0/old/status or event/seq.
 * A write may have "expect": {"affected": n, "code": "NOT_FOUND", "message": "..."}; unmet, the batch is rolled back
 * and fails with that code (default FAILED_PRECONDITION) and message. update also: "expect": {"version": 7} requires
 * column `version` to be 7 and increments it.
 *
 *   {"op":"insert","table","row":{col:value} | "rows":[...], "ignore_conflict": bool}       -> {"affected"}
 *   {"op":"upsert","table","row","key":[cols],"set":[cols, default all others]}              -> {"affected"}
 *   {"op":"update","table","where":FILTER,"set":{},"add":{col:number},"merge":{json col:{top-level members}},
 *    "return":[cols]}                              -> {"affected","rows":[{"old":{..},"new":{..}}]} (rows with return)
 *   {"op":"delete","table","where":FILTER}                                                   -> {"affected"}
 *   {"op":"get","table","key":{col:value},"select":SELECT}                                   -> {"count","rows"}
 *   {"op":"query",...QUERY}                                                                  -> {"count","rows"}
 *   {"op":"claim","table","where","order","limit","lease":{"owner_column","until_column","owner","ms"},"set":{},
 *    "return":[cols]}: rows whose lease is null or over, taken exclusively                   -> {"affected","rows":[..]}
 *   {"op":"append","stream","type","run","agent","data":{...}}: one journal event            -> {"event":EVENT}
 *   {"op":"journal","stream","since":n,"limit":n}: events with seq > since, ascending  -> {"count","first","last",
 *    "events":[EVENT]}; first and last are the numbers still held by the stream
 * EVENT: {"stream","seq","time","type","run","agent","data"}, members in this order. The numbers of a stream have no gap
 * and follow commit order: they are taken from the stream's head row as the last step of the transaction, so `append`
 * is executed after all other ops of the batch. Refs into the event may use event/seq of nothing else.
 *
 * QUERY: {"from": table, "as": alias, "join": [{"table","as","kind":"inner"|"left","on":{"a.col":"b.col"}}],
 *   "select": SELECT, "where": FILTER, "group": [cols], "order": [{"by": col,"desc": bool}], "limit", "offset",
 *   "after": [values of the order columns]: keyset cursor, "reverse": bool (the chosen rows, other way round)}
 *   or {"branches": [QUERY, ...], "limit", "offset", "reverse"}: each branch with its own limit, merged by each branch's
 *   first order column (direction of the first branch), ties in branch order.
 * Every order is made total by the primary key of `from`.
 * SELECT: [cols] | {name: COL | {"value": literal} | {"count":"*"} | {"sum"|"min"|"max": col} | {"count_of": table,
 *   "match": {"its col": "outer col"}} (0 when none) | {"object": SELECT} (nested JSON object)}; default: all columns.
 * COL: "col", "alias.col", "json_col->key->key" (JSON value; in filters compared as text unless the value is not text).
 * FILTER: {COL: value} (null: IS NULL) | {COL: {"eq"|"ne"|"lt"|"le"|"gt"|"ge": v, "in": [..], "contains": text
 *   (case-insensitive substring, no wildcards), "prefix": text, "null": bool}} | {"and":[..]} | {"or":[..]} |
 *   {"not": FILTER}; several members of one object are joined by AND.
 *
 * VALUES, the same on every engine: time is a string, UTC, six digits, "+00:00" (offsets and fewer digits are accepted
 * in); decimal and double are JSON numbers (NaN and infinity are refused); uuid lower case; bytes base64; NUL and
 * invalid UTF-8 in text and in JSON strings become U+FFFD. Rows are JSON built by the database.
 *
 * ERRORS: ALREADY_EXISTS (unique), FAILED_PRECONDITION (foreign key, expectation), INVALID_ARGUMENT (malformed op, check,
 * not null, type), PERMISSION_DENIED (rights), RESOURCE_EXHAUSTED (queue or batch too large; retry hint), UNAVAILABLE
 * (database away; retry hint), DATA_LOSS. Body: {"part","op","table","constraint"} as far as known. A failed batch
 * leaves nothing behind. OK means committed to disk under the configured durability. */
#ifndef TUTTI_ABI_STORAGE_H
#define TUTTI_ABI_STORAGE_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_STORAGE "tutti.storage/0"

typedef struct tutti_storage {
  uint32_t size;
  /* Ended by finish(info->call). [worker] [active] */
  void (*ensure_schema)(void* self, const tutti_call_info* info, tutti_str schema);
  /* Ended by finish(info->call), calls in commit order. Must not block: waiting batches are queued, bounded.
   * [any] [active] */
  void (*execute)(void* self, const tutti_call_info* info, tutti_str batch);
  /* Writes {"healthy": bool, "reason": string, "engine": string, "version": string, ...}. [any] [active] */
  void (*stats)(void* self, const tutti_sink* out);
} tutti_storage;

#define TUTTI_SERVICE_STORE "tutti.host.store/0"

typedef struct tutti_host_store {
  uint32_t size;
  /* `batch` is {"ops": [...]}. on_finish gets {"results": [one object per op]}, after the journal events of the batch
   * have been given to their subscribers. [any] [active] */
  void (*execute)(const tutti_host* host, tutti_call parent, tutti_str batch, const tutti_reply* reply);
} tutti_host_store;

#ifdef __cplusplus
}
#endif

#endif
