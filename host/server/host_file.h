// <data_dir>/host.json: where the running host is reached and with which token, for tools of its own user.
//
//   {"pid": 4711, "addresses": ["127.0.0.1:9403"], "token": "...", "scopes": ["*"], "principal": "operator"}
//
// Mode 0600; removed at an orderly stop. After a crash it stays: whoever reads it checks that the process lives.
// Threads: control thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/gateway/authenticator.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class HostFile {
 public:
  static constexpr std::string_view kFileName = "host.json";

  // A new random token for the operator, who may do everything.
  static Result<GatewayToken> NewToken();

  HostFile(const std::filesystem::path& data_dir, GatewayToken token)
      : path_(data_dir / kFileName), token_(std::move(token)) {}

  ~HostFile();
  HostFile(const HostFile&) = delete;
  HostFile& operator=(const HostFile&) = delete;

  // Replaces what it said before.
  Status Write(const std::vector<std::string>& addresses);

  // The server stops.
  void Remove();

 private:
  const std::filesystem::path path_;
  const GatewayToken token_;
  bool is_written_ = false;
};

}  // namespace tutti::host
