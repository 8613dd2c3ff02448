#include "host/server/host_file.h"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/manifest/private_file.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

Result<GatewayToken> HostFile::NewToken() {
  std::array<unsigned char, 32> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return Status::Internal(std::string("the system gave no random bytes: ") + std::strerror(errno));
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  GatewayToken token{{}, "operator", {"*"}};
  for (const unsigned char byte : random) {
    token.token += kDigits[byte >> 4U];
    token.token += kDigits[byte & 15U];
  }
  return token;
}

HostFile::~HostFile() {
  Remove();
}

void HostFile::Remove() {
  std::error_code ignored;
  if (is_written_) {
    std::filesystem::remove(path_, ignored);
    is_written_ = false;
  }
}

Status HostFile::Write(const std::vector<std::string>& addresses) {
  JsonWriter writer;
  writer.BeginObject().Key("pid").Value(static_cast<std::int64_t>(::getpid())).Key("addresses").BeginArray();
  for (const std::string& address : addresses) {
    writer.Value(address);
  }
  writer.EndArray().Key("token").Value(token_.token).Key("scopes").BeginArray();
  for (const std::string& scope : token_.scopes) {
    writer.Value(scope);
  }
  writer.EndArray().Key("principal").Value(token_.principal).EndObject();
  Status status = WritePrivateFile(path_, writer.Take() + "\n");
  is_written_ = is_written_ || status.ok();
  return status;
}

}  // namespace tutti::host
