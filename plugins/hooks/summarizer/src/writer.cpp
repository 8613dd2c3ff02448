#include "writer.h"

#include <map>
#include <utility>

#include "summary_rows.h"
#include "tutti/sdk/execute.hpp"

namespace tutti::summarizer {
namespace {

constexpr std::size_t kRound = 64;

}  // namespace

Writer::Writer(Host host, std::size_t capacity, std::function<void(const std::string&)> written)
    : host_(host), capacity_(capacity), written_(std::move(written)) {}

void Writer::Add(Summary summary) {
  Push({std::move(summary), {}, false});
}

void Writer::AddOperations(std::string ops) {
  Push({std::nullopt, std::move(ops), false});
}

void Writer::Push(Item item) {
  {
    std::unique_lock lock(mutex_);
    if (items_.size() >= capacity_) {
      lock.unlock();
      host_.Count("summaries_lost_total");
      if (item.summary) {
        written_(item.summary->job.Key());
      }
      return;
    }
    items_.push_back(std::move(item));
    if (std::exchange(is_writing_, true)) {
      return;
    }
  }
  Spawn(WriteAll(shared_from_this()), [host = host_](const std::exception_ptr&) {
    host.Log(TUTTI_LOG_ERROR, "writing summaries threw an exception");
  });
}

Task<void> Writer::WriteAll(std::shared_ptr<Writer> self) {
  while (true) {
    const std::vector<Item> items = self->TakeRound();
    if (items.empty()) {
      co_return;
    }
    co_await WriteRound(self, items);
    for (const Item& item : items) {
      if (item.summary) {
        self->written_(item.summary->job.Key());
      }
    }
  }
}

// What waits, and of each subject the newest sentence marked when it is newer than what was announced.
std::vector<Writer::Item> Writer::TakeRound() {
  const std::lock_guard lock(mutex_);
  std::vector<Item> items;
  std::map<std::string, Item*> newest;
  items.reserve(kRound);
  while (!items_.empty() && items.size() < kRound) {
    items.push_back(std::move(items_.front()));
    items_.pop_front();
    Item& item = items.back();
    if (!item.summary || !item.summary->job.is_announced) {
      continue;
    }
    Item*& known = newest[item.summary->job.subject];
    if (known == nullptr || item.summary->job.time_us > known->summary->job.time_us) {
      known = &item;
    }
  }
  for (const auto& [subject, item] : newest) {
    item->is_newest = newest_.Advance(subject, item->summary->job.time_us);
  }
  if (items.empty()) {
    is_writing_ = false;
    idle_.notify_all();
  }
  return items;
}

Task<void> Writer::WriteRound(std::shared_ptr<Writer> self, const std::vector<Item>& items) {
  std::vector<std::string> each;
  std::string all;
  for (const Item& item : items) {
    const std::string label = "s" + std::to_string(each.size());
    each.push_back(item.summary ? SummaryOperations(*item.summary, item.is_newest, label) : item.ops);
    all += all.empty() ? "" : ",";
    all += each.back();
  }
  Status status = co_await Store(self->host_, std::move(all));
  if (status.ok()) {
    co_return;
  }
  // One of them met a row that is gone, or that has its summary: the others need not suffer for it.
  const bool one_by_one = status.code() == Code::kFailedPrecondition && each.size() > 1;
  for (std::size_t i = 0; one_by_one && i < each.size(); ++i) {
    status = co_await Store(self->host_, std::move(each[i]));
  }
  if (!status.ok() && status.code() != Code::kFailedPrecondition) {
    self->host_.Log(TUTTI_LOG_WARNING, "summaries could not be stored",
                    JsonObject()("error", status.ToString()).Take());
  }
}

Task<Status> Writer::Store(Host host, std::string ops) {
  std::string batch = "{\"ops\":[" + ops + "]}";
  const Result<StoreReply> stored = co_await ExecutePatiently(host, std::move(batch));
  co_return stored.status();
}

bool Writer::WaitUntilIdle(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return idle_.wait_until(lock, deadline, [this] { return !is_writing_; });
}

}  // namespace tutti::summarizer
