// `tutti chat`: a small client of the server's HTTP and WebSocket.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "host/cli/command_line.h"

namespace tutti::host {

struct ChatOptions {
  std::string url = "http://127.0.0.1:9403";  // http://host:port, an optional path before the routes
  std::string token;                          // bearer token; empty: none
  std::string session;                        // when not empty, the server's must be this
  std::string message;
  std::chrono::seconds timeout{600};
  bool use_color = false;
};

// Sends the message, prints what happens to `out`, and returns 0 when the turn and the work of every agent it started
// have ended well; 1 otherwise, with a sentence in `err`. [main]
int Chat(const ChatOptions& options, std::ostream& out, std::ostream& err);

// The same for this process's arguments, environment and standard streams. [main]
int RunChat(const CommandLine& line);

}  // namespace tutti::host
