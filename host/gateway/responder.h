// Writes answers: the fixed headers every one carries, CORS, and the error bodies.
//
// Every answer says nosniff, no-store and Vary: Origin; those to an accepted origin carry the CORS pair, errors too.
// Threads: any; an Exchange is used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "host/registry/command_definition.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class TransportPort;

inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kProblemJson = "application/problem+json; charset=utf-8";
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// What is needed to answer a request after its bytes are gone.
struct Exchange {
  TransportPort* transport = nullptr;
  std::uint64_t id = 0;
  std::string allow_origin;                             // empty: no CORS headers
  std::function<void(std::uint32_t status)> on_answer;  // may be empty
};

struct ExtraHeader {
  std::string_view name;  // empty: none
  std::string_view value;
};

// With headers of the caller's choice. At most 8 of them count.
void RespondWith(const Exchange& exchange, std::uint32_t status, std::string_view content_type,
                 std::string_view cache_control, std::span<const ExtraHeader> extra, std::string_view body);

// What must not be kept by anybody: everything but files.
void Respond(const Exchange& exchange, std::uint32_t status, std::string_view content_type, std::string_view body,
             ExtraHeader extra = {});

// Begins an answer of server-sent events. What fails leaves the exchange to be answered, but for NOT_FOUND: its client
// has gone.
[[nodiscard]] Status BeginEvents(const Exchange& exchange);

// {"detail": message}, with one more header where given.
void RespondDetail(const Exchange& exchange, std::uint32_t status, std::string_view message, ExtraHeader extra = {});

// 401, saying how a token is sent.
void RespondUnauthenticated(const Exchange& exchange);

// The answer to a CORS preflight of an accepted origin.
void RespondPreflight(const Exchange& exchange, std::string_view requested_headers);

// A fault of the request itself, in the form its route speaks.
void RespondFault(const Exchange& exchange, std::uint32_t status, ErrorBody form, std::string_view message);

// A failed command. `errors` in the status' details, the schema's findings, are listed with `location` ("body" or
// "query") in front of their path.
void RespondStatus(const Exchange& exchange, const Status& status, ErrorBody form, std::string_view location);

// The body of RespondStatus, and the HTTP status it goes with.
std::string DetailBody(const Status& status, std::string_view location);
std::string ProblemBody(const Status& status, std::string_view location);

}  // namespace tutti::host
