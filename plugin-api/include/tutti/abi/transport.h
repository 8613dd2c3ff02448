/* Kind "tutti.transport/0": moves bytes; and host service "tutti.host.gateway/0", which routes, authorises and answers.
 *
 * A transport enforces the byte, time and connection limits it is given and holds no thread for an idle connection, a
 * partial request, a slow body or a slow reader. It answers by itself only what is no request: 400, 408, 413, 431, 501,
 * 503 at its limits, as {"detail": sentence}. Everything else, 404 included, is the gateway's.
 * Exchanges and connections are generation-checked numbers of the transport, unique over its life; late use answers
 * NOT_FOUND. Transports always run in process. */
#ifndef TUTTI_ABI_TRANSPORT_H
#define TUTTI_ABI_TRANSPORT_H

#include "tutti/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TUTTI_KIND_TRANSPORT "tutti.transport/0"

typedef struct tutti_header {
  tutti_str name; /* as received or to be sent; compare without case */
  tutti_str value;
} tutti_header;

/* One whole request, body already collected and de-chunked. Borrowed for the call. */
typedef struct tutti_request {
  uint32_t size;
  uint64_t exchange;
  uint32_t is_upgrade; /* 1: a valid WebSocket handshake; answer with upgrade or respond */
  uint32_t is_secure;  /* 1: came over TLS */
  tutti_str method;
  tutti_str target; /* origin form: path and query, as received */
  const tutti_header* headers;
  size_t header_count;
  tutti_str body;
  tutti_str peer;  /* "address:port" of the socket's other end */
  tutti_str local; /* "address:port" it arrived at */
} tutti_request;

typedef struct tutti_response {
  uint32_t size;
  uint32_t status;
  const tutti_header* headers; /* the transport adds Date, Content-Length, Connection; for HEAD it drops the body */
  size_t header_count;
  tutti_str body;
} tutti_response;

typedef struct tutti_transport {
  uint32_t size;
  /* Starts to accept. Bound addresses are written to `bound` as a JSON array of "address:port". [main] [active] */
  tutti_code (*listen)(void* self, const tutti_sink* bound, const tutti_sink* error);
  /* Stops accepting connections; idle keep-alive connections are closed, running exchanges go on. [main] [active] */
  void (*pause)(void* self);
  /* Answers an exchange, once. [any] [active] */
  tutti_code (*respond)(void* self, uint64_t exchange, const tutti_response* response);
  /* Accepts a handshake; `protocol` is the subprotocol or empty. The exchange's number stays as the connection's.
   * [any] [active] */
  tutti_code (*upgrade)(void* self, uint64_t exchange, tutti_str protocol, const tutti_header* headers, size_t count);
  /* Queues one text message for `count` connections, framed once, bytes shared. accepted[i] becomes OK, WOULD_BLOCK (its
   * queue is full; on_writable follows) or NOT_FOUND. Messages of one caller keep their order. To an answer that was
   * begun they are the next bytes of its body, as they are. [any] [active] */
  void (*send)(void* self, const uint64_t* connections, size_t count, tutti_str message, tutti_code* accepted);
  /* Sends what is queued, then a close frame with an RFC 6455 code, then closes. An answer that was begun is ended: what
   * is queued, then the end of its body; on_close follows with `code`. [any] [active] */
  tutti_code (*close)(void* self, uint64_t connection, uint32_t code, tutti_str reason);
  /* Begins an answer whose body comes piece by piece through send, until close: status and headers leave at once,
   * `body` is left out of account. The exchange's number stays as the answer's, with the queue, on_writable and on_close
   * of a connection; no thread waits for it. HTTP/1.1 gets chunks, HTTP/1.0 a body that ends with the connection. An
   * answer to HEAD is over with its headers. Once per exchange, instead of respond. [any] [active] */
  tutti_code (*begin)(void* self, uint64_t exchange, const tutti_response* head);
} tutti_transport;

#define TUTTI_SERVICE_GATEWAY "tutti.host.gateway/0"

typedef struct tutti_host_gateway {
  uint32_t size;
  /* A request. Answered through respond or upgrade, now or later. [worker] [active] */
  void (*on_request)(const tutti_host* host, const tutti_request* request);
  /* A whole message of an upgraded connection. Returns at once. [worker] [active] */
  void (*on_message)(const tutti_host* host, uint64_t connection, tutti_str message, int32_t is_text);
  /* A connection, or an answer that was begun, that answered WOULD_BLOCK has drained to half of its queue.
   * [any] [active] */
  void (*on_writable)(const tutti_host* host, uint64_t connection);
  /* The last thing said of a connection, of an answer that was begun, or of an exchange whose client went away before
   * the answer. [any] [active] */
  void (*on_close)(const tutti_host* host, uint64_t connection, uint32_t code);
} tutti_host_gateway;

#ifdef __cplusplus
}
#endif

#endif
