#include "host/cli/chat.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/URI.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <set>
#include <utility>

#include "host/cli/chat_watch.h"
#include "host/cli/http_client.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

using Clock = std::chrono::steady_clock;
using Poco::Net::WebSocket;

constexpr int kRequestSeconds = 30;
constexpr int kMaxFrameBytes = 64 << 20;
// When the server has been quiet for this long after the turn, it is asked whether an agent is still at work.
constexpr long kQuietMicros = 300000;

Poco::Timespan RequestTimeout() {
  return {kRequestSeconds, 0};
}

class ChatClient {
 public:
  ChatClient(const ChatOptions& options, std::ostream& out)
      : options_(options),
        uri_(options.url),
        http_({.url = options.url,
               .token = options.token,
               .token_hint = "set TUTTI_TOKEN to the server's token",
               .timeout = std::chrono::seconds(kRequestSeconds)}),
        message_(CleanUtf8(options.message)),
        deadline_(Clock::now() + options.timeout),
        watch_(message_, options.use_color),
        out_(out) {}

  Status Run() {
    if (Status status = http_.CheckUrl(); !status.ok()) {
      return status;
    }
    Result<std::string> orchestrator = FindOrchestrator();
    if (!orchestrator.ok()) {
      return orchestrator.status();
    }
    Connect();
    if (Status status = WaitUntil([this] { return watch_.is_connected(); }); !status.ok()) {
      return status;
    }
    Result<std::set<std::string>> busy = BusyAgents();
    if (!busy.ok()) {
      return busy.status();
    }
    busy_before_ = std::move(*busy);
    if (Status status = Send(*orchestrator); !status.ok()) {
      return status;
    }
    if (Status status = WaitUntil([this] { return watch_.is_turn_over(); }); !status.ok()) {
      return status;
    }
    if (Status status = WaitForAgents(); !status.ok()) {
      return status;
    }
    if (!watch_.usage().empty()) {
      out_ << watch_.usage() << std::endl;
    }
    return watch_.has_failed() ? Status(Code::kAborted, "the turn or an agent failed, see above") : Status();
  }

 private:
  void Authorize(Poco::Net::HTTPRequest& request) const {
    if (!options_.token.empty()) {
      request.set("Authorization", "Bearer " + options_.token);
    }
  }

  Result<std::string> FindOrchestrator() {
    Result<Json> json = http_.Request("GET", "/get_orchestrator", {});
    if (!json.ok()) {
      return json.status();
    }
    const JsonView orchestrator = (*json)["orchestrator"];
    const std::string id(orchestrator["id"].AsString());
    if (id.empty()) {
      return Status::Unavailable("GET /get_orchestrator answered without orchestrator.id; is this a tutti server?");
    }
    const std::string_view session = orchestrator["session_id"].AsString();
    if (!options_.session.empty() && options_.session != id && options_.session != session) {
      return Status::FailedPrecondition("the server runs session " + (session.empty() ? id : std::string(session)) +
                                        ", not " + options_.session + "; start it with --session " + options_.session);
    }
    return id;
  }

  void Connect() {
    Poco::Net::HTTPClientSession session(uri_.getHost(), uri_.getPort());
    session.setTimeout(RequestTimeout());
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, http_.Target("/ws"),
                                   Poco::Net::HTTPMessage::HTTP_1_1);
    Authorize(request);
    Poco::Net::HTTPResponse response;
    socket_ = std::make_unique<WebSocket>(session, request, response);
    socket_->setReceiveTimeout(RequestTimeout());
    socket_->setSendTimeout(RequestTimeout());
    socket_->setMaxPayloadSize(kMaxFrameBytes);
  }

  Status Send(const std::string& orchestrator) {
    const std::string body = JsonObject()("message", message_)("orchestrator_agent_id", orchestrator).Take();
    return http_.Request("POST", "/send_chat", body).status();
  }

  template <typename Condition>
  Status WaitUntil(Condition is_met) {
    while (!is_met()) {
      Result<bool> received = Receive(RequestTimeout());
      if (!received.ok()) {
        return received.status();
      }
    }
    return {};
  }

  Status WaitForAgents() {
    while (true) {
      Result<bool> received = Receive(Poco::Timespan(kQuietMicros));
      if (!received.ok()) {
        return received.status();
      }
      if (*received || watch_.has_busy_agents()) {
        continue;
      }
      Result<std::set<std::string>> busy = BusyAgents();
      if (!busy.ok()) {
        return busy.status();
      }
      for (const std::string& agent : busy_before_) {
        busy->erase(agent);
      }
      if (busy->empty()) {
        return {};
      }
    }
  }

  Result<std::set<std::string>> BusyAgents() {
    Result<Json> json = http_.Request("GET", "/list_agents", {});
    if (!json.ok()) {
      return json.status();
    }
    std::set<std::string> busy;
    (*json)["agents"].ForEach([&](JsonView agent) {
      watch_.Know(agent["id"].AsString(), agent["name"].AsString());
      if (agent["status"].AsString() == "executing") {
        busy.emplace(agent["id"].AsString());
      }
    });
    return busy;
  }

  // One message at most; false when `limit` passed without any.
  Result<bool> Receive(Poco::Timespan limit) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) {
      return Status::DeadlineExceeded("stopped watching after " + std::to_string(options_.timeout.count()) +
                                      " seconds; the agents go on. --timeout sets the limit");
    }
    const Poco::Timespan wait = std::min<Poco::Timespan::TimeDiff>(limit.totalMicroseconds(), left.count());
    // Waiting happens before a frame begins: a time-out inside one would lose its place.
    if (socket_->available() <= 0 && !socket_->poll(wait, Poco::Net::Socket::SELECT_READ)) {
      return false;
    }
    Poco::Buffer<char> buffer(0);
    int flags = 0;
    const int length = socket_->receiveFrame(buffer, flags);
    const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
    if (opcode == WebSocket::FRAME_OP_CLOSE || (length == 0 && flags == 0)) {
      return Status::Unavailable("the server closed the connection before the turn was over");
    }
    if (opcode == WebSocket::FRAME_OP_PING) {
      socket_->sendFrame(buffer.begin(), length, int{WebSocket::FRAME_FLAG_FIN} | int{WebSocket::FRAME_OP_PONG});
      return true;
    }
    if (opcode == WebSocket::FRAME_OP_TEXT || opcode == WebSocket::FRAME_OP_CONT) {
      if (pending_.size() + static_cast<std::size_t>(length) > static_cast<std::size_t>(kMaxFrameBytes)) {
        return Status::ResourceExhausted("the server sent a message of more than " + std::to_string(kMaxFrameBytes) +
                                         " bytes");
      }
      pending_.append(buffer.begin(), static_cast<std::size_t>(length));
      if ((flags & WebSocket::FRAME_FLAG_FIN) != 0) {
        out_ << watch_.Take(std::exchange(pending_, {})) << std::flush;
      }
    }
    return true;
  }

  const ChatOptions& options_;
  const Poco::URI uri_;
  const HttpClient http_;
  const std::string message_;
  const Clock::time_point deadline_;
  ChatWatch watch_;
  std::ostream& out_;
  std::unique_ptr<WebSocket> socket_;
  std::string pending_;
  std::set<std::string> busy_before_;
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? std::string() : value;
}

}  // namespace

int Chat(const ChatOptions& options, std::ostream& out, std::ostream& err) {
  Status status;
  try {
    status = ChatClient(options, out).Run();
  } catch (const Poco::Exception& exception) {
    status = HttpClient::Unreachable(options.url, exception.displayText());
  }
  if (status.ok()) {
    return 0;
  }
  err << "tutti: " << status.message() << '\n';
  return 1;
}

int RunChat(const CommandLine& line) {
  ChatOptions options;
  const std::string url = line.url.empty() ? Environment("TUTTI_URL") : line.url;
  if (!url.empty()) {
    options.url = url;
  }
  options.token = Environment("TUTTI_TOKEN");
  options.session = line.session;
  options.message = line.message;
  if (!line.timeout.empty()) {
    options.timeout = std::chrono::seconds(std::stoi(line.timeout));
  }
  options.use_color = isatty(STDOUT_FILENO) == 1;
  return Chat(options, std::cout, std::cerr);
}

}  // namespace tutti::host
