// Does something at regular times. Teaches: a timer that sets itself again and is gone after Deactivate, and metrics.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "tutti/sdk/commands.hpp"

class Heartbeat {
 public:
  explicit Heartbeat(tutti::Host host) : state_(std::make_shared<State>(host)) {
    commands_.AddDirect(R"({"name": "heartbeat.beats", "summary": "How often the load was measured.", "effects": "read",
                            "nonblocking": true, "input": {"type": "object", "additionalProperties": false}})",
                        [state = state_](const tutti::Call&, tutti::JsonView) -> tutti::Result<std::string> {
                          const std::lock_guard lock(state->mutex);
                          return tutti::JsonObject()("beats", state->beats).Take();
                        });
  }

  tutti::Status Init(const tutti::Config& config) {
    state_->every = std::chrono::milliseconds(config["every_ms"].AsInt());
    return {};
  }

  tutti::Status Activate() {
    const std::lock_guard lock(state_->mutex);
    state_->is_active = true;
    return SetTimer(state_);
  }

  // Waits for a beat that is under way; one that comes later finds is_active false and touches nothing of the host.
  void Deactivate() {
    const std::lock_guard lock(state_->mutex);
    state_->is_active = false;
    state_->timer = {};
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, const tutti::Call& call) const {
    commands_.Invoke(name, args, call);
  }

 private:
  // Shared with the timer's function, which may outlive the plugin by a moment.
  struct State {
    explicit State(tutti::Host h) : host(h) {}

    tutti::Host host;
    std::chrono::milliseconds every{0};
    std::mutex mutex;
    bool is_active = false;  // guarded by mutex
    std::int64_t beats = 0;  // guarded by mutex
    tutti::Timer timer;      // guarded by mutex
  };

  // REQUIRES: mutex held.
  static tutti::Status SetTimer(const std::shared_ptr<State>& state) {
    state->timer = state->host.PostAfter(state->every, [state] { Beat(state); });
    return state->timer ? tutti::Status() : tutti::Status::Unavailable("the host took no timer; it is stopping");
  }

  static void Beat(const std::shared_ptr<State>& state) {
    const std::lock_guard lock(state->mutex);
    if (!state->is_active) {
      return;
    }
    double load[1] = {0};
    if (getloadavg(load, 1) == 1) {
      state->host.Gauge("machine_load", load[0], R"({"minutes":"1"})");
    }
    state->host.Count("heartbeats_total");
    ++state->beats;
    if (const tutti::Status set = SetTimer(state); !set.ok()) {
      state->host.Log(TUTTI_LOG_WARNING, "heartbeat ends", tutti::JsonObject()("why", set.message()).Take());
    }
  }

  std::shared_ptr<State> state_;
  tutti::CommandSet commands_;
};

TUTTI_PLUGIN(Heartbeat, "org.example.heartbeat", "1.0.0")
