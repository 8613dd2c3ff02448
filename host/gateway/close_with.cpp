#include "host/gateway/close_with.h"

#include <algorithm>
#include <string_view>

namespace tutti::host {

namespace {

// RFC 6455 section 5.5: a control frame holds 125 bytes, two of them the code.
constexpr std::size_t kMaxReason = 123;

}  // namespace

void CloseWith(const ConnectionKey& key, const Status& status) {
  const std::string_view message = status.message();
  std::size_t size = std::min(message.size(), kMaxReason);
  while (size > 0 && size < message.size() && (static_cast<unsigned char>(message[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  const int code = tutti_status_find(static_cast<tutti_code>(status.code()))->websocket;
  key.transport->Close(key.id, static_cast<std::uint32_t>(code), message.substr(0, size));
}

}  // namespace tutti::host
