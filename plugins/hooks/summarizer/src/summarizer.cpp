#include "summarizer.h"

#include <algorithm>
#include <utility>

#include "file_block.h"
#include "summary_rows.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::summarizer {
namespace {

constexpr std::chrono::milliseconds kSlice{20};
constexpr std::size_t kRuns = 10000;

bool ChangesFiles(std::string_view tool) {
  return tool == "Write" || tool == "Edit" || tool == "MultiEdit" || tool == "NotebookEdit";
}

}  // namespace

std::shared_ptr<Summarizer> Summarizer::Create(Host host, const Settings& settings) {
  std::shared_ptr<Summarizer> self(new Summarizer(host, settings));
  self->writer_ = std::make_shared<Writer>(host, settings.max_unwritten,
                                           [weak = std::weak_ptr<Summarizer>(self)](const std::string& key) {
                                             if (const auto strong = weak.lock()) {
                                               strong->Forget(key);
                                             }
                                           });
  return self;
}

Summarizer::Summarizer(Host host, const Settings& settings)
    : host_(host),
      settings_(settings),
      since_(NowIso()),
      desk_(std::make_shared<ModelDesk>(host, settings)),
      queue_(settings.max_waiting) {}

void Summarizer::Observe(const tutti_event& event) {
  const Result<Json> payload = Json::Parse(CleanJson(View(event.data)));
  if (settings_.mode == Mode::kNone || !payload.ok()) {
    return;
  }
  const Observed seen{View(event.type), View(event.agent), View(event.stream), event.time_us};
  if (seen.agent.empty() || seen.stream.empty()) {
    return;
  }
  Note(seen, std::string(View(event.run)), payload->view());
  if (std::optional<Job> job = JobOf(seen, payload->view(), settings_.bounds)) {
    Submit(std::move(*job));
  }
}

// Looks up what no event carries: rows of the prompt that began a run, and of the files that it ended with.
void Summarizer::Note(const Observed& seen, const std::string& run, JsonView payload) {
  Moment moment{std::string(seen.point), std::string(seen.agent), std::string(seen.stream), seen.time_us};
  if (seen.point == "UserPromptSubmit") {
    StartTask(LookUpTexts(shared_from_this(), std::move(moment)));
    return;
  }
  if (seen.is_orchestrator() || run.empty()) {
    return;
  }
  std::string row;
  {
    const std::lock_guard lock(mutex_);
    if (seen.point == "Stop") {
      const auto found = runs_.find(run);
      row = found != runs_.end() && found->second.changes_files ? found->second.last_text : "";
      runs_.erase(run);
    } else if (seen.point == "TextBlock" || seen.point == "PostToolUse") {
      if (runs_.size() >= kRuns && !runs_.contains(run)) {
        runs_.erase(runs_.begin());
      }
      RunNotes& notes = runs_[run];
      notes.changes_files = notes.changes_files || ChangesFiles(payload["tool_name"].AsString());
      if (seen.point == "TextBlock") {
        notes.last_text = payload["id"].AsString();
      }
    }
  }
  if (!row.empty()) {
    StartTask(LookUpFiles(shared_from_this(), std::move(moment), std::move(row)));
  }
}

void Summarizer::Submit(Job job) {
  bool is_refused = false;
  bool starts_pump = false;
  const char* reason = "full";
  {
    const std::lock_guard lock(mutex_);
    if (!known_.insert(job.Key()).second) {
      return;
    }
    if (is_stopping_) {
      reason = "stopping";
      is_refused = true;
    } else {
      is_refused = !queue_.Add(job);
    }
    if (!is_refused && pumps_ < settings_.concurrency && (pumps_ == 0 || queue_.size() >= settings_.batch_size)) {
      ++pumps_;
      starts_pump = true;
    }
  }
  if (is_refused) {
    Finish(std::move(job), {}, reason);
  }
  if (starts_pump) {
    StartTask(Pump(shared_from_this()));
  }
}

void Summarizer::Finish(Job job, std::string sentence, const char* reason) {
  if (sentence.empty()) {
    host_.Count("summaries_fallbacks_total", 1, JsonObject()("reason", reason).Take());
  }
  if (const std::shared_ptr<FileBlock> block = job.block) {
    if (block->Set(job.target.file, sentence)) {
      writer_->AddOperations(block->Operations());
    }
    Forget(job.Key());
    return;
  }
  std::string text = sentence.empty() ? job.fallback : std::move(sentence);
  writer_->Add({std::move(job), std::move(text)});
}

void Summarizer::Forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  known_.erase(key);
}

void Summarizer::StartTask(Task<void> task) {
  {
    const std::lock_guard lock(mutex_);
    ++tasks_;
  }
  auto counted = [](std::shared_ptr<Summarizer> self, Task<void> inner) -> Task<void> {
    try {
      co_await std::move(inner);
    } catch (const std::exception& error) {
      self->host_.Log(TUTTI_LOG_ERROR, "a summary threw an exception", JsonObject()("what", error.what()).Take());
    }
    const std::lock_guard lock(self->mutex_);
    --self->tasks_;
    self->idle_.notify_all();
  };
  Spawn(counted(shared_from_this(), std::move(task)), [](const std::exception_ptr&) {});
}

Task<void> Summarizer::Pump(std::shared_ptr<Summarizer> self) {
  while (true) {
    co_await WaitForBatch(self);
    std::vector<Job> jobs;
    {
      const std::lock_guard lock(self->mutex_);
      jobs = self->queue_.Take(self->settings_.batch_size);
      if (jobs.empty()) {
        --self->pumps_;
        co_return;
      }
    }
    ModelDesk::Outcome outcome = co_await ModelDesk::Ask(self->desk_, jobs);
    if (!outcome.account.empty()) {
      self->writer_->AddOperations(std::move(outcome.account));
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      self->Finish(std::move(jobs[i]), outcome.sentences[i].value_or(""), outcome.reason);
    }
  }
}

Task<void> Summarizer::LookUpTexts(std::shared_ptr<Summarizer> self, Moment moment) {
  const Observed seen = moment.view();
  const bool is_chat = seen.is_orchestrator();
  Batch batch;
  batch.Add(is_chat ? UnsummedUserLines(seen.stream, self->since_) : UnsummedPrompts(seen.agent, self->since_));
  const Result<StoreReply> found = co_await Execute(self->host_, 0, batch.Take());
  if (!found.ok()) {
    co_return;
  }
  const Result<Json> rows = Json::Parse(found->Rows(0));
  if (!rows.ok()) {
    co_return;
  }
  rows->view().ForEach([&](JsonView row) {
    self->Submit(is_chat ? UserLineJob(seen, row, self->settings_.bounds)
                         : PromptJob(seen, row, self->settings_.bounds));
  });
}

// The block is part of the batch that the turn stopped with, so it is there when the stop is seen.
Task<void> Summarizer::LookUpFiles(std::shared_ptr<Summarizer> self, Moment moment, std::string row) {
  Batch batch;
  batch.Add(LogRow(row));
  const Result<StoreReply> found = co_await Execute(self->host_, 0, batch.Take());
  if (!found.ok()) {
    co_return;
  }
  const Result<Json> rows = Json::Parse(found->Rows(0));
  const std::shared_ptr<FileBlock> block = rows.ok() ? FileBlock::FromRow(rows->view()[0], moment.stream) : nullptr;
  if (block == nullptr) {
    co_return;
  }
  for (Job& job : FileBlock::Jobs(block, moment.time_us, self->settings_.bounds.diff)) {
    self->Submit(std::move(job));
  }
}

Task<void> Summarizer::WaitForBatch(std::shared_ptr<Summarizer> self) {
  std::chrono::milliseconds time = self->settings_.batch_wait;
  while (time.count() > 0 && !self->IsStopping() && !self->IsBatchFull()) {
    const std::chrono::milliseconds slice = std::min(time, kSlice);
    time -= slice;
    co_await self->host_.Delay(slice);
  }
}

bool Summarizer::IsStopping() {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

// Nothing to wait for is as good as a full batch.
bool Summarizer::IsBatchFull() {
  const std::lock_guard lock(mutex_);
  return queue_.size() == 0 || queue_.size() >= settings_.batch_size;
}

bool Summarizer::Stop() {
  const auto deadline = std::chrono::steady_clock::now() + settings_.stop_timeout;
  std::vector<Job> waiting;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    waiting = queue_.TakeAll();
  }
  desk_->Stop();
  for (Job& job : waiting) {
    Finish(std::move(job), {}, "stopping");
  }
  bool is_idle = false;
  {
    std::unique_lock lock(mutex_);
    is_idle = idle_.wait_until(lock, deadline, [this] { return tasks_ == 0; });
  }
  return writer_->WaitUntilIdle(deadline) && is_idle;
}

}  // namespace tutti::summarizer
