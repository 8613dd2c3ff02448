// tutti.host.admin/0: hands operations on the plugins to whoever manages them.
#include "host/services/reply_to.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

void Manage(const tutti_host* host, tutti_call parent, tutti_str operation, const tutti_reply* reply) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  AdminPort* const admin = asked->caller.core->admin.load();
  if (admin == nullptr) {
    asked->to(Status::Unavailable("the host is starting or stopping"));
    return;
  }
  admin->Manage(std::string(View(operation)), asked->origin.parent, asked->to);
}

}  // namespace

const tutti_host_admin* AdminTable() {
  static constexpr tutti_host_admin kTable{sizeof kTable, &Manage};
  return &kTable;
}

}  // namespace tutti::host
