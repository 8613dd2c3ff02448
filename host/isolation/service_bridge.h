// The host's services for one plugin in a process of its own: what the plugin asks for over the socket is asked of the
// real service tables, under that plugin's name and only for the services it was granted.
//
// Threads: Handle on the thread that reads the socket; the ends of started calls come on host workers. Fail from any.
// A worker that brings an event of a started call waits while the process has a whole window of them to take.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/isolation/channel.h"
#include "host/registry/plugin_spec.h"
#include "tutti/abi/admin.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/config.h"
#include "tutti/abi/events.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/model.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"

namespace tutti::host {

class ServiceBridge : public std::enable_shared_from_this<ServiceBridge> {
 public:
  // Says why the process has to be ended.
  using Fault = std::function<void(std::string cause)>;

  struct Settings {
    std::uint32_t event_window = 256;           // events of one started call on their way
    std::chrono::milliseconds patience{30000};  // for a process that does not take them
  };

  ServiceBridge(const tutti_host* host, const PluginGrants& grants, std::shared_ptr<Channel> channel, Settings settings,
                Fault fault);

  // Ids of the service tables that were granted and that this host has.
  [[nodiscard]] const std::vector<std::string>& services() const { return services_; }

  // Lines of which levels are kept: bit n for level n.
  [[nodiscard]] std::uint32_t log_levels() const;

  // kStartCall, kCancelStarted, kReplyAck, kAsk, kNote. false: the process broke the rules.
  bool Handle(const Frame& frame);

  // The process is gone: cancels everything it had started.
  void Fail();

 private:
  struct Started;
  using StartedPtr = std::shared_ptr<Started>;

  template <typename Table>
  const Table* Granted(const char* service) const;

  bool StartCall(const Frame& frame);
  bool Answer(const Frame& frame);
  bool Note(const Frame& frame);
  // Whether a call that the plugin has started was cancelled, or is over.
  bool IsCancelled(std::string_view started);
  void Refuse(std::uint64_t id, std::string_view service);
  [[nodiscard]] tutti_reply ReplyTo(const StartedPtr& started, bool wants_events) const;
  static void OnEvent(void* user, tutti_str event);
  static void OnFinish(void* user, const tutti_outcome* outcome);

  const tutti_host* const host_;
  const std::shared_ptr<Channel> channel_;
  const Settings settings_;
  const Fault fault_;
  const bool may_read_secrets_;
  std::vector<std::string> services_;
  const tutti_host_calls* calls_;
  const tutti_host_log* log_;
  const tutti_host_config* config_;
  const tutti_host_metrics* metrics_;
  const tutti_host_commands* commands_;
  const tutti_host_slash* slash_;
  const tutti_host_store* store_;
  const tutti_host_models* models_;
  const tutti_host_runtimes* runtimes_;
  const tutti_host_templates* templates_;
  const tutti_host_hooks* hooks_;
  const tutti_host_events* events_;
  const tutti_host_admin* admin_;

  std::mutex mutex_;
  bool is_failed_ = false;                                 // guarded by mutex_
  std::unordered_map<std::uint64_t, StartedPtr> started_;  // guarded by mutex_
};

}  // namespace tutti::host
