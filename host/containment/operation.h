// The functions of plugins that the host enters, by name and by what bounds them.
#pragma once

namespace tutti::host {

// What bounds the time a thread may spend in a plugin's function.
enum class Bound {
  kCall,       // the deadline of the call it serves
  kCallback,   // host.containment.callback_limit_ms: it belongs to no call
  kLifeCycle,  // life_thread.h, as a callback; what runs on the control thread itself cannot be replaced, and is logged
};

struct PluginOperation {
  const char* name;
  Bound bound;
};

namespace operation {

inline constexpr PluginOperation kCreate{"create", Bound::kLifeCycle};
inline constexpr PluginOperation kInit{"init", Bound::kLifeCycle};
inline constexpr PluginOperation kExtension{"get_extension", Bound::kLifeCycle};
inline constexpr PluginOperation kActivate{"activate", Bound::kLifeCycle};
inline constexpr PluginOperation kDeactivate{"deactivate", Bound::kLifeCycle};
inline constexpr PluginOperation kDestroy{"destroy", Bound::kLifeCycle};
inline constexpr PluginOperation kDescribe{"command.describe", Bound::kLifeCycle};
inline constexpr PluginOperation kListen{"transport.listen", Bound::kLifeCycle};
inline constexpr PluginOperation kPause{"transport.pause", Bound::kLifeCycle};

inline constexpr PluginOperation kInvoke{"command.invoke", Bound::kCall};
inline constexpr PluginOperation kOnPoint{"hook.on_point", Bound::kCall};
inline constexpr PluginOperation kEnsureSchema{"storage.ensure_schema", Bound::kCall};
inline constexpr PluginOperation kExecute{"storage.execute", Bound::kCall};
inline constexpr PluginOperation kComplete{"model.complete", Bound::kCall};
inline constexpr PluginOperation kTemplateList{"template.list", Bound::kCall};
inline constexpr PluginOperation kTemplateGet{"template.get", Bound::kCall};
inline constexpr PluginOperation kStart{"runtime.start", Bound::kCall};

inline constexpr PluginOperation kOnEvents{"hook.on_events", Bound::kCallback};
inline constexpr PluginOperation kStats{"storage.stats", Bound::kCallback};
inline constexpr PluginOperation kModels{"model.models", Bound::kCallback};
inline constexpr PluginOperation kRespond{"transport.respond", Bound::kCallback};
inline constexpr PluginOperation kBegin{"transport.begin", Bound::kCallback};
inline constexpr PluginOperation kUpgrade{"transport.upgrade", Bound::kCallback};
inline constexpr PluginOperation kSend{"transport.send", Bound::kCallback};
inline constexpr PluginOperation kClose{"transport.close", Bound::kCallback};
inline constexpr PluginOperation kPosted{"a function it posted", Bound::kCallback};
inline constexpr PluginOperation kTimer{"a timer", Bound::kCallback};
inline constexpr PluginOperation kOnCancel{"a notice of cancellation", Bound::kCallback};
inline constexpr PluginOperation kOnEvent{"reply.on_event", Bound::kCallback};
inline constexpr PluginOperation kOnFinish{"reply.on_finish", Bound::kCallback};

}  // namespace operation

}  // namespace tutti::host
