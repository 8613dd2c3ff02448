#include "tool_runner.h"

#include <coroutine>
#include <mutex>
#include <utility>

#include "tool_result.h"

namespace tutti::loop {
namespace {

constexpr std::string_view kUnknownOutcome =
    "the server stopped while this call was running, so its outcome is unknown: it may have taken effect wholly, "
    "partly "
    "or not at all. It was not repeated. Look what is there before you repeat it";

}  // namespace

// Awaited: runs calls [begin, end) side by side, at most `parallel` at a time, and resumes the waiter after the last.
class ToolRunner::Group {
 public:
  Group(ToolRunner& runner, const std::vector<ToolCall>& calls, std::size_t begin, std::size_t end,
        std::vector<std::string>& results)
      : runner_(runner), calls_(calls), next_(begin), end_(end), results_(results) {}

  bool await_ready() const noexcept { return next_ == end_; }

  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    StartSome();
  }

  void await_resume() const noexcept {}

 private:
  // The calling thread is counted in `busy_`, so that the waiter cannot be resumed while *this is still looked at.
  void StartSome() {
    std::unique_lock lock(mutex_);
    while (next_ < end_ && busy_ <= runner_.limits_.parallel) {
      const std::size_t index = next_++;
      const ToolCall& call = calls_[index];
      if (runner_.services_.cancelled()) {
        results_[index] = ToolErrorBlock(call.id, "interrupted before it was started");
        continue;
      }
      ++busy_;
      lock.unlock();
      (void)Begin(runner_.services_.InvokeTool(call.name, call.input, call.id, runner_.catalog_.allowed()),
                  [this, index](const Result<std::string>& result) { Finished(index, result); });
      lock.lock();
    }
    Leave(std::move(lock));
  }

  void Finished(std::size_t index, const Result<std::string>& result) {
    std::string block = ToolResultBlock(calls_[index].id, result, runner_.limits_.max_result_bytes);
    {
      const std::lock_guard lock(mutex_);
      results_[index] = std::move(block);
    }
    StartSome();
  }

  void Leave(std::unique_lock<std::mutex> lock) {
    const bool is_last = --busy_ == 0;
    lock.unlock();
    if (is_last) {
      waiter_.resume();
    }
  }

  ToolRunner& runner_;
  const std::vector<ToolCall>& calls_;
  std::mutex mutex_;  // guards next_, busy_, results_
  std::size_t next_;
  const std::size_t end_;
  std::size_t busy_ = 1;
  std::vector<std::string>& results_;
  std::coroutine_handle<> waiter_;
};

std::size_t ToolRunner::GroupEnd(const std::vector<ToolCall>& calls, std::size_t begin,
                                 const StoredCalls& stored) const {
  std::size_t end = begin + 1;
  if (catalog_.IsReadOnly(calls[begin].name)) {
    while (end < calls.size() && catalog_.IsReadOnly(calls[end].name) && !stored.contains(calls[end].id)) {
      ++end;
    }
  }
  return end;
}

Task<std::vector<std::string>> ToolRunner::Run(const std::vector<ToolCall>& calls, const StoredCalls& stored) {
  std::vector<std::string> results(calls.size());
  for (std::size_t begin = 0; begin < calls.size();) {
    if (const auto known = stored.find(calls[begin].id); known != stored.end()) {
      results[begin] = known->second.is_known
                           ? ToolResultBlock(calls[begin].id, known->second.result, limits_.max_result_bytes)
                           : ToolErrorBlock(calls[begin].id, kUnknownOutcome);
      ++begin;
      continue;
    }
    const std::size_t end = GroupEnd(calls, begin, stored);
    Group group(*this, calls, begin, end, results);
    co_await group;
    begin = end;
  }
  co_return results;
}

}  // namespace tutti::loop
