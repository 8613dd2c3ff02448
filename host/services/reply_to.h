// What every service that starts a call shares: who asks, on whose behalf, and the way of the end back to the plugin.
//
// Threads: any.
#pragma once

#include <memory>
#include <utility>

#include "host/registry/plugin_instance.h"
#include "host/services/core.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

inline PluginInstance& Plugin(const tutti_host* host) {
  return *PluginInstance::Of(host);
}

inline Core& CoreOf(const tutti_host* host) {
  return *static_cast<Core*>(Plugin(host).core());
}

// The plugin's end of a call it starts. What it is told always comes from a worker, never from the starting call's
// stack.
class ReplyTo {
 public:
  // From here until on_finish has returned the plugin is at work: it is not destroyed meanwhile. Copies are one end,
  // which is called once.
  ReplyTo(const tutti_host* host, const tutti_reply& reply)
      : executor_(&CoreOf(host).executor), plugin_(&Plugin(host)), reply_(reply) {
    plugin_->BeginWork();
  }

  [[nodiscard]] CallNode::EventSink events() const {
    if (reply_.on_event == nullptr) {
      return {};
    }
    return [reply = reply_](const std::string& event) { reply.on_event(reply.user, Str(event)); };
  }

  void operator()(Result<std::string> result) const {
    executor_->Resume([plugin = plugin_, reply = reply_, ended = std::move(result)] {
      WithOutcome(ended, [&](const tutti_outcome& outcome) { reply.on_finish(reply.user, &outcome); });
      plugin->EndWork();
    });
  }

 private:
  Executor* executor_;
  PluginInstance* plugin_;
  tutti_reply reply_;
};

struct Origin {
  NodePtr parent;  // may be empty: the plugin acts on its own
  ContextPtr context;
};

// On whose behalf a plugin starts a call: `parent` is a call it serves, or 0.
inline Result<Origin> OriginOf(const tutti_host* host, tutti_call parent) {
  if (parent != 0) {
    NodePtr node = CoreOf(host).calls.Find(parent);
    if (node == nullptr || node->owner != Plugin(host).id()) {
      return Status::Cancelled("the call on whose behalf this was asked for is over");
    }
    ContextPtr context = node->context;
    return Origin{std::move(node), std::move(context)};
  }
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  context->scopes = {"*"};
  return Origin{nullptr, std::move(context)};
}

}  // namespace tutti::host
