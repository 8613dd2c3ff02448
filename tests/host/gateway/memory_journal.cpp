#include "tests/host/gateway/memory_journal.h"

#include <algorithm>
#include <utility>

#include "host/gateway/event_filter.h"
#include "tests/host/one_plugin.h"
#include "tutti/abi/storage.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

MemoryJournal& Of(void* self) {
  return *static_cast<MemoryJournal*>(self);
}

constexpr tutti_storage kStorage{sizeof(tutti_storage),
                                 [](void* /*self*/, const tutti_call_info* /*info*/, tutti_str /*schema*/) {},
                                 [](void* self, const tutti_call_info* info, tutti_str batch) {
                                   Of(self).Execute(info->call, std::string(View(batch)));
                                 },
                                 [](void* /*self*/, const tutti_sink* /*out*/) {}};

const void* Extension(const char* /*kind*/) {
  return &kStorage;
}

constexpr tutti_entry kEntry = EntryOf<&Extension>(MemoryJournal::kId.data());

}  // namespace

MemoryJournal::MemoryJournal(Executor& executor, CallTable& calls)
    : executor_(executor), calls_(calls), instance_(SpecOf(std::string(kId), {"storage"}), this, &NoService) {
  StartPlugin(instance_, kEntry);
}

RoutingTablePtr MemoryJournal::MakeTable() {
  std::vector<std::string> problems;
  return std::make_shared<RoutingTable>(std::vector<PluginInstance*>{&instance_}, kId, "", "", problems);
}

Event MemoryJournal::Append(const std::string& type, const std::string& agent, const std::string& tree) {
  const std::lock_guard lock(mutex_);
  Event event;
  event.stream = "s";
  event.seq = events_.size() + 1;
  event.time = "2026-11-21T00:00:00.000000+00:00";
  event.type = type;
  event.agent = agent;
  event.tree = tree;
  event.data = "{\"n\":" + std::to_string(event.seq) + "}";
  events_.push_back(event);
  return event;
}

void MemoryJournal::Trim(std::uint64_t first) {
  const std::lock_guard lock(mutex_);
  first_ = first;
}

void MemoryJournal::Fail(const Status& status, int count) {
  const std::lock_guard lock(mutex_);
  failure_ = status;
  failures_ = count;
}

void MemoryJournal::Hold() {
  const std::lock_guard lock(mutex_);
  is_holding_ = true;
}

void MemoryJournal::Release() {
  std::vector<std::function<void()>> held;
  {
    const std::lock_guard lock(mutex_);
    is_holding_ = false;
    held.swap(held_);
  }
  for (const auto& answer : held) {
    executor_.Resume(answer);
  }
}

std::size_t MemoryJournal::held() {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

void MemoryJournal::Execute(tutti_call call, std::string batch) {
  ++pages_;
  most_at_once_ = std::max(most_at_once_.load(), ++at_once_);
  auto answer = [this, call, batch = std::move(batch)] { Answer(call, batch); };
  {
    const std::lock_guard lock(mutex_);
    if (is_holding_) {
      held_.emplace_back(std::move(answer));
      return;
    }
  }
  executor_.Resume(std::move(answer));
}

void MemoryJournal::Answer(tutti_call call, const std::string& batch) {
  Status failure;
  {
    const std::lock_guard lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      failure = failure_;
    }
  }
  Result<std::string> result = failure.ok() ? Result<std::string>(Page(batch)) : Result<std::string>(failure);
  --at_once_;
  calls_.Finish(call, kId, std::move(result));
}

std::string MemoryJournal::Page(const std::string& batch) {
  const Json parsed = *Json::Parse(batch);
  const JsonView op = parsed["parts"][0]["ops"][0];
  const EventFilter filter = *EventFilter::Parse(op);
  const std::lock_guard lock(mutex_);
  const auto since = static_cast<std::uint64_t>(op["since"].AsInt());
  const auto limit = static_cast<std::size_t>(op["limit"].AsInt());
  std::uint64_t next = std::max(since, first_ - 1);
  JsonWriter list;
  list.BeginArray();
  for (std::size_t count = 0; next < events_.size() && count < limit; ++next) {
    if (filter.Lets(events_[next])) {
      list.Raw(EventJson(events_[next]));
      ++count;
    }
  }
  return "{\"results\":[[" +
         JsonObject()("first", first_)("last", events_.size())("next", next)
             .Raw("events", list.EndArray().view())
             .Take() +
         "]]}";
}

}  // namespace tutti::host
