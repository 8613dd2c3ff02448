// What every service that starts a call shares: on whose behalf, and the way of the end back to the plugin.
//
// Threads: any.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "host/services/admit.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

// The plugin's end of a call it starts. What it is told always comes from a worker, never from the starting call's
// stack.
class ReplyTo {
 public:
  ReplyTo(const Caller& caller, const tutti_reply& reply)
      : core_(caller.core), tag_(&caller.plugin->tag()), work_(caller.plugin->BeginWork()), reply_(reply) {}

  [[nodiscard]] CallNode::EventSink events() const {
    if (reply_.on_event == nullptr) {
      return {};
    }
    return [to = *this](const std::string& event) {
      to.Tell(operation::kOnEvent, [&] { to.reply_.on_event(to.reply_.user, Str(event)); });
    };
  }

  void operator()(Result<std::string> result) const {
    core_->executor.Resume([to = *this, ended = std::move(result)] {
      WithOutcome(ended, [&](const tutti_outcome& outcome) {
        to.Tell(operation::kOnFinish, [&] { to.reply_.on_finish(to.reply_.user, &outcome); });
      });
    });
  }

 private:
  // Nothing is told to an instance that is gone.
  template <typename Fn>
  void Tell(const PluginOperation& operation, Fn&& fn) const {
    if (!tag_->is_retired.load()) {
      (void)EnterPlugin(*tag_, operation, 0, {}, &core_->conduct, std::forward<Fn>(fn));
    }
  }

  Core* core_;
  const PluginTag* tag_;
  PluginInstance::Work work_;  // until it has been told
  tutti_reply reply_;
};

struct Origin {
  NodePtr parent;  // may be empty: the plugin acts on its own
  ContextPtr context;
};

// On whose behalf a plugin starts a call: `parent` is a call it serves, or 0.
inline Result<Origin> OriginOf(const Caller& caller, tutti_call parent) {
  if (!IsActive(caller)) {
    return NotActive();
  }
  if (parent != 0) {
    NodePtr node = caller.core->calls.Find(parent);
    if (node == nullptr || node->owner != caller.plugin->id()) {
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

// A caller that may start a call now, the way back to it, and on whose behalf it asks.
struct Asked {
  Caller caller;
  ReplyTo to;
  Origin origin;
};

// Nothing, and the reason told, when it may not.
inline std::optional<Asked> AdmitAsker(const tutti_host* host, tutti_call parent, const tutti_reply& reply) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return {};
  }
  const ReplyTo to(caller, reply);
  Result<Origin> origin = OriginOf(caller, parent);
  if (!origin.ok()) {
    to(origin.status());
    return {};
  }
  return Asked{caller, to, std::move(*origin)};
}

}  // namespace tutti::host
