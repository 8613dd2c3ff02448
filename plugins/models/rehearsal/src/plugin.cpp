#include "tutti/sdk/plugin.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

#include "performance.h"
#include "playbook.h"
#include "shipped_scripts.h"
#include "tutti/sdk/text.hpp"

namespace tutti::rehearsal {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A pause is taken in slices so that a cancelled call ends soon, however long its scene pauses.
constexpr milliseconds kSlice{50};
constexpr milliseconds kFullQueuePause{5};

class Rehearsal {
 public:
  explicit Rehearsal(Host host) : host_(host) {}

  Status Init(const Config& config) {
    staging_.delay = milliseconds(config["delay_ms"].AsInt(10));
    staging_.piece_characters = static_cast<std::size_t>(config["piece_characters"].AsInt(24));
    staging_.max_text_bytes = static_cast<std::size_t>(config["max_text_bytes"].AsInt(65536));
    emit_timeout_ = milliseconds(config["emit_timeout_ms"].AsInt(30000));
    std::vector<std::string> sources;
    config["scripts"].ForEach([&](JsonView source) { sources.emplace_back(source.AsString()); });
    if (sources.empty()) {
      sources.emplace_back("shipped");
    }
    auto scripts = Load(sources);
    if (!scripts.ok()) {
      return scripts.status();
    }
    playbook_ = std::make_unique<Playbook>(std::move(*scripts));
    return {};
  }

  std::string Models() {
    const std::string prices = R"({"input":0,"output":0,"cache_write_5m":0,"cache_write_1h":0,"cache_read":0})";
    const std::string model =
        JsonObject()("id", "rehearsal")
            .Raw("aliases", R"(["sonnet","haiku","fast","opus"])")("context_tokens", 200000)("max_output_tokens", 32000)
            .Raw("prices", prices)
            .Take();
    return JsonObject()("default", "rehearsal").Raw("models", "[" + model + "]").Take();
  }

  Task<Result<std::string>> Complete(std::string_view request, Call call) {
    const auto situation = ReadSituation(request);
    if (!situation.ok()) {
      co_return situation.status();
    }
    const auto choice = playbook_->Choose(*situation);
    if (!choice.ok()) {
      co_return choice.status();
    }
    const std::string id = NewUuid();
    const Performance performance = Stage(*choice, *situation, staging_, id);
    bool first = true;
    for (const auto& event : performance.events) {
      milliseconds pause = first ? milliseconds(0) : performance.delay;
      first = false;
      while (pause.count() > 0 && !call.cancelled()) {
        const milliseconds slice = std::min(pause, kSlice);
        pause -= slice;
        co_await host_.Delay(slice);
      }
      const auto give_up = Clock::now() + emit_timeout_;
      while (!call.cancelled() && !call.Emit(event)) {
        if (Clock::now() > give_up) {
          co_return Status::DeadlineExceeded("the receiver of the rehearsal's events took none for " +
                                             std::to_string(emit_timeout_.count()) + " ms");
        }
        co_await host_.Delay(kFullQueuePause);
      }
      if (call.cancelled()) {
        co_return Status::Cancelled("the completion was cancelled");
      }
    }
    if (!performance.failure.ok()) {
      co_return performance.failure;
    }
    co_return performance.result;
  }

 private:
  static Result<std::vector<Script>> Load(const std::vector<std::string>& sources) {
    std::vector<Script> all;
    const auto add = [&all](const ShippedScript& shipped) -> Status {
      auto script = ParseScript(shipped.yaml, shipped.name);
      if (script.ok()) {
        all.push_back(std::move(*script));
      }
      return script.status();
    };
    for (const auto& source : sources) {
      if (source == "shipped") {
        for (const auto& shipped : ShippedScripts()) {
          if (Status status = add(shipped); !status.ok()) {
            return status;
          }
        }
        continue;
      }
      auto loaded = LoadScripts(source);
      if (!loaded.ok()) {
        return loaded.status();
      }
      std::move(loaded->begin(), loaded->end(), std::back_inserter(all));
    }
    if (Status status = add(FallbackScript()); !status.ok()) {
      return status;
    }
    return all;
  }

  Host host_;
  Staging staging_;
  milliseconds emit_timeout_{30000};
  std::unique_ptr<Playbook> playbook_;  // set by Init, then only read
};

}  // namespace
}  // namespace tutti::rehearsal

using tutti::rehearsal::Rehearsal;
TUTTI_PLUGIN(Rehearsal, "tutti.models.rehearsal", "0.1.0")
