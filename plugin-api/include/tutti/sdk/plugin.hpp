// Everything a plugin author includes. A plugin is an ordinary class; serving a kind means having its methods:
//
//   explicit P(tutti::Host host);                                         always
//   tutti::Status Init(const tutti::Config& config);                      optional, [main]
//   tutti::Status Activate();  void Deactivate();                         optional, [main]
//   command  std::string Commands();                                      JSON array of definitions
//            Answer Invoke(std::string_view name, std::string_view args, tutti::Call call);
//   hook     HookAnswer OnPoint(const tutti::Point& point, std::string_view payload, tutti::Call call);
//            void OnEvents(std::span<const tutti_event> events);           observe
//   storage  Answer EnsureSchema(std::string_view schema, tutti::Call call);
//            Answer Execute(std::string_view batch, tutti::Call call);  std::string Stats();
//            Answer Maintain(std::string_view request, tutti::Call call);  optional
//   model    std::string Models();  Answer Complete(std::string_view request, tutti::Call call);
//   runtime  Answer Start(std::string_view request, tutti::Call call);
//   template Answer List(tutti::Call call);  Answer Get(std::string_view name, tutti::Call call);
//   other    const void* Extension(std::string_view id);                  tables of one's own, such as a transport
//
// Answer is void (finish the call yourself, now or later), Result<std::string>, or Task<Result<std::string>>;
// HookAnswer is HookReply or Task<HookReply>. Views stay valid until the Task has ended. What is thrown ends the call
// with INTERNAL.
//
//   TUTTI_PLUGIN(P, "org.example.redact", "1.2.0")
#pragma once

#include <concepts>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti {

// The plugin's configuration: accepted by its schema, defaults filled in.
class Config {
 public:
  explicit Config(Json json) : json_(std::move(json)) {}

  JsonView operator[](std::string_view key) const { return json_[key]; }

  [[nodiscard]] JsonView view() const { return json_.view(); }

 private:
  Json json_;
};

struct Point {
  std::string_view name;
  bool is_record = false;    // asked for operations; otherwise for a verdict
  std::uint32_t index = 0;   // running number within the run
  std::int64_t time_us = 0;  // Unix time in microseconds
};

// A hook's answer at a point.
class HookReply {
 public:
  // Go on, nothing to add.
  static HookReply Allow() { return HookReply({}); }

  static HookReply Deny(std::string_view reason) { return HookReply(JsonObject()("deny", reason).Take()); }

  static HookReply Ask(std::string_view question) { return HookReply(JsonObject()("ask", question).Take()); }

  // The same with all that a question may carry: `json_object` as in tutti/abi/hook.h.
  static HookReply AskFor(std::string_view json_object) {
    return HookReply(JsonObject().Raw("ask", json_object).Take());
  }

  // Members that replace those of the payload.
  static HookReply Patch(std::string_view json_object) {
    return HookReply(JsonObject().Raw("patch", json_object).Take());
  }

  // Storage operations for the step's batch, a JSON array.
  static HookReply Record(std::string_view ops) { return HookReply(JsonObject().Raw("ops", ops).Take()); }

  // The hook could not decide: what then happens is the manifest's choice.
  static HookReply Fail(Status status) {
    HookReply reply({});
    reply.result_ = std::move(status);
    return reply;
  }

  [[nodiscard]] const Result<std::string>& result() const { return result_; }

 private:
  explicit HookReply(std::string json) : result_(std::move(json)) {}

  Result<std::string> result_;
};

namespace internal {

inline Status FromException(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return Status::Internal(std::string("the plugin threw: ") + error.what());
  } catch (...) {
    return Status::Internal("the plugin threw something that is no std::exception");
  }
}

inline Result<std::string> ToResult(Result<std::string> result) {
  return result;
}

inline Result<std::string> ToResult(const HookReply& reply) {
  return reply.result();
}

template <typename T>
inline constexpr bool kIsTask = false;
template <typename T>
inline constexpr bool kIsTask<Task<T>> = true;

// Calls fn() -> void | Result | HookReply | Task of one, and ends the call with what comes of it. fn must own or
// outlive what its Task uses.
template <typename Fn>
void Answer(Call call, Fn fn) {
  using Returned = decltype(fn());
  try {
    if constexpr (std::is_void_v<Returned>) {
      fn();
    } else if constexpr (kIsTask<Returned>) {
      auto drive = [](Call to, Fn body) -> Task<void> {
        auto answer = co_await body();
        to.Finish(ToResult(std::move(answer)));
      };
      Spawn(drive(call, std::move(fn)),
            [call](const std::exception_ptr& thrown) { call.Finish(FromException(thrown)); });
    } else {
      call.Finish(ToResult(fn()));
    }
  } catch (...) {
    call.Finish(FromException(std::current_exception()));
  }
}

template <typename P>
concept ServesCommand = requires(P p, std::string_view s, Call c) {
  { p.Commands() } -> std::convertible_to<std::string>;
  p.Invoke(s, s, c);
};

template <typename P>
concept ServesPoints = requires(P p, const Point& point, std::string_view s, Call c) {
  p.OnPoint(point, s, c);
};

template <typename P>
concept ServesEvents = requires(P p, std::span<const tutti_event> events) {
  p.OnEvents(events);
};

template <typename P>
concept ServesStorage = requires(P p, std::string_view s, Call c) {
  p.EnsureSchema(s, c);
  p.Execute(s, c);
  { p.Stats() } -> std::convertible_to<std::string>;
};

// Beside ServesStorage: hears of what other hosts commit (tutti_storage.watch).
template <typename P>
concept WatchesStorage = requires(P p, Call c) {
  p.Watch(c);
};

template <typename P>
concept KeepsHouse = requires(P p, std::string_view s, Call c) {
  p.Maintain(s, c);
};

template <typename P>
concept ServesModel = requires(P p, std::string_view s, Call c) {
  { p.Models() } -> std::convertible_to<std::string>;
  p.Complete(s, c);
};

template <typename P>
concept ServesRuntime = requires(P p, std::string_view s, Call c) {
  p.Start(s, c);
};

template <typename P>
concept ServesTemplates = requires(P p, std::string_view s, Call c) {
  p.List(c);
  p.Get(s, c);
};

// Whether this host is one to build on: what it hands over covers revision 1, and it lets calls be answered.
inline Status CheckHost(const tutti_host* host, const tutti_plugin* plugin) {
  if (!TUTTI_HAS(host, tutti_host, get_service) || !TUTTI_HAS(plugin, tutti_plugin, get_extension)) {
    return Status::FailedPrecondition(
        "expected the structs of a host of revision 1, found smaller ones; this plugin "
        "needs a newer tutti");
  }
  if (Host(host).calls() == nullptr) {
    return Status::FailedPrecondition(
        "expected the service " TUTTI_SERVICE_CALLS
        ", without which no call can be answered; this host does not offer it to the plugin");
  }
  return {};
}

// The class P behind the C boundary.
template <typename P>
class Adapter {
 public:
  static tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
    try {
      if (const Status status = CheckHost(host, plugin); !status.ok()) {
        Write(error, status.message());
        return static_cast<tutti_code>(status.code());
      }
      auto adapter = std::make_unique<Adapter>(host);
      *plugin = {sizeof(tutti_plugin), adapter.get(), &Init, &Activate, &Deactivate, &Destroy, &GetExtension};
      adapter.release();  // NOLINT(bugprone-unused-return-value): Destroy owns it from here
      return TUTTI_OK;
    } catch (...) {
      Write(error, FromException(std::current_exception()).message());
      return TUTTI_INTERNAL;
    }
  }

  explicit Adapter(const tutti_host* host) : host_(host), plugin_(Host(host)) {}

  // The plugin behind the `self` that the functions of a table from Extension are given.
  static P& PluginOf(void* self) { return Self(self)->plugin_; }

 private:
  static Adapter* Self(void* self) { return static_cast<Adapter*>(self); }

  template <typename Fn>
  static tutti_code Guard(const tutti_sink* error, Fn&& fn) {
    Status status;
    try {
      status = fn();
    } catch (...) {
      status = FromException(std::current_exception());
    }
    Write(error, status.message());
    return static_cast<tutti_code>(status.code());
  }

  static tutti_code Init(void* self, tutti_str config, const tutti_sink* error) {
    return Guard(error, [&]() -> Status {
      Result<Json> json = Json::Parse(config.size == 0 ? std::string_view("{}") : View(config));
      if (!json.ok()) {
        return json.status();
      }
      if constexpr (requires(P p, const Config& c) { p.Init(c); }) {
        return Self(self)->plugin_.Init(Config(std::move(*json)));
      }
      return {};
    });
  }

  static tutti_code Activate(void* self, const tutti_sink* error) {
    return Guard(error, [&]() -> Status {
      if constexpr (requires(P p) { p.Activate(); }) {
        return Self(self)->plugin_.Activate();
      }
      return {};
    });
  }

  static void Deactivate(void* self) {
    (void)Guard(nullptr, [&]() -> Status {
      if constexpr (requires(P p) { p.Deactivate(); }) {
        Self(self)->plugin_.Deactivate();
      }
      return {};
    });
  }

  static void Destroy(void* self) { delete Self(self); }

  Call MakeCall(const tutti_call_info* info) const { return Call(host_.raw(), host_.calls(), *info); }

  static void Describe(void* self, const tutti_sink* sink) {
    Collect(sink, [&] { return Self(self)->plugin_.Commands(); });
  }

  template <typename Fn>
  static void Collect(const tutti_sink* sink, Fn&& fn) {
    try {
      Write(sink, std::string(fn()));
    } catch (...) {
      // Nothing is written: the host reports the missing description by itself.
    }
  }

  static void Invoke(void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
    Dispatch(Self(self), info, View(name), View(args),
             [](P& plugin, std::string_view n, std::string_view a, Call& call) { return plugin.Invoke(n, a, call); });
  }

  // Keeps the texts and the call for as long as a Task may look at them.
  template <typename Fn>
  static void Dispatch(Adapter* self, const tutti_call_info* info, std::string_view first, std::string_view second,
                       Fn fn) {
    Call call = self->MakeCall(info);
    P& plugin = self->plugin_;
    using Returned = decltype(fn(plugin, first, second, call));
    if constexpr (kIsTask<Returned>) {
      auto kept = std::make_shared<const std::pair<std::string, std::string>>(first, second);
      Answer(call, [&plugin, kept, call, fn]() mutable { return fn(plugin, kept->first, kept->second, call); });
    } else {
      Answer(call, [&] { return fn(plugin, first, second, call); });
    }
  }

  static void OnPoint(void* self, const tutti_call_info* info, const tutti_point* raw, tutti_str payload) {
    // On the heap and owned by the function: a Task may look at its point until it has ended.
    auto point = std::make_shared<Point>(Point{{}, raw->mode == TUTTI_HOOK_RECORD, raw->index, raw->time_us});
    Dispatch(Self(self), info, View(raw->name), View(payload),
             [point](P& plugin, std::string_view name, std::string_view body, Call& call) {
               point->name = name;
               return plugin.OnPoint(*point, body, call);
             });
  }

  static void OnEvents(void* self, const tutti_event* events, std::size_t count) {
    (void)Guard(nullptr, [&]() -> Status {
      Self(self)->plugin_.OnEvents(std::span<const tutti_event>(events, count));
      return {};
    });
  }

  static void EnsureSchema(void* self, const tutti_call_info* info, tutti_str schema) {
    Dispatch(Self(self), info, View(schema), {}, [](P& plugin, std::string_view text, std::string_view, Call& call) {
      return plugin.EnsureSchema(text, call);
    });
  }

  static void Execute(void* self, const tutti_call_info* info, tutti_str batch) {
    Dispatch(Self(self), info, View(batch), {},
             [](P& plugin, std::string_view text, std::string_view, Call& call) { return plugin.Execute(text, call); });
  }

  static void Maintain(void* self, const tutti_call_info* info, tutti_str request) {
    Dispatch(Self(self), info, View(request), {}, [](P& plugin, std::string_view text, std::string_view, Call& call) {
      return plugin.Maintain(text, call);
    });
  }

  static void Watch(void* self, const tutti_call_info* info) {
    Dispatch(Self(self), info, {}, {},
             [](P& plugin, std::string_view, std::string_view, Call& call) { return plugin.Watch(call); });
  }

  static void Stats(void* self, const tutti_sink* sink) {
    Collect(sink, [&] { return Self(self)->plugin_.Stats(); });
  }

  static void Models(void* self, const tutti_sink* sink) {
    Collect(sink, [&] { return Self(self)->plugin_.Models(); });
  }

  static void Complete(void* self, const tutti_call_info* info, tutti_str request) {
    Dispatch(Self(self), info, View(request), {}, [](P& plugin, std::string_view text, std::string_view, Call& call) {
      return plugin.Complete(text, call);
    });
  }

  static void Start(void* self, const tutti_call_info* info, tutti_str request) {
    Dispatch(Self(self), info, View(request), {},
             [](P& plugin, std::string_view text, std::string_view, Call& call) { return plugin.Start(text, call); });
  }

  static void ListTemplates(void* self, const tutti_call_info* info) {
    Dispatch(Self(self), info, {}, {},
             [](P& plugin, std::string_view, std::string_view, Call& call) { return plugin.List(call); });
  }

  static void GetTemplate(void* self, const tutti_call_info* info, tutti_str name) {
    Dispatch(Self(self), info, View(name), {},
             [](P& plugin, std::string_view text, std::string_view, Call& call) { return plugin.Get(text, call); });
  }

  static const void* GetExtension(void* self, const char* raw_id) {
    const std::string_view id(raw_id);
    if constexpr (ServesCommand<P>) {
      static constexpr tutti_command kTable{sizeof kTable, &Describe, &Invoke};
      if (id == TUTTI_KIND_COMMAND) {
        return &kTable;
      }
    }
    if constexpr (ServesPoints<P> || ServesEvents<P>) {
      static constexpr tutti_hook kTable = [] {
        tutti_hook table{sizeof(tutti_hook), nullptr, nullptr};
        if constexpr (ServesPoints<P>) {
          table.on_point = &OnPoint;
        }
        if constexpr (ServesEvents<P>) {
          table.on_events = &OnEvents;
        }
        return table;
      }();
      if (id == TUTTI_KIND_HOOK) {
        return &kTable;
      }
    }
    if constexpr (ServesStorage<P>) {
      static constexpr tutti_storage kTable = [] {
        tutti_storage table{sizeof(tutti_storage), &EnsureSchema, &Execute, &Stats, nullptr, nullptr};
        if constexpr (KeepsHouse<P>) {
          table.maintain = &Maintain;
        }
        if constexpr (WatchesStorage<P>) {
          table.watch = &Watch;
        }
        return table;
      }();
      if (id == TUTTI_KIND_STORAGE) {
        return &kTable;
      }
    }
    if constexpr (ServesModel<P>) {
      static constexpr tutti_model kTable{sizeof kTable, &Models, &Complete};
      if (id == TUTTI_KIND_MODEL) {
        return &kTable;
      }
    }
    if constexpr (ServesRuntime<P>) {
      static constexpr tutti_runtime kTable{sizeof kTable, &Start};
      if (id == TUTTI_KIND_RUNTIME) {
        return &kTable;
      }
    }
    if constexpr (ServesTemplates<P>) {
      static constexpr tutti_template kTable{sizeof kTable, &ListTemplates, &GetTemplate};
      if (id == TUTTI_KIND_TEMPLATE) {
        return &kTable;
      }
    }
    if constexpr (requires(P p, std::string_view s) {
                    { p.Extension(s) } -> std::convertible_to<const void*>;
                  }) {
      return Self(self)->plugin_.Extension(id);
    }
    return nullptr;
  }

  Host host_;
  P plugin_;
};

}  // namespace internal

// For the functions of a table that Extension returned: the plugin behind their `self`.
template <typename P>
P& PluginOf(void* self) {
  return internal::Adapter<P>::PluginOf(self);
}

}  // namespace tutti

// Once per library, at namespace scope.
#define TUTTI_PLUGIN(Class, plugin_id, plugin_version)                                 \
  extern "C" {                                                                         \
  __attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;  \
  const tutti_entry tutti_plugin_entry = {TUTTI_ENTRY_MAGIC,                           \
                                          sizeof(tutti_entry),                         \
                                          TUTTI_ABI_MAJOR,                             \
                                          TUTTI_ABI_MINOR,                             \
                                          plugin_id,                                   \
                                          plugin_version,                              \
                                          &::tutti::internal::Adapter<Class>::Create}; \
  }
