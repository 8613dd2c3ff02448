/* Kind "tutti.storage/0": two verbs, ensure_schema and execute, beside them maintain and news of other hosts; and the host
 * services "tutti.host.store/0" and "tutti.host.house/0".
 * No interactive transaction crosses the boundary, so a plugin that hangs holds no lock.
 *
 * SCHEMA (JSON object; from the `storage` section of the owner's plugin.yaml, plus owner and grants by the host)
 *   namespace  string [a-z0-9_]+; tables are named "<namespace>.<table>" in operations
 *   version    integer from 1 on; a database with a higher one is refused
 *   owner      plugin id; may do everything in the namespace
 *   grants     {plugin id: {table: ["query","insert","update","upsert","delete","claim"]}}
 *   tables     {name: table}, in an order in which foreign keys resolve
 * Names of namespaces, tables, columns, indexes, aliases and labels: [a-z_][a-z0-9_]*, at most 63 bytes.
 * Table (1 to 48 columns, at least one primary; several primary ones are a joint key):
 *   physical   name in the database; default "<namespace>_<name>"
 *   columns    {name: {type, primary, null (default true), default, unique, in: [allowed values], references:
 *              "table.column" (same namespace) | "namespace.table.column", on_delete: "cascade"|"restrict" (default)|
 *              "set_null"}}
 *              types: text int64 double decimal bool json time uuid bytes. Default: a value, "now" for time, "random"
 *              for uuid (which a single uuid key has by itself)
 *   unique     [{name, columns: [...], where: FILTER, replaces: [names of constraints or indexes to drop]}];
 *              `unique: true` of a column is an index "<physical>_<column>_key"
 *   checks     [{name, check: FILTER}]
 *   indexes    [{name, columns: ["col", "col desc", "json_col->key"], where: FILTER}]
 *   touch      [time columns set to now by every update that does not set them, and by an upsert that changes a row]
 *   agent      whose data a row is, for export and erasure: "column" that holds an agent's id (text or uuid), or
 *              {"column": that | "through": column that references a table with an `agent` of its own, "busy": FILTER,
 *              optional: rows that mean that the agent is at work, so that its data cannot be erased now}. A table that
 *              says nothing keeps its rows when an agent's data is erased.
 *   rules      [{name, says: sentence, dense: int64 column, within: [columns]}: its numbers have no gap and none twice
 *              among rows that are equal in `within` | {name, says, where: FILTER, through: column, expect: FILTER}: the
 *              row which that column references meets `expect`]. What no constraint can hold; `check` looks at it
 * ensure_schema creates what is missing, adds columns and indexes, widens types (integers and bounded decimals on
 * PostgreSQL; SQLite has none to widen); it never drops a table, column or row. Checks, references and `in` are made
 * with their table or column; an index is known by its name: a changed one needs a new name that `replaces` the former.
 * It runs in one transaction per namespace and is idempotent. Result: {"namespace","version","created":[...],
 * "changed":[...]}. Failure names table, column and what to do.
 *
 * BATCH (JSON object) {"parts": [{"by": plugin id, "ops": [op, ...]}, ...]}: applied atomically, in order. Plugins pass
 * {"ops": [...]}; the host adds `by`. Rights are checked per part. An optional "id" names the batch over its tries: an
 * engine that can answers a try after one whose outcome was unknown with the first one's results when that was stored.
 * Result: {"results": [[one object per op of part 0], [... part 1], ...]}.
 * Any op may have "label": string, and "refs": {"<RFC 6901 pointer into this op>": "<label>.<path>"} which puts a value
 * of an earlier op's result (same part) in that place before it runs; path such as rows/0/old/status or event/seq. The
 * place may be a new member of an object or an element that exists, not op, label or refs; the op is checked after
 * that, rights included. A path that leads nowhere fails the batch with FAILED_PRECONDITION.
 * A write may have "expect": {"affected": n, "code": "NOT_FOUND", "message": "..."}; unmet, the batch is rolled back
 * and fails with that code (default FAILED_PRECONDITION) and message. update also: "expect": {"version": 7} requires
 * column `version` (int64) to be 7 and increments it; unmet when no row is left (or not `affected` many).
 *
 *   {"op":"insert","table","row":{col:value} | "rows":[...], "ignore_conflict": bool}       -> {"affected"}
 *   {"op":"upsert","table","row","key":[cols],"set":[cols, default all others of the row]}   -> {"affected"}
 *     key: the primary key or the columns of a unique index (also partial); "set": [] leaves an existing row alone
 *   {"op":"update","table","where":FILTER,"set":{},"add":{col:number},"merge":{json col:{top-level members}},
 *    "return":[cols]}                              -> {"affected","rows":[{"old":{..},"new":{..}}]} (rows with return)
 *     add counts null as 0; merge replaces members (null is a value) and takes what is no object as {}; rows in key
 *     order
 *   {"op":"delete","table","where":FILTER}                                                   -> {"affected"}
 *     update and delete need `where`; {} is every row
 *   {"op":"get","table","key":{col:value},"select":SELECT}                                   -> {"count","rows"}
 *     key: all columns of the primary key or of a unique index
 *   {"op":"query",...QUERY}                                                                  -> {"count","rows"}
 *   {"op":"claim","table","where","order","limit" (default 1),"lease":{"owner_column","until_column","owner","ms"},
 *    "set":{},"return":[cols, default all]}: rows whose lease is null or over, taken exclusively, in order
 *                                                                                       -> {"affected","rows":[..]}
 *   {"op":"append","stream","type","run","agent","tree","data":{...}}: one journal event        -> {"event":EVENT}
 *     run, agent, tree optional; tree: the ids of the agents from the root down to the agent, "/root/.../agent/"
 *   {"op":"journal","stream","since":n,"limit":n (default 1000, at most 10000), filters}: events with seq > since,
 *    ascending                                        -> {"count","first","last","next","events":[EVENT]}
 *     filters, all of which an event must meet: "run": id, "agent": id, "tree": id of an agent (events of it and of
 *     those below it), "types": [up to 1000 types]. first: the oldest number still held, last + 1 when none is; last:
 *     the head, 0 of a stream that never was. next: the number up to which was looked, the `since` of the next page; a
 *     page ends early, also empty, when it has looked at so many events (bounded by the storage) or bytes. There is
 *     no more when next >= last.
 *   {"op":"heads","streams":[up to 1000] (default all),"after": name,"limit": n (as above)}: streams by name, those
 *    behind `after`                                   -> {"count","heads":[{"stream","first","last"}]}
 *   {"op":"trim","stream","before": number | "keep": how many | "older_than": time,"limit": n (as above)}: takes away
 *    the oldest events, up to the first that is not meant, at most `limit`; only the host may (by "tutti.host")
 *                                                     -> {"removed","first","last","more": whether to go on}
 * EVENT: {"stream","seq","time","type","run","agent","tree","data"}, members in this order; run, agent and tree null when
 * not given. The numbers of a stream begin at 1, have no gap and follow commit order, also when several hosts write to
 * one database: they are taken from the stream's head row as the last step of the transaction, so `append` is executed
 * after all other ops of the batch. An append may therefore refer to any earlier op, other ops may not refer to an
 * append. Streams have no owner: any plugin may append and read.
 *
 * QUERY: {"from": table, "as": alias (default the table's name), "join": [{"table","as","kind":"inner"
 *   (default)|"left", "on":{"a.col":"b.col"}, "where": FILTER over the joined table, "each": bool}], "select": SELECT,
 *   "where": FILTER, "group": [cols], "order": [{"by": col,"desc": bool}], "limit", "offset", "after": [values of the
 *   order columns]: keyset cursor, "reverse": bool (the chosen rows, other way round), "total": {"from","where"}}
 *   or {"branches": [QUERY, ...], "limit", "offset", "reverse", "total"}: each branch with its own limit, merged by
 *   each branch's first order column (of one type; direction of the first branch), ties in branch order. A branch may
 *   be such branches with a limit of their own; those may not.
 * total: how many rows of that table meet that filter, in the same statement: the result has "total" beside "count".
 * each: the first rows of `from` are looked up for each row of the joined table and merged. The same rows as without,
 *   at a cost that follows the rows asked for and those of the joined table, not the size of `from`, given an index on
 *   `on` and `order`. It is the only join, inner; `where` names columns of `from` only, `order` and `limit` are needed.
 * Every order is made total by the primary key of `from` (groups: by the group columns), in the direction of the last
 * term. null comes first ascending and last descending; text sorts by its UTF-8 bytes. `order` takes plain columns, in
 * groups also names of selected aggregates. `after` may have the key's values behind those of the order columns:
 * without them rows equal to the last one are passed over, with them none is.
 * SELECT: [cols] | {name: COL | {"value": literal} | {"count":"*"} | {"sum"|"min"|"max": col} | {"count_of": table,
 *   "match": {"its col": "outer col"}} (0 when none) | {"object": SELECT} (nested JSON object)}; default: all columns
 *   of `from`; at most 48 members. sum of no rows is 0, min and max of none are null. What stands beside an aggregate
 *   must be in `group`.
 * COL: "col" (of `from`), "alias.col", "json_col->key->key" (JSON value; members only, no array elements).
 * FILTER: {COL: value} (null: IS NULL) | {COL: {"eq"|"ne"|"lt"|"le"|"gt"|"ge": v, "in": [..], "contains": text
 *   (substring, ASCII letters in either case, no wildcards), "prefix": text, "null": bool}} | {"and":[..]} |
 *   {"or":[..]} | {"not": FILTER}; several members of one object are joined by AND. A filter is true or false, never
 *   unknown: null equals null only, so {"ne": v} and {"not": ..} also find rows where the column is null. A JSON member
 *   is found by a value of its own kind (text by text, number by number, true and false by eq and ne); null finds a
 *   missing member too.
 *
 * VALUES, the same on every engine: time is a string, UTC, six digits, "+00:00" (offsets and fewer digits are accepted
 * in, further digits cut; years 1 to 9999); decimal and double are JSON numbers (NaN and infinity are refused),
 * decimals are kept to ten fraction digits or 15 significant ones; uuid lower case; bytes base64; NUL and invalid UTF-8
 * in text and in JSON strings become U+FFFD. The order of members inside JSON values is not kept by every engine, in
 * events it is. Rows are JSON built by the database.
 *
 * MAINTENANCE: one request (JSON object), on a connection of its own beside whatever else uses the database. It takes as
 * long as it takes and tells how far it is in events {"table","rows"}. Declarations are those that ensure_schema was
 * given last, which the database remembers. Files exist already: whoever asks makes them and moves them to their place.
 *   {"do":"archive","file": path,"by": who writes it}: one snapshot of all declared tables and of the journal
 *    (docs/archive.md)                                              -> {"tables","rows","events","sha256"}
 *   {"do":"load","file": path}: an archive into a database without rows, in one transaction, in which every row is read
 *    back and compared                                             -> the same
 *   {"do":"compare","file": path}: does the database hold what the archive does, and nothing else? -> the same
 *   {"do":"check"}: is everything whole?                             -> {"findings":[sentence],"tables","rows","streams","events"}
 *   {"do":"export","agent": id,"file": path}: all rows and events of an agent as JSON lines; without `file`, up to 32 MiB,
 *    in the result                                                 -> {"agent","rows","events","tables":{name: n},"lines"}
 *   {"do":"erase","agent": id,"note": {"table","row"},"compact": bool}: deletes those rows, blanks those events in place
 *    (data becomes {"type":"erased"}) and adds the note's row, in one transaction; compact takes the time to write the
 *    database anew. `left`: a sentence on what the database still holds of it, or ""
 *                                                                  -> {"agent","rows","events","tables","left"}
 * FAILED_PRECONDITION: not empty, rows that differ, an agent at work; DATA_LOSS: a damaged archive; NOT_FOUND: no such
 * agent, no such archive; CANCELLED.
 *
 * ERRORS: ALREADY_EXISTS (unique), FAILED_PRECONDITION (foreign key, expectation), INVALID_ARGUMENT (malformed op,
 * check, not null, type), PERMISSION_DENIED (rights), RESOURCE_EXHAUSTED (queue, batch or result too large; retry
 * hint), UNAVAILABLE (database away, too slow, or without room; retry hint), ABORTED (another host came between; retry hint), DEADLINE_EXCEEDED (a
 * statement took too long), DATA_LOSS. Body: {"part","op","table","constraint"} as far as known. A failed batch leaves
 * nothing behind, except that a connection lost during COMMIT leaves the outcome unknown, which the message of that
 * UNAVAILABLE says. OK means committed to disk under the configured durability. */
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
  /* MAINTENANCE. Ended by finish(info->call). May be NULL. [worker] [inited] */
  void (*maintain)(void* self, const tutti_call_info* info, tutti_str request);
  /* Optional, may be NULL or beyond `size`. Emits {"stream","last"} when another host has committed events to a stream,
   * and {} when it begins to hear of them, at first and after it could not for a while: the host then looks at `heads`.
   * Until the call is cancelled. Hints only: any may be missing, repeated or late, so the host looks at `heads` now and
   * then all the same. Ended by finish(info->call): UNIMPLEMENTED when this storage hears of no other host, anything else
   * when the host is to try again. Must not block. [any] [active] */
  void (*watch)(void* self, const tutti_call_info* info);
} tutti_storage;

#define TUTTI_SERVICE_STORE "tutti.host.store/0"

typedef struct tutti_host_store {
  uint32_t size;
  /* `batch` is {"ops": [...]}, with "urgent": true for what recovery depends on, such as the renewal of a lease: it is
   * tried also while the host refuses other batches at once, because the database is away. on_finish gets {"results": [one object per op]}, after the journal events of the batch
   * have been given to their subscribers. [any] [active] */
  void (*execute)(const tutti_host* host, tutti_call parent, tutti_str batch, const tutti_reply* reply);
} tutti_host_store;

#define TUTTI_SERVICE_HOUSE "tutti.host.house/0"

/* Keeping house of the storage in use. Only for plugins that were granted `house`: it reads and erases across all
 * namespaces. */
typedef struct tutti_host_house {
  uint32_t size;
  /* `request` is one of MAINTENANCE: check, export without a file, or erase, whose `note` the host writes itself. Others
   * are PERMISSION_DENIED. [any] [active] */
  void (*maintain)(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply);
} tutti_host_house;

#ifdef __cplusplus
}
#endif

#endif
