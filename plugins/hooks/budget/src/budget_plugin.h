// The plugin: reads the configuration and calls the gatekeeper.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "background.h"
#include "gatekeeper.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/plugin.hpp"

namespace tutti::budget {

// The clocks of this machine.
Times SystemTimes();

class BudgetPlugin {
 public:
  explicit BudgetPlugin(Host host, Times times = SystemTimes());

  Status Init(const Config& config);
  Status Activate();
  void Deactivate();

  std::string Commands() const;
  void Invoke(std::string_view name, std::string_view args, Call call);
  Task<HookReply> OnPoint(const Point& point, std::string_view payload, Call call);
  void OnEvents(std::span<const tutti_event> events);

 private:
  const Host host_;
  const Times times_;
  CommandSet commands_;
  std::chrono::milliseconds watch_{1000};
  std::unique_ptr<Gatekeeper> gatekeeper_;  // set by Init
  Background background_;
};

}  // namespace tutti::budget
