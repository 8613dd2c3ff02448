// The server that holds a data directory, as the command line reaches it: through <data_dir>/host.json, which the
// server writes at its start and removes at its stop.
//
//   {"pid": 4711, "addresses": ["127.0.0.1:9403"], "token": "..."}
//
// Threads: one at a time.
#pragma once

#include <optional>
#include <string>

#include "host/cli/http_client.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class RunningHost {
 public:
  // nullopt: no server runs on this directory. FAILED_PRECONDITION: host.json cannot be understood.
  static Result<std::optional<RunningHost>> Find(const std::string& data_dir);

  // Runs a command of tutti.commands.plugins, such as plugins.enable, with arguments in JSON. The server's own sentence
  // when it refuses.
  [[nodiscard]] Result<Json> Run(const std::string& command, const std::string& arguments) const;

  // The same for a route of its own; `body` is JSON or empty. `plugin` serves it.
  [[nodiscard]] Result<Json> Ask(const std::string& method, const std::string& route, const std::string& body,
                                 const std::string& what, const std::string& plugin) const;

  [[nodiscard]] int pid() const { return pid_; }

 private:
  RunningHost(int pid, HttpClient client, std::string file)
      : pid_(pid), client_(std::move(client)), file_(std::move(file)) {}

  int pid_;
  HttpClient client_;
  std::string file_;
};

}  // namespace tutti::host
