#include "host/lifecycle/replacement.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using Clock = std::chrono::steady_clock;

// How often a wait for calls looks whether a stop was asked for.
constexpr std::chrono::milliseconds kSlice{50};

bool IsExclusive(const PluginEntry& entry) {
  return entry.manifest.exclusive || entry.manifest.Serves("storage");
}

// Whether a failed activation may be due to the instance that still runs, rather than to the new one itself.
bool MayBeInTheWay(const Status& status) {
  return status.code() != Code::kInvalidArgument && status.code() != Code::kUnimplemented &&
         status.code() != Code::kPermissionDenied;
}

}  // namespace

Status Replacement::Replace(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next, const Drain& drain) {
  if (next->transport() != nullptr || slot.plugin->transport() != nullptr) {
    if (drain.caller == nullptr) {
      return ReplaceTransport(slot, entry, next, drain);
    }
    ReplaceTransportLater(entry, next);
    return {};
  }
  if (IsExclusive(entry) || IsExclusive(slot.entry)) {
    return ReplacePaused(slot, entry, next, drain);
  }
  return ReplaceBeside(slot, entry, next, drain);
}

Status Replacement::ReplaceBeside(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next,
                                  const Drain& drain) {
  Status status = fleet_.starter.CheckDependencies(entry, nullptr);
  if (status.ok()) {
    status = fleet_.starter.Bring(entry, next);
  }
  if (status.ok()) {
    InstancePtr old = std::move(slot.plugin);
    fleet_.Install(slot, entry, next);
    fleet_.Retire(std::move(old), drain);
    return {};
  }
  if (!MayBeInTheWay(status)) {
    fleet_.starter.Discard(next);
    return status;
  }
  fleet_.starter.DiscardAndAwait(next);
  Result<InstancePtr> again = fleet_.starter.Make(entry);
  if (!again.ok()) {
    return status;
  }
  // The reason is the first attempt's unless the second gets further.
  const Status paused = ReplacePaused(slot, entry, *again, drain);
  return paused.ok() ? paused : Status(status.code(), std::string(status.message()) + "; the one before goes on");
}

// The answer to whoever asked may have to go through the transport that is replaced.
void Replacement::ReplaceTransportLater(const PluginEntry& entry, const InstancePtr& next) {
  fleet_.options.later([this, entry, next] {
    PluginSlot* found = fleet_.slots.Find(entry.manifest.id);
    if (found == nullptr || !found->is_active()) {
      fleet_.starter.Discard(next);
      return;
    }
    if (Status replaced = ReplaceTransport(*found, entry, next, {}); !replaced.ok()) {
      fleet_.core.log.Write(TUTTI_LOG_ERROR, "", "transport not replaced",
                            JsonObject()("id", entry.manifest.id)("reason", replaced.message()).Take());
    }
  });
}

Status Replacement::DrainPaused(PluginInstance& old, const Drain& drain) {
  const std::string id(old.id());
  if (drain.caller != nullptr && CallTable::IsBelow(*drain.caller, old.gate())) {
    return Status::FailedPrecondition(id + " cannot be replaced by a call that runs inside it; send SIGHUP instead");
  }
  old.SetPaused(true);
  static_cast<void>(old.gate().Close(std::chrono::milliseconds(0)));
  if (drain.cancel) {
    fleet_.core.calls.CancelInside(old.gate());
  }
  const auto limit = std::min(drain.limit.value_or(fleet_.options.settings.drain), fleet_.options.settings.pause);
  const auto deadline = Clock::now() + limit;
  while (old.gate().Close(kSlice) == PluginGate::CloseResult::kTimedOut) {
    if (Clock::now() >= deadline || fleet_.options.is_interrupted()) {
      const std::uint64_t inside = old.gate().inside();
      old.gate().Open();
      old.SetPaused(false);
      return Status::FailedPrecondition(
          id + " serves " + std::to_string(inside) + " calls that did not end within " + std::to_string(limit.count()) +
          " ms, and it cannot run twice at once; it goes on. Try again later, or with drain: cancel");
    }
  }
  static_cast<void>(old.Deactivate(std::chrono::milliseconds(0)));
  return {};
}

Status Replacement::ReplacePaused(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next,
                                  const Drain& drain) {
  const InstancePtr old = slot.plugin;
  Status status = fleet_.starter.CheckDependencies(entry, nullptr);
  if (status.ok()) {
    status = DrainPaused(*old, drain);
  }
  if (!status.ok()) {
    fleet_.starter.Discard(next);
    return status;
  }
  const bool is_storage = next->storage() != nullptr;
  if (!entry.storage_json.empty() || !is_storage) {
    status = fleet_.starter.Bring(entry, next);
  } else {
    status = next->Activate();
  }
  if (status.ok() && is_storage && entry.manifest.id == fleet_.manifest.roles.storage) {
    status = fleet_.schemas.EnsureAll(*next, fleet_.slots);
  }
  if (status.ok()) {
    fleet_.Install(slot, entry, next);
    fleet_.Retire(old, drain);
    return {};
  }
  fleet_.starter.DiscardAndAwait(next);
  if (Status back = old->Reactivate(); !back.ok()) {
    fleet_.Fail(slot, "neither the new version started (" + std::string(status.message()) +
                          ") nor the one before again (" + std::string(back.message()) + ")");
    fleet_.Retire(old, drain);
    return Status(status.code(), slot.reason);
  }
  old->SetPaused(false);
  return Status(status.code(), std::string(status.message()) + "; the one before goes on");
}

Status Replacement::ReplaceTransport(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next,
                                     const Drain& drain) {
  const InstancePtr old = slot.plugin;
  std::vector<std::string> addresses;
  Status status = fleet_.starter.CheckDependencies(entry, nullptr);
  if (!status.ok()) {
    fleet_.starter.Discard(next);
    return status;
  }
  // Running exchanges are answered before it returns.
  Listeners::Pause(*old);
  static_cast<void>(old->Deactivate(drain.limit.value_or(fleet_.options.settings.drain)));
  status = fleet_.starter.Bring(entry, next);
  if (status.ok()) {
    status = fleet_.listeners.Listen(*next, addresses);
  }
  if (status.ok()) {
    fleet_.core.transports.Remove(*old);
    fleet_.Install(slot, entry, next);
    fleet_.Retire(old, drain);
    fleet_.listeners.Tell();
    return {};
  }
  fleet_.starter.DiscardAndAwait(next);
  Status back = old->Reactivate();
  if (back.ok()) {
    back = fleet_.listeners.Listen(*old, addresses);
  }
  fleet_.listeners.Tell();
  if (!back.ok()) {
    fleet_.Fail(slot, "neither the new one listens (" + std::string(status.message()) + ") nor the one before again (" +
                          std::string(back.message()) + ")");
    fleet_.Retire(old, drain);
    return Status(status.code(), slot.reason);
  }
  return Status(status.code(), std::string(status.message()) + "; the one before goes on");
}

}  // namespace tutti::host
