#include "host/house/storage_tool.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>

#include "host/dispatch/plugin_call.h"
#include "host/lifecycle/plugin_spec_of.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kLastPatience{2000};

sigset_t Interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

// Whether somebody wants this process to stop; waits a moment for it.
bool IsInterrupted() {
  const sigset_t set = Interrupts();
  const timespec moment{0, std::chrono::nanoseconds(kLook).count()};
  return sigtimedwait(&set, nullptr, &moment) > 0;
}

CoreSettings SmallCore() {
  CoreSettings settings;
  settings.executor.workers = 2;
  return settings;
}

}  // namespace

// What plugins log from warnings on, as lines of standard error.
class StorageTool::Complaints final : public LogSink {
 public:
  void Write(std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) override {
    if (Enabled(level)) {
      const std::lock_guard lock(mutex_);
      std::cerr << "tutti: " << plugin << ": " << message << " " << fields << std::endl;
    }
  }

  [[nodiscard]] bool Enabled(std::int32_t level) const override { return level >= TUTTI_LOG_WARNING; }

 private:
  std::mutex mutex_;
};

void HoldInterrupts() {
  const sigset_t set = Interrupts();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StorageTool::StorageTool()
    : log_(std::make_unique<Complaints>()), core_(std::make_unique<Core>(SmallCore(), *log_, Gateway::Sources{})) {}

StorageTool::~StorageTool() {
  if (plugin_ != nullptr) {
    plugin_->EndMaintenance();
    plugin_->Destroy();
  }
  (void)core_->executor.Stop(kLastPatience);
}

Result<std::unique_ptr<StorageTool>> StorageTool::Open(const StorageEntry& entry) {
  std::unique_ptr<StorageTool> tool(new StorageTool());
  // As a start makes it.
  std::error_code failed;
  if (std::filesystem::create_directories(entry.host.data_dir, failed)) {
    std::filesystem::permissions(entry.host.data_dir, std::filesystem::perms::owner_all, failed);
  }
  tool->plugin_ = std::make_unique<PluginInstance>(PluginSpecOf(entry.plugin), tool->core_.get(), &FindService,
                                                   &tool->core_->conduct);
  PluginInstance& plugin = *tool->plugin_;
  Status status = plugin.Create(LibraryStore(std::filesystem::path(entry.host.data_dir) / "plugins"));
  status = status.ok() ? plugin.Init() : status;
  if (!status.ok()) {
    return status;
  }
  if (!TUTTI_HAS(plugin.storage(), tutti_storage, maintain) || plugin.storage()->maintain == nullptr) {
    return Status::FailedPrecondition("the storage plugin " + std::string(plugin.id()) +
                                      " does not keep house; use one that does, such as tutti.storage.sqlite");
  }
  plugin.BeginMaintenance();
  return tool;
}

Result<std::string> StorageTool::Maintain(std::string request, OnEvent on_event) {
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  context->scopes = {"*"};
  std::promise<Result<std::string>> promise;
  std::future<Result<std::string>> ended = promise.get_future();
  CallTable::Spec spec;
  spec.owner = plugin_->id();
  spec.tag = &plugin_->tag();
  spec.context = context;
  spec.on_event = std::move(on_event);
  spec.completion = [&promise](Result<std::string> result) { promise.set_value(std::move(result)); };
  const Result<NodePtr> node = core_->calls.Begin(std::move(spec));
  if (!node.ok()) {
    return node.status();
  }
  const auto done = std::make_shared<std::promise<void>>();
  std::future<void> left = done->get_future();
  const bool is_running = core_->executor.Submit([this, call = *node, context, &request, done] {
    tutti_call_info info{};
    info.size = sizeof info;
    info.call = call->id;
    info.trace = Str(context->trace);
    const Status status = plugin_->Enter(operation::kMaintain, call->id, {},
                                         [&] { plugin_->storage()->maintain(plugin_->self(), &info, Str(request)); });
    if (!status.ok()) {
      core_->calls.Finish(call, status);
    }
    done->set_value();
  });
  if (!is_running) {
    core_->calls.Finish(*node, Status::Internal("the request could not be started"));
    return ended.get();
  }
  while (ended.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
    if (IsInterrupted()) {
      core_->calls.Cancel(*node);
    }
  }
  // What it was given lives until it is out again.
  left.wait();
  return ended.get();
}

}  // namespace tutti::host
