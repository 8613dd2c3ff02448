#include "host/lifecycle/retirement.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSlice{10};

void Sleep(std::chrono::milliseconds length) {
  const timespec pause{0, std::chrono::nanoseconds(length).count()};
  nanosleep(&pause, nullptr);
}

}  // namespace

void Retirement::Add(std::shared_ptr<PluginInstance> plugin, std::chrono::milliseconds drain, bool cancel) {
  static_cast<void>(plugin->gate().Close(std::chrono::milliseconds(0)));
  if (cancel) {
    core_.calls.CancelInside(plugin->gate());
  }
  retired_.push_back({std::move(plugin), Clock::now() + drain, cancel, false, 0});
}

bool Retirement::Tick() {
  bool is_busy = false;
  // An index: a plugin's deactivate may lead back here in no case, but vectors do not forgive.
  for (std::size_t i = 0; i < retired_.size();) {
    if (Advance(retired_[i])) {
      Bury(retired_[i]);
      retired_.erase(retired_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    is_busy = is_busy || (retired_[i].ended_for_it == 0 && !retired_[i].plugin->is_stuck() &&
                          !retired_[i].plugin->has_lost_thread());
    ++i;
  }
  return is_busy;
}

void Retirement::Await(const PluginInstance* plugin, const std::function<bool()>& interrupted) {
  while (true) {
    static_cast<void>(Tick());
    const auto found = std::find_if(retired_.begin(), retired_.end(),
                                    [plugin](const Retired& retired) { return retired.plugin.get() == plugin; });
    if (found == retired_.end() || found->is_zombie || interrupted()) {
      return;
    }
    if (found->plugin->gate().inside() > 0) {
      static_cast<void>(found->plugin->gate().Close(kSlice));
    } else {
      Sleep(std::chrono::milliseconds(1));
    }
  }
}

bool Retirement::Advance(Retired& retired) {
  PluginInstance& plugin = *retired.plugin;
  const bool is_late = Clock::now() >= retired.deadline;
  if (plugin.gate().inside() > 0 && is_late && !retired.is_zombie) {
    MakeZombie(retired);
  }
  // It never ended calls that were ended for it: it is not to be trusted with its own end.
  if (plugin.gate().inside() > 0 || retired.ended_for_it > 0) {
    return false;
  }
  if (plugin.is_active() || plugin.is_stuck()) {
    if (plugin.is_stuck() || !plugin.Deactivate(std::chrono::milliseconds(0))) {
      // A thread is inside though no call is: one whose call was ended for it. A lost one is not waited for.
      if ((is_late || plugin.is_stuck() || plugin.has_lost_thread()) && !retired.is_zombie) {
        MakeZombie(retired);
      }
      return false;
    }
    if (plugin.work() > 0 && !is_alive_(plugin.id())) {
      core_.calls.CancelOf(plugin.id());
    }
  }
  if (plugin.work() > 0) {
    if (is_late && !retired.is_zombie) {
      MakeZombie(retired);
    }
    return false;
  }
  return true;
}

void Retirement::MakeZombie(Retired& retired) {
  PluginInstance& plugin = *retired.plugin;
  retired.is_zombie = true;
  if (retired.is_cancelling) {
    retired.ended_for_it = core_.calls.FinishInside(
        plugin.gate(), Status::Unavailable("the plugin " + std::string(plugin.id()) +
                                           " was switched off and did not end this call when it was cancelled"));
  }
  core_.log.Write(
      TUTTI_LOG_ERROR, "", "plugin did not drain; it stays loaded",
      JsonObject()("id", plugin.id())("version", plugin.spec().version)("calls", retired.calls())("work", plugin.work())
          .Take());
}

void Retirement::Bury(Retired& retired) {
  if (retired.plugin->transport() != nullptr) {
    core_.transports.Remove(*retired.plugin);
  }
  retired.plugin->Destroy();
  if (retired.plugin->is_stuck()) {
    return;  // whoever lost the thread has said so
  }
  core_.log.Write(TUTTI_LOG_INFORMATION, "", "plugin gone",
                  JsonObject()("id", retired.plugin->id())("version", retired.plugin->spec().version).Take());
  shells_.push_back(std::move(retired.plugin));
  if (shells_.size() > kShells) {
    shells_.pop_front();
  }
}

bool Retirement::Finish(Clock::time_point deadline) {
  while (Tick() && Clock::now() < deadline) {
    Sleep(kSlice);
  }
  return retired_.empty();
}

void Retirement::Abandon() {
  for (Retired& retired : retired_) {
    if (retired.plugin->is_active() || retired.plugin->is_stuck()) {
      // Never freed: its code and data stay for whatever still runs inside.
      static_cast<void>(new std::shared_ptr<PluginInstance>(std::move(retired.plugin)));
    } else {
      retired.plugin->Destroy();
    }
  }
  retired_.clear();
}

}  // namespace tutti::host
