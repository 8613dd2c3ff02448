#include "host/lifecycle/listeners.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

Status Listeners::Listen(PluginInstance& transport, std::vector<std::string>& addresses) {
  std::string bound;
  std::string error;
  const auto append = [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); };
  const tutti_sink bound_sink{sizeof(tutti_sink), &bound, append};
  const tutti_sink error_sink{sizeof(tutti_sink), &error, append};
  tutti_code code = TUTTI_OK;
  const Status entered = transport.Enter(operation::kListen, 0, {}, [&] {
    code = transport.transport()->listen(transport.self(), &bound_sink, &error_sink);
  });
  if (!entered.ok()) {
    return entered;
  }
  if (code != TUTTI_OK) {
    return Status(static_cast<Code>(code), std::string(transport.id()) + " cannot listen: " + error);
  }
  const std::string id(transport.id());
  Forget(id);
  std::vector<std::string>& own = addresses_.emplace_back(id, std::vector<std::string>()).second;
  if (const Result<Json> list = Json::Parse(bound); list.ok()) {
    list->view().ForEach([&](JsonView address) { own.emplace_back(address.AsString()); });
  }
  addresses.insert(addresses.end(), own.begin(), own.end());
  return {};
}

void Listeners::Pause(const PluginInstance& transport) {
  (void)transport.Enter(operation::kPause, 0, {}, [&] { transport.transport()->pause(transport.self()); });
}

void Listeners::Forget(std::string_view id) {
  std::erase_if(addresses_, [id](const auto& known) { return known.first == id; });
}

void Listeners::Tell() const {
  std::vector<std::string> all;
  for (const auto& [id, addresses] : addresses_) {
    all.insert(all.end(), addresses.begin(), addresses.end());
  }
  core_.gateway.SetListenAddresses(all);
  if (on_addresses_) {
    on_addresses_(all);
  }
}

}  // namespace tutti::host
