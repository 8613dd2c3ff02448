#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "acceptor.h"
#include "clock.h"
#include "handshake.h"
#include "io_loop.h"
#include "listener.h"
#include "outgoing_message.h"
#include "response_writer.h"
#include "tutti/sdk/text.hpp"

namespace tutti::transport::http {
namespace {

// Slots for clients that are told of the connection limit.
constexpr std::size_t kSurplusSlots = 64;

// While alive, new threads start with all signals blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }

  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

Status Late(std::uint64_t number) {
  return Status::NotFound("no exchange or connection " + std::to_string(number) +
                          " is open: it was answered or closed, or its client has gone");
}

}  // namespace

Server::Server(Settings settings, Handler& handler)
    : settings_(std::move(settings)), handler_(handler), table_(settings_.max_connections + kSurplusSlots) {}

Server::~Server() {
  Stop(std::chrono::milliseconds(0));
}

Result<Server::Listening> Server::Listen() {
  Result<Listeners> listeners = OpenListeners(settings_.listen);
  if (!listeners) {
    return listeners.status();
  }
  const SignalsBlocked signals_are_the_hosts;
  workers_ = std::make_unique<WorkerPool>(settings_.workers, settings_.worker_queue);
  const Context context{settings_, handler_, table_, *workers_, counters_, is_paused_};
  std::vector<IoLoop*> loops;
  for (std::size_t i = 0; i < settings_.io_threads; ++i) {
    loops_.push_back(std::make_unique<IoLoop>(context));
    loops.push_back(loops_.back().get());
    if (Status opened = loops_.back()->Open(); !opened.ok()) {
      loops_.clear();
      workers_.reset();
      return opened;
    }
  }
  table_.ServeWith(loops);
  for (std::size_t i = 1; i < loops.size(); ++i) {
    loops[i]->Start(nullptr);
  }
  loops.front()->Start(std::make_unique<Acceptor>(context, std::move(listeners->sockets)));
  return Listening{std::move(listeners->bound), std::move(listeners->warnings)};
}

void Server::Pause() {
  is_paused_ = true;
  for (const auto& loop : loops_) {
    loop->SetMode(IoLoop::Mode::kPaused);
  }
}

Status Server::Respond(std::uint64_t exchange, const ResponseView& response) {
  if (Status checked = CheckResponse(response); !checked.ok()) {
    return checked;
  }
  if (response.body.size() > settings_.response_bytes) {
    return Status::ResourceExhausted("expected an answer of at most response_bytes, " +
                                     std::to_string(settings_.response_bytes) + ", found " +
                                     std::to_string(response.body.size()));
  }
  Connection* const connection = table_.Find(exchange);
  if (connection == nullptr) {
    return Late(exchange);
  }
  thread_local std::string head;
  head.clear();
  {
    const std::lock_guard lock(connection->mutex);
    if (connection->number != exchange || connection->phase != Phase::kExchange) {
      return Late(exchange);
    }
    connection->number = 0;
    connection->keeps_alive = connection->keeps_alive && !is_paused_;
    AppendHead(response, connection->keeps_alive, head);
    const bool has_body = HasBody(response.status) && !connection->is_head_method;
    const bool is_sent = WriteNow(*connection, head, has_body ? response.body : std::string_view());
    connection->phase = !is_sent ? Phase::kAnswering : connection->keeps_alive ? Phase::kReading : Phase::kDraining;
    connection->changed_ms = SteadyMs();
    const bool needs_loop = connection->phase != Phase::kReading || connection->must_resume;
    if (!needs_loop || connection->has_attention) {
      return {};
    }
    connection->has_attention = true;
  }
  connection->loop->Attend(*connection);
  return {};
}

Status Server::Begin(std::uint64_t exchange, const ResponseView& head) {
  if (Status checked = CheckResponse(head); !checked.ok()) {
    return checked;
  }
  Connection* const connection = table_.Find(exchange);
  if (connection == nullptr) {
    return Late(exchange);
  }
  {
    const std::lock_guard lock(connection->mutex);
    if (connection->number != exchange || connection->phase != Phase::kExchange) {
      return Late(exchange);
    }
    if (connection->is_upgrade || !HasBody(head.status)) {
      return Status::FailedPrecondition("expected a request and a status that an answer with a body can be begun for");
    }
    if (is_paused_) {
      return Status::Unavailable("this server is stopping and begins no answer without an end: answer with respond");
    }
    // A body that nothing but the end of the connection ends cannot be followed by another answer.
    connection->keeps_alive = connection->keeps_alive && !connection->is_http_1_0;
    std::string bytes;
    AppendStreamHead(head, !connection->is_http_1_0, connection->keeps_alive, bytes);
    const bool is_sent = WriteNow(*connection, bytes, {});
    connection->changed_ms = SteadyMs();
    if (connection->is_head_method) {
      connection->number = 0;
      connection->phase = !is_sent ? Phase::kAnswering : connection->keeps_alive ? Phase::kReading : Phase::kDraining;
    } else {
      // A client that has gone without a word is found by what it does not acknowledge.
      const auto patience = static_cast<unsigned int>(settings_.write_timeout.count());
      (void)setsockopt(connection->descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
      connection->phase = Phase::kStreaming;
      counters_.streams++;
      counters_.open_streams++;
    }
    connection->has_attention = true;
  }
  connection->loop->Attend(*connection);
  return {};
}

Status Server::Upgrade(std::uint64_t exchange, std::string_view protocol, std::span<const HeaderView> headers) {
  if (Status checked = CheckHeaders(headers); !checked.ok()) {
    return checked;
  }
  if (!protocol.empty() && !IsToken(protocol)) {
    return Status::InvalidArgument("expected a subprotocol of token characters");
  }
  Connection* const connection = table_.Find(exchange);
  if (connection == nullptr) {
    return Late(exchange);
  }
  {
    const std::lock_guard lock(connection->mutex);
    if (connection->number != exchange || connection->phase != Phase::kExchange) {
      return Late(exchange);
    }
    if (!connection->is_upgrade) {
      return Status::FailedPrecondition(
          "expected a WebSocket handshake, found an ordinary request: answer with respond");
    }
    if (is_paused_) {
      return Status::Unavailable("this server is stopping and takes no new WebSocket: answer with respond");
    }
    std::string head;
    AppendUpgrade(AcceptKey(connection->websocket_key), protocol, headers, head);
    (void)WriteNow(*connection, head, {});
    connection->phase = Phase::kOpen;
    connection->changed_ms = SteadyMs();
    connection->has_attention = true;
  }
  counters_.websockets++;
  counters_.open_websockets++;
  connection->loop->Attend(*connection);
  return {};
}

// Sends what the socket takes at once and queues the rest. Returns whether nothing is left. REQUIRES: the lock.
bool Server::WriteNow(Connection& connection, std::string_view head, std::string_view body) {
  std::size_t sent = 0;
  if (connection.output.empty()) {
    iovec vectors[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = vectors;
    message.msg_iovlen = body.empty() ? 1 : 2;
    const ssize_t result = sendmsg(connection.descriptor, &message, MSG_NOSIGNAL);
    // A broken connection is found by its loop, which tries again.
    sent = result > 0 ? static_cast<std::size_t>(result) : 0;
    counters_.bytes_sent += sent;
  }
  if (sent == head.size() + body.size()) {
    return true;
  }
  if (sent < head.size()) {
    connection.output.Push(std::make_shared<const std::string>(head.substr(sent)));
    sent = head.size();
  }
  connection.output.Push(std::make_shared<const std::string>(body.substr(sent - head.size())));
  return false;
}

void Server::Send(std::span<const std::uint64_t> connections, std::string_view message,
                  std::span<Acceptance> accepted) {
  OutgoingMessage outgoing(message);
  std::vector<Connection*> attended;
  std::uint64_t sent = 0;
  std::uint64_t blocked = 0;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    accepted[i] = Acceptance::kNotFound;
    Connection* const connection = table_.Find(connections[i]);
    if (connection == nullptr) {
      continue;
    }
    const std::lock_guard lock(connection->mutex);
    if (connection->number != connections[i] || !IsLongLived(connection->phase)) {
      continue;
    }
    const SharedBytes& bytes = connection->phase == Phase::kOpen ? outgoing.Frame()
                               : connection->is_http_1_0         ? outgoing.Plain()
                                                                 : outgoing.Chunk();
    OutputQueue& output = connection->output;
    // A message larger than the whole queue passes when it is alone.
    const bool has_room = output.empty() || (output.pieces() < settings_.ws_queue_frames &&
                                             output.bytes() + bytes->size() <= settings_.ws_queue_bytes);
    if (!has_room) {
      connection->wants_writable = true;
      accepted[i] = Acceptance::kWouldBlock;
      ++blocked;
      continue;
    }
    output.Push(bytes);
    accepted[i] = Acceptance::kAccepted;
    ++sent;
    if (!connection->has_attention) {
      connection->has_attention = true;
      attended.push_back(connection);
    }
  }
  counters_.messages_sent += sent;
  counters_.messages_blocked += blocked;
  for (const auto& loop : loops_) {
    if (!attended.empty()) {
      loop->AttendAll(attended);
    }
  }
}

Status Server::Close(std::uint64_t number, std::uint16_t code, std::string_view reason) {
  if (!IsSendableCloseCode(code)) {
    return Status::InvalidArgument("expected a close code that may be sent, found " + std::to_string(code));
  }
  Connection* const connection = table_.Find(number);
  if (connection == nullptr) {
    return Late(number);
  }
  {
    const std::lock_guard lock(connection->mutex);
    if (connection->number != number || !IsLongLived(connection->phase)) {
      return Late(number);
    }
    if (connection->phase == Phase::kOpen) {
      connection->output.Push(std::make_shared<const std::string>(EncodeClose(code, CleanUtf8(reason))));
      connection->phase = Phase::kClosing;
    } else {
      connection->output.Push(
          std::make_shared<const std::string>(connection->is_http_1_0 ? std::string_view() : kLastChunk));
      // The handler is told of this end before another exchange of the connection can have one.
      connection->keeps_alive = connection->keeps_alive && !is_paused_ && connection->tasks == 0;
      connection->phase = Phase::kAnswering;
      counters_.open_streams--;
    }
    connection->close_code = code;
    connection->changed_ms = SteadyMs();
    connection->has_attention = true;
  }
  connection->loop->Attend(*connection);
  return {};
}

void Server::CloseLongLived() {
  std::vector<std::uint64_t> numbers;
  table_.ForEach([&](Connection& connection) {
    const std::lock_guard lock(connection.mutex);
    if (IsLongLived(connection.phase)) {
      numbers.push_back(connection.number);
    }
  });
  for (const std::uint64_t number : numbers) {
    // One that has just ended by itself needs no closing.
    (void)Close(number, kCloseGoingAway, "this server is stopping");
  }
}

void Server::Stop(std::chrono::milliseconds grace) {
  if (loops_.empty() || std::exchange(is_stopped_, true)) {
    return;
  }
  const auto deadline = std::chrono::steady_clock::now() + grace;
  Pause();
  CloseLongLived();
  if (!table_.WaitUntilEmpty(deadline)) {
    for (const auto& loop : loops_) {
      loop->SetMode(IoLoop::Mode::kAborting);
    }
    (void)table_.WaitUntilEmpty(std::chrono::steady_clock::time_point::max());
  }
  for (const auto& loop : loops_) {
    loop->SetMode(IoLoop::Mode::kEnding);
  }
  for (const auto& loop : loops_) {
    loop->Join();
  }
  workers_->Stop();
}

}  // namespace tutti::transport::http
