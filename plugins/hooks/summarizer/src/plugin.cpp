#include "tutti/sdk/plugin.hpp"

#include <memory>
#include <span>

#include "settings.h"
#include "summarizer.h"
#include "summary_rows.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"

namespace tutti::summarizer {
namespace {

constexpr const char* kSpending = R"({
  "name": "summaries.spending", "effects": "read",
  "summary": "What summaries cost, by session and model, apart from what the agents cost.",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/summaries"},
  "input": {"type": "object", "properties": {
    "orchestrator": {"type": "string", "description": "Only of this session."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}},
  "rest": [{"method": "GET", "path": "/v1/summaries/spending", "errors": "problem"}]})";

class SummarizerPlugin {
 public:
  explicit SummarizerPlugin(Host host) : host_(host) {
    commands_.Add(kSpending, [this](const Call& call, JsonView args) { return Spending(call, args); });
  }

  Status Init(const Config& config) {
    settings_ = Settings::Read(config.view());
    return {};
  }

  Status Activate() {
    summarizer_ = Summarizer::Create(host_, settings_);
    return {};
  }

  void Deactivate() {
    if (!summarizer_->Stop()) {
      host_.Log(TUTTI_LOG_WARNING, "some summaries were not stored before the stop; their rows have none");
    }
    summarizer_.reset();
  }

  void OnEvents(std::span<const tutti_event> events) {
    for (const tutti_event& event : events) {
      summarizer_->Observe(event);
    }
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  Task<Result<std::string>> Spending(const Call& call, JsonView args) {
    Batch batch;
    batch.Add(ListSpending(args));
    const Result<StoreReply> found = co_await Execute(host_, call.id(), batch.Take());
    if (!found.ok()) {
      co_return found.status();
    }
    co_return JsonObject().Raw("spending", found->Rows(0)).Raw("count", found->Member(0, "count")).Take();
  }

  const Host host_;
  CommandSet commands_;
  Settings settings_;
  std::shared_ptr<Summarizer> summarizer_;  // while active
};

}  // namespace
}  // namespace tutti::summarizer

using tutti::summarizer::SummarizerPlugin;
TUTTI_PLUGIN(SummarizerPlugin, "tutti.hooks.summarizer", "0.1.0")
