// tutti.host.house/0: the upkeep of the storage in use.
#include "host/services/reply_to.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

void Maintain(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply) {
  std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  auto run = [](Core* core, std::string text, ContextPtr context, ReplyTo end) -> Task<void> {
    Result<std::string> result = co_await core->house.Maintain(std::move(text), std::move(context));
    end(std::move(result));
  };
  const ReplyTo to = asked->to;
  Spawn(run(asked->caller.core, std::string(View(request)), std::move(asked->origin.context), to),
        [to](const std::exception_ptr&) { to(Status::Internal("the host failed while it kept house")); });
}

}  // namespace

const tutti_host_house* HouseTable() {
  static constexpr tutti_host_house kTable{sizeof kTable, &Maintain};
  return &kTable;
}

}  // namespace tutti::host
