#include "completions.h"

#include <exception>
#include <utility>
#include <vector>

namespace tutti::anthropic {

void Completions::Job::Cancel() {
  cancellation_.Cancel();
  if (Claim()) {
    on_end_(Status::Cancelled("the completion was cancelled before it began"));
  }
}

bool Completions::Job::Claim() {
  const std::lock_guard lock(mutex_);
  return !std::exchange(is_claimed_, true);
}

Completions::Completions(Client& client, std::size_t max_concurrent, std::size_t max_queued)
    : client_(client), pool_(max_concurrent, max_queued) {}

Completions::~Completions() {
  Stop();
}

std::shared_ptr<Completions::Job> Completions::Prepare(OnEnd on_end) {
  auto job = std::make_shared<Job>();
  job->on_end_ = std::move(on_end);
  const std::lock_guard lock(mutex_);
  std::erase_if(jobs_, [](const auto& known) { return known.expired(); });
  jobs_.insert(job);
  return job;
}

void Completions::Start(const std::shared_ptr<Job>& job, std::string request, MessageAssembler::Emit emit) {
  const bool is_taken = pool_.Submit([this, job, request = std::move(request), emit = std::move(emit)] {
    if (!job->Claim()) {
      return;
    }
    Result<std::string> result = Status::Internal("the completion did not run");
    try {
      result = client_.Complete(request, job->cancellation_, emit);
    } catch (const std::exception& error) {
      result = Status::Internal(std::string("the completion failed unexpectedly: ") + error.what());
    }
    job->on_end_(std::move(result));
  });
  if (!is_taken && job->Claim()) {
    job->on_end_(Status::ResourceExhausted("as many completions run and wait as max_concurrent and max_queued of "
                                           "tutti.models.anthropic allow; try again, or raise them")
                     .WithRetryAfter(std::chrono::seconds(1)));
  }
}

void Completions::Stop() {
  std::vector<std::shared_ptr<Job>> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& known : jobs_) {
      if (auto job = known.lock()) {
        jobs.push_back(std::move(job));
      }
    }
  }
  for (const auto& job : jobs) {
    job->Cancel();
  }
  pool_.Stop();
}

}  // namespace tutti::anthropic
