// One WebSocket connection as a surface: what its client asks is run and answered with the id it gave.
//
//   {"type":"invoke","id","command","args"}, {"type":"slash","id","text"}, {"type":"cancel","id"}
// An invoke or slash may carry "idempotency_key": string, which counts as the header of HTTP does, for its command.
//   -> {"type":"progress","id","event"}, {"type":"result","id","ok":true,"result"} or
//      {"type":"result","id","ok":false,"code","message"[,"errors"][,"retry_after_ms"]}
// Whatever else arrives is ignored without an answer. When the connection closes, reads are cancelled, writes go on.
// Bound: kMaxRunning requests run or wait to be answered; a further one is refused with RESOURCE_EXHAUSTED.
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/dispatch/dispatcher.h"
#include "host/dispatch/idempotent_calls.h"
#include "host/gateway/authenticator.h"
#include "host/gateway/outbox.h"
#include "host/gateway/table_index.h"

namespace tutti::host {

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  static constexpr std::size_t kMaxRunning = 32;

  struct Services {
    Dispatcher& dispatcher;
    CallTable& calls;
    CurrentIndex& index;
    IdempotentCalls* idempotent = nullptr;  // nullptr: requests with a key are refused
  };

  ClientConnection(Services services, TransportPort& transport, std::uint64_t id, Principal principal);

  // A whole text message.
  void OnMessage(std::string_view message);

  void OnWritable() { outbox_.Flush(); }

  void OnClose();

  [[nodiscard]] bool is_closed() const;

  [[nodiscard]] const Principal& principal() const { return principal_; }

 private:
  struct Running {
    std::uint64_t serial = 0;
    NodePtr node;
    bool is_read = false;
    bool is_cancelled = false;
  };

  void Invoke(const std::string& id, JsonView frame, std::string_view message);
  void Slash(const std::string& id, JsonView frame);
  void Cancel(const std::string& id);
  void Start(const std::string& id, const TableIndexPtr& index, const CommandRoute& route, std::string args,
             std::uint32_t surface, JsonView idempotency_key);
  // The command begins: cancelled at once when it is unwanted by now.
  void Attach(const std::string& id, std::uint64_t serial, const NodePtr& node);
  [[nodiscard]] Status Admit(const std::string& id, bool is_read, std::uint64_t& serial);
  void Finish(const std::string& id, std::uint64_t serial, const Result<std::string>& result);
  void Refuse(const std::string& id, const Status& status);

  const Services services_;
  const Principal principal_;
  Outbox outbox_;
  mutable std::mutex mutex_;
  std::map<std::string, Running> running_;  // guarded by mutex_; by id as JSON text
  std::uint64_t next_serial_ = 1;           // guarded by mutex_
  bool is_closed_ = false;                  // guarded by mutex_
};

// The context of a client's request: a new trace, the principal and its scopes.
ContextPtr ClientContext(const Principal& principal, std::uint32_t surface);

}  // namespace tutti::host
