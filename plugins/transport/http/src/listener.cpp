#include "listener.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <fcntl.h>

#include <cerrno>

namespace tutti::transport::http {
namespace {

constexpr int kBacklog = 1024;

Poco::Net::ServerSocket Open(const Poco::Net::SocketAddress& address) {
  Poco::Net::ServerSocket socket;
  if (address.family() == Poco::Net::SocketAddress::IPv6) {
    socket.bind6(address, true, false, true);
  } else {
    socket.bind(address, true, false);
  }
  socket.listen(kBacklog);
  socket.setBlocking(false);
  // Poco opens sockets that child processes would inherit.
  fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
  return socket;
}

Status Explain(const std::string& text, const Poco::Exception& error) {
  const std::string reason = error.displayText();
  if (error.code() == EADDRINUSE || reason.find("in use") != std::string::npos) {
    return Status::AlreadyExists("cannot listen on " + text +
                                 ": the port is in use. Stop the program that has it, or set another in listen");
  }
  if (error.code() == EACCES) {
    return Status::PermissionDenied("cannot listen on " + text +
                                    ": not permitted. Use a port above 1023, or grant CAP_NET_BIND_SERVICE");
  }
  return Status::InvalidArgument("cannot listen on " + text + ": " + reason +
                                 ". Expected an address of this machine such as 127.0.0.1:9403 or [::1]:9403");
}

}  // namespace

Result<Listeners> OpenListeners(const std::vector<std::string>& addresses) {
  Listeners listeners;
  for (const std::string& text : addresses) {
    try {
      const Poco::Net::SocketAddress address(text);
      try {
        listeners.sockets.push_back(Open(address));
        listeners.bound.push_back(listeners.sockets.back().address().toString());
      } catch (const Poco::Exception& error) {
        const bool is_missing_family = address.family() == Poco::Net::SocketAddress::IPv6 &&
                                       address.host().isLoopback() &&
                                       (error.code() == EADDRNOTAVAIL || error.code() == EAFNOSUPPORT);
        if (!is_missing_family) {
          return Explain(text, error);
        }
        listeners.warnings.push_back("not listening on " + text + ": this machine has no IPv6 loopback");
      }
    } catch (const Poco::Exception& error) {
      return Explain(text, error);
    }
  }
  if (listeners.sockets.empty()) {
    return Status::Unavailable("cannot listen: none of the configured addresses exists on this machine");
  }
  return listeners;
}

}  // namespace tutti::transport::http
