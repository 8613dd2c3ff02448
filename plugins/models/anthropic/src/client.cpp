#include "client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>

#include <algorithm>
#include <cstdlib>
#include <istream>
#include <ostream>
#include <random>
#include <sstream>
#include <streambuf>
#include <utility>

#include "sse_parser.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::anthropic {
namespace {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;

constexpr const char* kApiVersion = "2023-06-01";
constexpr std::size_t kMaxErrorBytes = 64 << 10;
constexpr std::size_t kReadBytes = 16 << 10;
// After the message has ended only the end of the body is missing; a peer that holds it back costs a connection.
constexpr Poco::Timespan::TimeDiff kDrainMicroseconds = 100'000;

// Calls take(bytes) with whatever is there, as soon as something is there; stops when it returns false or at the end.
template <typename Take>
void ReadPieces(std::streambuf& body, Take&& take) {
  char buffer[kReadBytes];
  while (body.sgetc() != std::streambuf::traits_type::eof()) {
    const std::streamsize ready = std::min<std::streamsize>(body.in_avail(), sizeof buffer);
    const std::streamsize read = body.sgetn(buffer, ready);
    if (!take(std::string_view(buffer, static_cast<std::size_t>(read)))) {
      return;
    }
  }
}

std::string ReadUpTo(std::streambuf& body, std::size_t max_bytes) {
  std::string text;
  ReadPieces(body, [&](std::string_view bytes) {
    text.append(bytes.substr(0, max_bytes - text.size()));
    return text.size() < max_bytes;
  });
  return text;
}

// The number in the status line. Poco's enumeration cannot hold 529, so it is taken from the text.
int StatusOf(const HTTPResponse& response) {
  std::ostringstream head;
  response.write(head);
  const std::string text = head.str();
  return std::atoi(text.c_str() + std::min(text.find(' '), text.size()));
}

double Random() {
  thread_local std::mt19937 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

std::string Replace(std::string_view text, std::string_view secret) {
  std::string out;
  while (true) {
    const std::size_t at = secret.empty() ? std::string_view::npos : text.find(secret);
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) {
      return out;
    }
    out.append("[secret]");
    text.remove_prefix(at + secret.size());
  }
}

}  // namespace

struct Client::Exchange {
  const MessagesRequest& request;
  MessageAssembler assembler;
  std::string request_id;
  bool has_response = false;
};

Client::Client(ClientSettings settings, ModelTable models)
    : settings_(std::move(settings)),
      models_(std::move(models)),
      retry_policy_(settings_.retry),
      connections_(settings_.endpoint, settings_.connection) {}

Result<std::string> Client::Complete(std::string_view request, Cancellation& cancellation,
                                     const MessageAssembler::Emit& emit) {
  if (settings_.api_key.empty()) {
    return Status(Code::kUnauthenticated,
                  "expected an API key for the Messages API, found none; set ANTHROPIC_API_KEY");
  }
  const auto built = BuildRequest(request, models_, settings_.builder);
  if (!built.ok()) {
    return built.status();
  }
  for (int attempt = 1;; ++attempt) {
    Exchange exchange{*built, MessageAssembler(emit), {}, false};
    const auto failure = Run(exchange, cancellation);
    if (!failure) {
      return ToResult(exchange);
    }
    if (cancellation.is_cancelled()) {
      return Status::Cancelled("the completion was cancelled");
    }
    const Status status = WithoutKey(failure->status);
    const auto delay = exchange.assembler.has_emitted() ? std::optional<std::chrono::milliseconds>()
                                                        : retry_policy_.DelayBefore(attempt, *failure, Random());
    if (!delay) {
      const auto hint = failure->is_retryable ? settings_.retry.max_delay : std::chrono::milliseconds(0);
      return status.WithRetryAfter(failure->retry_after.value_or(hint));
    }
    const Status told =
        emit(JsonObject()("type", "retry")("attempt", attempt)("delay_ms", delay->count())("reason", status.message())
                 .Take());
    if (!told.ok()) {
      return told;
    }
    if (cancellation.WaitFor(*delay)) {
      return Status::Cancelled("the completion was cancelled");
    }
  }
}

std::optional<Failure> Client::Run(Exchange& exchange, Cancellation& cancellation) {
  const std::string where = settings_.endpoint.host + ":" + std::to_string(settings_.endpoint.port);
  std::optional<Failure> failure;
  for (bool is_first = true;; is_first = false) {
    bool was_reused = false;
    try {
      auto connection = is_first ? connections_.Take(cancellation) : connections_.Open(cancellation);
      was_reused = connection->is_reused;
      failure = RunOn(std::move(connection), exchange);
    } catch (const Poco::TimeoutException&) {
      failure = FromNetwork(
          "expected bytes from " + where + " within " + std::to_string(settings_.connection.idle_timeout.count()) +
          " ms (connecting: " + std::to_string(settings_.connection.connect_timeout.count()) + " ms), found silence" +
          (exchange.request_id.empty() ? "" : " (request-id " + exchange.request_id + ")"));
    } catch (const Poco::Exception& error) {
      failure = FromNetwork("the connection to " + where + " failed: " + error.displayText() +
                            (exchange.request_id.empty() ? "" : " (request-id " + exchange.request_id + ")"));
    }
    cancellation.Unwatch();
    // A kept connection that the peer has closed meanwhile says nothing about the peer: one try on a new one is free.
    if (!failure || exchange.has_response || !was_reused || cancellation.is_cancelled()) {
      return failure;
    }
  }
}

std::optional<Failure> Client::RunOn(std::unique_ptr<Connection> connection, Exchange& exchange) {
  auto& session = *connection->session;
  HTTPRequest request(HTTPRequest::HTTP_POST, settings_.endpoint.path + "/v1/messages", HTTPRequest::HTTP_1_1);
  request.setHost(settings_.endpoint.host, settings_.endpoint.port);
  request.setContentType("application/json");
  request.setContentLength64(static_cast<Poco::Int64>(exchange.request.body.size()));
  request.set("accept", "text/event-stream");
  request.set("anthropic-version", kApiVersion);
  request.set("x-api-key", settings_.api_key);
  request.set("user-agent", "tutti/0.1.0");
  session.sendRequest(request) << exchange.request.body << std::flush;
  HTTPResponse response;
  std::streambuf& body = *session.receiveResponse(response).rdbuf();
  exchange.has_response = true;
  exchange.request_id = CleanUtf8(response.get("request-id", ""));
  if (const int status = StatusOf(response); status != HTTPResponse::HTTP_OK) {
    ErrorResponse error{.status = status,
                        .body = {},
                        .request_id = exchange.request_id,
                        .should_retry = response.get("x-should-retry", ""),
                        .retry_after_ms = response.get("retry-after-ms", ""),
                        .retry_after = response.get("retry-after", "")};
    try {
      error.body = ReadUpTo(body, kMaxErrorBytes);
    } catch (const Poco::Exception&) {
      error.body = "a body that broke off";
    }
    return FromResponse(error, std::chrono::system_clock::now());
  }
  if (!response.getContentType().starts_with("text/event-stream")) {
    return Failure{.status = Status::Unavailable("expected the Messages API to answer with text/event-stream, found `" +
                                                 CleanUtf8(response.getContentType()) +
                                                 "`; check `base_url` (request-id " + exchange.request_id + ")")};
  }
  if (auto failure = ReadStream(body, exchange)) {
    return failure;
  }
  try {
    session.socket().setReceiveTimeout(Poco::Timespan(kDrainMicroseconds));
    std::size_t surplus = 0;
    ReadPieces(body, [&](std::string_view bytes) { return (surplus += bytes.size()) <= kReadBytes; });
    if (surplus <= kReadBytes && response.getKeepAlive()) {
      session.socket().setReceiveTimeout(
          Poco::Timespan(settings_.connection.idle_timeout.count() * Poco::Timespan::MILLISECONDS));
      connections_.Keep(std::move(connection));
    }
  } catch (const Poco::Exception&) {
    // The message is whole; the connection is simply not kept.
  }
  return {};
}

std::optional<Failure> Client::ReadStream(std::streambuf& body, Exchange& exchange) const {
  std::optional<Failure> failure;
  SseParser parser(settings_.max_event_bytes, [&](std::string_view, std::string_view data) -> Status {
    if (!exchange.assembler.is_complete()) {
      failure = exchange.assembler.Add(data, exchange.request_id);
    }
    return failure ? failure->status : Status();
  });
  std::size_t received = 0;
  ReadPieces(body, [&](std::string_view bytes) {
    received += bytes.size();
    Status status = parser.Feed(bytes);
    if (status.ok() && received > settings_.max_response_bytes) {
      status = Status::ResourceExhausted("expected a response of at most " +
                                         std::to_string(settings_.max_response_bytes) + " bytes, found a longer one");
    }
    if (!status.ok() && !failure) {
      failure = Failure{.status = status};
    }
    return !failure && !exchange.assembler.is_complete();
  });
  if (!failure && !exchange.assembler.is_complete()) {
    failure =
        FromNetwork("the Messages API ended its stream without message_stop (request-id " + exchange.request_id + ")");
  }
  return failure;
}

Result<std::string> Client::ToResult(Exchange& exchange) const {
  auto message = exchange.assembler.Take();
  if (!message.ok()) {
    return WithoutKey(message.status());
  }
  const std::string& model = message->model.empty() ? exchange.request.model : message->model;
  return JsonObject()("model", model)("stop_reason", message->stop_reason)
      .Raw("content", message->content)
      .Raw("usage", message->usage.ToJson())("cost_usd", nullptr)("request_id", exchange.request_id)
      .Take();
}

Status Client::WithoutKey(const Status& status) const {
  return Status(status.code(), Replace(status.message(), settings_.api_key)).WithRetryAfter(status.retry_after());
}

}  // namespace tutti::anthropic
