// The rows of host.idempotency: one per key, with the first answer once there is one.
//
// Plain functions over the storage language.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::host {

// Member of the host's schema.
inline constexpr char kIdempotencyTable[] = R"("idempotency":{
  "columns":{"id":{"type":"text","primary":true},"fingerprint":{"type":"text","null":false},
    "principal":{"type":"text"},"request":{"type":"text","null":false},
    "state":{"type":"text","null":false,"in":["running","done"]},"owner":{"type":"text","null":false},
    "host":{"type":"text","null":false},"applied":{"type":"bool","null":false,"default":false},
    "code":{"type":"int64"},"message":{"type":"text"},"details":{"type":"text"},"retry_after_ms":{"type":"int64"},
    "body":{"type":"text"},"created_at":{"type":"time","null":false},"lease_until":{"type":"time","null":false},
    "expires_at":{"type":"time","null":false}},
  "indexes":[{"name":"host_idempotency_expires","columns":["expires_at"]},
    {"name":"host_idempotency_owner","columns":["owner"],"where":{"state":"running"}}]})";

struct KeyRow {
  std::string id;           // of principal, method, path and key
  std::string fingerprint;  // of what was sent
  std::string principal;
  std::string request;  // "POST /v1/x", for people
  std::string owner;    // the process that runs it
  std::string host;     // the host it belongs to
  std::int64_t now_us = 0;
  std::int64_t lease_us = 0;
  std::int64_t retention_us = 0;
};

// Makes the row unless there is one, and reads it.
std::string ClaimBatch(const KeyRow& row);

// Reads it only.
std::string LookBatch(std::string_view id);

// Takes the row over from a process that is gone, when nothing was applied. FAILED_PRECONDITION: another was faster.
std::string TakeOverBatch(const KeyRow& row, std::string_view former_owner);

// In front of a batch: something is applied. ABORTED: the row belongs to somebody else by now.
std::string MarkAppliedOps(std::string_view id, std::string_view owner);

// The answer.
std::string FinishBatch(std::string_view id, std::string_view owner, const Result<std::string>& result);

// Forgets the key when nothing was applied; {"affected"} says whether.
std::string ForgetBatch(std::string_view id, std::string_view owner);

// An expired row that has an answer.
std::string DropExpiredBatch(std::string_view id, std::int64_t now_us);

// What the row holds, as the command answered it.
Result<std::string> AnswerOf(JsonView row);

std::string RenewBatch(std::string_view owner, std::int64_t until_us);

// Ids of the oldest rows that may go: answered, or run by nobody any more. And how many rows there are.
std::string FindExpiredBatch(std::int64_t now_us, std::int64_t most);
std::string DropBatch(const std::string& ids);

}  // namespace tutti::host
