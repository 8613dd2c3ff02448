#include "tutti/sdk/plugin.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client.h"
#include "completions.h"
#include "settings.h"

namespace tutti::anthropic {
namespace {

class Anthropic {
 public:
  explicit Anthropic(Host host) : host_(host) {}

  Status Init(const Config& config) {
    auto settings = ReadSettings(config.view());
    if (!settings.ok()) {
      return settings.status();
    }
    settings_ = std::move(*settings);
    // Without a key the plugin is there and says so when it is asked to work.
    if (auto key = host_.Secret(settings_->api_key_reference); key.ok()) {
      return ReadApiKey(*key, settings_->client);
    }
    return {};
  }

  Status Activate() {
    client_ = std::make_unique<Client>(settings_->client, settings_->models);
    completions_ = std::make_unique<Completions>(*client_, settings_->max_concurrent, settings_->max_queued);
    return {};
  }

  void Deactivate() {
    completions_ = nullptr;
    client_ = nullptr;
  }

  std::string Models() {
    const ModelTable& models = settings_->models;
    return models.ToJson(models.Resolve(settings_->client.builder.default_model));
  }

  void Complete(std::string_view request, Call call) {
    auto job = completions_->Prepare([call](const Result<std::string>& result) { call.Finish(result); });
    // The call keeps its notice for as long as it lives, and the job keeps the call: a strong reference would be a
    // ring.
    call.OnCancel([weak = std::weak_ptr(job)] {
      if (const auto running = weak.lock()) {
        running->Cancel();
      }
    });
    completions_->Start(job, std::string(request), [call, timeout = settings_->emit_timeout](const std::string& event) {
      if (call.Emit(event) || (!call.cancelled() && call.EmitWait(event, timeout))) {
        return Status();
      }
      return call.cancelled() ? Status::Cancelled("the completion was cancelled")
                              : Status::DeadlineExceeded("the receiver of the model's events took none for " +
                                                         std::to_string(timeout.count()) + " ms");
    });
  }

 private:
  Host host_;
  std::optional<Settings> settings_;  // set by Init
  std::unique_ptr<Client> client_;    // both while active
  std::unique_ptr<Completions> completions_;
};

}  // namespace
}  // namespace tutti::anthropic

using tutti::anthropic::Anthropic;
TUTTI_PLUGIN(Anthropic, "tutti.models.anthropic", "0.1.0")
