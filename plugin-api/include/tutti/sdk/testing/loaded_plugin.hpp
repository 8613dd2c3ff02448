// LoadedPlugin: one plugin in a FakeHost, driven through its C tables as the host would. Included by fake_host.hpp.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::testing {

// What a call on the plugin is told about itself; every member as in tutti_call_info.
struct CallContext {
  std::uint32_t depth = 0;
  std::uint32_t surface = TUTTI_SURFACE_INTERNAL;
  std::int64_t deadline_ms = 0;
  std::string trace = "trace-1";
  std::string caller, principal, run, agent, stream, labels;
};

// A call on the plugin that may still be running. Copies are one call. The host must outlive it.
class RunningCall {
 public:
  RunningCall(FakeHost& host, std::shared_ptr<PluginCall> call) : host_(&host), call_(std::move(call)) {}

  // What the plugin finished with. DEADLINE_EXCEEDED, and the call stays open, when it does not within `timeout`.
  Result<std::string> Wait(std::chrono::milliseconds timeout = kPatience) {
    if (!host_->WaitUntil([this] { return is_over(); }, timeout)) {
      return Status::DeadlineExceeded("the plugin did not finish the call within " + std::to_string(timeout.count()) +
                                      " ms");
    }
    return host_->calls().Read(*call_, [](const PluginCall& call) {
      return call.result ? *call.result : Result<std::string>(Status::DeadlineExceeded("the host ended the call"));
    });
  }

  void Cancel() { host_->Cancel(*call_); }

  // Ends it on the host's side, so that everything the plugin still does with it is late.
  void Abandon() { host_->calls().Abandon(*call_); }

  [[nodiscard]] bool is_over() const {
    return host_->calls().Read(*call_, [](const PluginCall& call) { return call.is_over; });
  }

  // Finishes the plugin tried; more than one is a mistake of the plugin.
  [[nodiscard]] std::size_t finish_attempts() const {
    return host_->calls().Read(*call_, [](const PluginCall& call) { return call.finish_attempts; });
  }

  // Emits that found no room.
  [[nodiscard]] std::size_t refused_emits() const {
    return host_->calls().Read(*call_, [](const PluginCall& call) { return call.refused_emits; });
  }

  // Events that arrived since the last look; makes room for more.
  std::vector<std::string> TakeEvents() { return host_->calls().TakeEvents(*call_); }

  [[nodiscard]] tutti_call id() const { return call_->id; }

 private:
  FakeHost* host_;
  std::shared_ptr<PluginCall> call_;
};

// Life cycle functions are called on this thread, everything else on the host's workers. Threads: one at a time.
class LoadedPlugin {
 public:
  using Create = tutti_code (*)(const tutti_host*, tutti_plugin*, const tutti_sink*);

  // Creates the plugin; status() says when that failed.
  LoadedPlugin(FakeHost& host, Create create) : host_(&host), plugin_(std::make_unique<tutti_plugin>()) {
    plugin_->size = sizeof(tutti_plugin);
    status_ = Lifecycle([&](const tutti_sink* error) { return create(host.raw(), plugin_.get(), error); });
    if (!status_.ok()) {
      plugin_.reset();
    }
  }

  LoadedPlugin(LoadedPlugin&& other) noexcept = default;
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  // Deactivates when it is active, and destroys.
  ~LoadedPlugin() {
    if (plugin_ == nullptr) {
      return;
    }
    Deactivate();
    plugin_->destroy(plugin_->self);
  }

  [[nodiscard]] const Status& status() const { return status_; }

  // `config`: what the plugin's schema accepted, defaults filled in.
  Status Init(std::string_view config = "{}") {
    if (plugin_ == nullptr) {
      return status_;
    }
    host_->SetConfig(std::string(config));
    return Lifecycle([&](const tutti_sink* error) { return plugin_->init(plugin_->self, Str(config), error); });
  }

  Status Activate() {
    if (plugin_ == nullptr) {
      return status_;
    }
    Status status = Lifecycle([&](const tutti_sink* error) { return plugin_->activate(plugin_->self, error); });
    is_active_ = status.ok();
    return status;
  }

  Status Start(std::string_view config = "{}") {
    Status status = Init(config);
    return status.ok() ? Activate() : status;
  }

  // Cancels what runs and waits for it, as the host does.
  void Deactivate() {
    if (!std::exchange(is_active_, false)) {
      return;
    }
    host_->Settle();
    plugin_->deactivate(plugin_->self);
    host_->Settle();
  }

  // The plugin's table for a kind, such as Extension<tutti_hook>(TUTTI_KIND_HOOK); nullptr when it has none.
  template <typename Table>
  [[nodiscard]] const Table* Extension(const char* kind) const {
    return plugin_ == nullptr ? nullptr : static_cast<const Table*>(plugin_->get_extension(plugin_->self, kind));
  }

  [[nodiscard]] void* self() const { return plugin_ == nullptr ? nullptr : plugin_->self; }

  // command. The definitions as the plugin writes them.
  [[nodiscard]] std::string Commands() const {
    const auto* table = Extension<tutti_command>(TUTTI_KIND_COMMAND);
    return table == nullptr ? "" : Collect([&](const tutti_sink* sink) { table->describe(self(), sink); });
  }

  RunningCall BeginInvoke(std::string name, std::string args, const CallContext& context = {}) {
    return Begin<tutti_command>(
        TUTTI_KIND_COMMAND, context, {std::move(name), std::move(args)},
        [](const tutti_command& table, void* self, const tutti_call_info& info, const Texts& texts) {
          table.invoke(self, &info, Str(texts.first), Str(texts.second));
        });
  }

  Result<std::string> Invoke(std::string name, std::string args, const CallContext& context = {}) {
    return BeginInvoke(std::move(name), std::move(args), context).Wait();
  }

  // hook. `mode`: TUTTI_HOOK_GATE or TUTTI_HOOK_RECORD.
  RunningCall BeginPoint(std::string point, std::string payload, std::uint32_t mode = TUTTI_HOOK_GATE,
                         const CallContext& context = {}, std::uint32_t index = 0) {
    return Begin<tutti_hook>(
        TUTTI_KIND_HOOK, context, {std::move(point), std::move(payload)},
        [mode, index](const tutti_hook& table, void* self, const tutti_call_info& info, const Texts& texts) {
          // Grown by as much as the info is.
          const std::uint32_t extra = info.size - static_cast<std::uint32_t>(sizeof info);
          Grown<tutti_point> raw({sizeof(tutti_point), mode, Str(texts.first), index, NowMicros()}, extra);
          table.on_point(self, &info, raw.get(), Str(texts.second));
        });
  }

  Result<std::string> OnPoint(std::string point, std::string payload, std::uint32_t mode = TUTTI_HOOK_GATE,
                              const CallContext& context = {}, std::uint32_t index = 0) {
    return BeginPoint(std::move(point), std::move(payload), mode, context, index).Wait();
  }

  // Gives the plugin a batch to observe and waits until it has returned; the texts in it must outlive the call.
  bool OnEvents(const std::vector<tutti_event>& events, std::chrono::milliseconds timeout = kPatience) {
    const auto* table = Extension<tutti_hook>(TUTTI_KIND_HOOK);
    if (table == nullptr || table->on_events == nullptr) {
      return false;
    }
    auto done = std::make_shared<std::atomic<bool>>(false);
    host_->executor().PostAlways([table, self = self(), events, done] {
      table->on_events(self, events.data(), events.size());
      done->store(true);
    });
    return host_->WaitUntil([&] { return done->load(); }, timeout);
  }

  // storage
  RunningCall BeginEnsureSchema(std::string schema, const CallContext& context = {}) {
    return Begin<tutti_storage>(TUTTI_KIND_STORAGE, context, Texts(std::move(schema), std::string()),
                                [](const tutti_storage& table, void* self, const tutti_call_info& info,
                                   const Texts& texts) { table.ensure_schema(self, &info, Str(texts.first)); });
  }

  RunningCall BeginExecute(std::string batch, const CallContext& context = {}) {
    return Begin<tutti_storage>(TUTTI_KIND_STORAGE, context, Texts(std::move(batch), std::string()),
                                [](const tutti_storage& table, void* self, const tutti_call_info& info,
                                   const Texts& texts) { table.execute(self, &info, Str(texts.first)); });
  }

  RunningCall BeginWatch(const CallContext& context = {}) {
    return Begin<tutti_storage>(TUTTI_KIND_STORAGE, context, Texts(),
                                [](const tutti_storage& table, void* self, const tutti_call_info& info, const Texts&) {
                                  table.watch(self, &info);
                                });
  }

  // Of a storage that keeps house.
  RunningCall BeginMaintain(std::string request, const CallContext& context = {}) {
    return Begin<tutti_storage>(TUTTI_KIND_STORAGE, context, Texts(std::move(request), std::string()),
                                [](const tutti_storage& table, void* self, const tutti_call_info& info,
                                   const Texts& texts) { table.maintain(self, &info, Str(texts.first)); });
  }

  Result<std::string> EnsureSchema(std::string schema) { return BeginEnsureSchema(std::move(schema)).Wait(); }

  Result<std::string> Execute(std::string batch) { return BeginExecute(std::move(batch)).Wait(); }

  [[nodiscard]] std::string Stats() const {
    const auto* table = Extension<tutti_storage>(TUTTI_KIND_STORAGE);
    return table == nullptr ? "" : Collect([&](const tutti_sink* sink) { table->stats(self(), sink); });
  }

  // model
  RunningCall BeginComplete(std::string request, const CallContext& context = {}) {
    return Begin<tutti_model>(TUTTI_KIND_MODEL, context, Texts(std::move(request), std::string()),
                              [](const tutti_model& table, void* self, const tutti_call_info& info,
                                 const Texts& texts) { table.complete(self, &info, Str(texts.first)); });
  }

  Result<std::string> Complete(std::string request, const CallContext& context = {}) {
    return BeginComplete(std::move(request), context).Wait();
  }

  [[nodiscard]] std::string Models() const {
    const auto* table = Extension<tutti_model>(TUTTI_KIND_MODEL);
    return table == nullptr ? "" : Collect([&](const tutti_sink* sink) { table->models(self(), sink); });
  }

  // runtime
  RunningCall BeginRun(std::string request, const CallContext& context = {}) {
    return Begin<tutti_runtime>(TUTTI_KIND_RUNTIME, context, Texts(std::move(request), std::string()),
                                [](const tutti_runtime& table, void* self, const tutti_call_info& info,
                                   const Texts& texts) { table.start(self, &info, Str(texts.first)); });
  }

  Result<std::string> Run(std::string request, const CallContext& context = {}) {
    return BeginRun(std::move(request), context).Wait();
  }

  // template
  RunningCall BeginListTemplates(const CallContext& context = {}) {
    return Begin<tutti_template>(TUTTI_KIND_TEMPLATE, context, Texts(),
                                 [](const tutti_template& table, void* self, const tutti_call_info& info,
                                    const Texts&) { table.list(self, &info); });
  }

  RunningCall BeginGetTemplate(std::string name, const CallContext& context = {}) {
    return Begin<tutti_template>(TUTTI_KIND_TEMPLATE, context, Texts(std::move(name), std::string()),
                                 [](const tutti_template& table, void* self, const tutti_call_info& info,
                                    const Texts& texts) { table.get(self, &info, Str(texts.first)); });
  }

  Result<std::string> ListTemplates() { return BeginListTemplates().Wait(); }

  Result<std::string> GetTemplate(std::string name) { return BeginGetTemplate(std::move(name)).Wait(); }

 private:
  using Texts = std::pair<std::string, std::string>;

  // A struct as a newer host might have it: with more at the end, which nobody knows yet.
  template <typename T>
  class Grown {
   public:
    Grown(const T& value, std::uint32_t extra) : value_(value) {
      value_.size += extra;
      more_.fill(0xff);
    }

    const T* get() const { return &value_; }

   private:
    T value_;
    std::array<unsigned char, 64> more_;
  };

  template <typename Fn>
  static std::string Collect(Fn&& fn) {
    std::string text;
    const tutti_sink sink{sizeof sink, &text,
                          [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
    fn(&sink);
    return text;
  }

  template <typename Fn>
  static Status Lifecycle(Fn&& fn) {
    tutti_code code = TUTTI_OK;
    std::string error = Collect([&](const tutti_sink* sink) { code = fn(sink); });
    return Status(static_cast<Code>(code), std::move(error));
  }

  // A kind the plugin does not serve ends the call with UNIMPLEMENTED.
  template <typename Table, typename Fn>
  RunningCall Begin(const char* kind, const CallContext& context, Texts texts, Fn fn) {
    auto call = host_->calls().Open(host_->options().event_capacity);
    const auto* table = Extension<Table>(kind);
    if (table == nullptr) {
      WithOutcome(Status::Unimplemented(std::string("the plugin does not serve ") + kind),
                  [&](const tutti_outcome& outcome) { host_->calls().Finish(call->id, outcome); });
      return RunningCall(*host_, call);
    }
    const std::uint32_t extra = host_->options().extra_bytes;
    host_->executor().PostAlways([table, self = self(), id = call->id, context, texts = std::move(texts), fn, extra] {
      Grown<tutti_call_info> info({sizeof(tutti_call_info), id, context.depth, context.surface, context.deadline_ms,
                                   Str(context.trace), Str(context.caller), Str(context.principal), Str(context.run),
                                   Str(context.agent), Str(context.stream), Str(context.labels)},
                                  extra);
      fn(*table, self, *info.get(), texts);
    });
    return RunningCall(*host_, call);
  }

  FakeHost* host_;
  std::unique_ptr<tutti_plugin> plugin_;
  Status status_;
  bool is_active_ = false;
};

// The plugin class P behind its C boundary, created in `host`, without a library.
template <typename P>
LoadedPlugin Load(FakeHost& host) {
  return LoadedPlugin(host, &internal::Adapter<P>::Create);
}

}  // namespace tutti::testing
