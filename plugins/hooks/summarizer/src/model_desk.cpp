#include "model_desk.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "summary_rows.h"
#include "tutti/sdk/callback.hpp"

namespace tutti::summarizer {

// A call that may be ended before its handle is known.
struct ModelDesk::Call {
  std::mutex mutex;
  tutti_call handle = 0;     // guarded by mutex
  bool is_unwanted = false;  // guarded by mutex

  void Begun(Host host, tutti_call begun) {
    const std::lock_guard lock(mutex);
    handle = begun;
    if (is_unwanted) {
      host.Cancel(handle);
    }
  }

  void End(Host host) {
    const std::lock_guard lock(mutex);
    is_unwanted = true;
    if (handle != 0) {
      host.Cancel(handle);
    }
  }
};

Task<ModelDesk::Outcome> ModelDesk::Ask(std::shared_ptr<ModelDesk> self, std::span<const Job> jobs) {
  if (const char* refusal = self->Refusal()) {
    Outcome outcome;
    outcome.sentences.resize(jobs.size());
    outcome.reason = refusal;
    co_return outcome;
  }
  const Result<std::string> body = co_await self->Complete(ModelRequest(self->settings_.model, jobs));
  if (!body.ok()) {
    co_return self->Failed(jobs, body.status());
  }
  co_return self->Answered(jobs, *body);
}

const char* ModelDesk::Refusal() {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      return "stopping";
    }
    if (std::chrono::steady_clock::now() < pause_until_) {
      return "pausing";
    }
  }
  if (settings_.mode == Mode::kModel) {
    return nullptr;
  }
  if (settings_.mode != Mode::kAuto) {
    return "off";
  }
  const Result<Json> models = Json::Parse(host_.Models());
  return models.ok() && IsListed(models->view(), settings_.model) ? nullptr : "off";
}

Task<Result<std::string>> ModelDesk::Complete(std::string request) {
  const auto call = std::make_shared<Call>();
  {
    const std::lock_guard lock(mutex_);
    calls_.insert(call);
    call->is_unwanted = is_stopping_;
  }
  const Timer limit = host_.PostAfter(settings_.call_timeout, [call, host = host_] { call->End(host); });
  Callback<Result<std::string>> answered([host = host_, call, request = std::move(request)](auto done) {
    call->Begun(host, Begin(host.Complete(0, request), done));
  });
  Result<std::string> result = co_await answered;
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
  co_return result;
}

ModelDesk::Outcome ModelDesk::Failed(std::span<const Job> jobs, const Status& status) {
  const auto pause = std::max(settings_.failure_pause, status.retry_after());
  {
    const std::lock_guard lock(mutex_);
    pause_until_ = std::chrono::steady_clock::now() + pause;
  }
  host_.Count("summaries_calls_total", 1, R"({"outcome":"failed"})");
  host_.Log(TUTTI_LOG_INFORMATION, "a model call for summaries failed",
            JsonObject()("error", status.ToString())("pause_ms", pause.count()).Take());
  Outcome outcome;
  outcome.sentences.resize(jobs.size());
  outcome.reason = "failed";
  outcome.account = SpendingOperations(jobs.front().stream, settings_.model, nullptr, jobs.size());
  return outcome;
}

ModelDesk::Outcome ModelDesk::Answered(std::span<const Job> jobs, const std::string& body) {
  ModelReply reply = ModelReply::Read(body, jobs.size(), settings_.sentence_characters);
  host_.Count("summaries_calls_total", 1, R"({"outcome":"ok"})");
  const std::pair<const char*, std::int64_t> tokens[] = {{R"({"kind":"input"})", reply.input_tokens},
                                                         {R"({"kind":"output"})", reply.output_tokens},
                                                         {R"({"kind":"cache_read"})", reply.cache_read_tokens},
                                                         {R"({"kind":"cache_write"})", reply.cache_write_tokens}};
  for (const auto& [kind, count] : tokens) {
    host_.Count("summaries_tokens_total", static_cast<double>(count), kind);
  }
  if (reply.cost_usd) {
    host_.Count("summaries_cost_usd_total", std::strtod(reply.cost_usd->c_str(), nullptr));
  } else {
    host_.Count("summaries_unpriced_calls_total");
  }
  Outcome outcome;
  const std::string& model = reply.model.empty() ? settings_.model : reply.model;
  outcome.account = SpendingOperations(jobs.front().stream, model, &reply, jobs.size());
  outcome.sentences = std::move(reply.sentences);
  return outcome;
}

void ModelDesk::Stop() {
  std::set<std::shared_ptr<Call>> calls;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    calls = calls_;
  }
  for (const auto& call : calls) {
    call->End(host_);
  }
}

}  // namespace tutti::summarizer
