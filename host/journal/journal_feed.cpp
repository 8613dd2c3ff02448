#include "host/journal/journal_feed.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr std::size_t kStreamsAtATime = 1000;           // of the operation `heads`
constexpr std::chrono::milliseconds kWatchAgain{1000};  // after a watch has ended
constexpr std::chrono::milliseconds kNoWatch{600000};   // when the storage has none

ContextPtr Context() {
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  return context;
}

std::vector<BatchPart> HostPart(Op op) {
  Batch batch;
  batch.Add(std::move(op));
  std::vector<BatchPart> parts;
  parts.push_back({"tutti.host", batch.Ops()});
  return parts;
}

std::string Quoted(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    json += (json.size() > 1 ? "," : "") + JsonQuote(text);
  }
  return json + "]";
}

std::uint64_t Number(std::string_view object, std::string_view member) {
  return std::strtoull(std::string(JsonMember(object, member)).c_str(), nullptr, 10);
}

// The result of the only operation of a batch.
std::string_view OnlyResult(std::string_view results) {
  std::string_view found;
  JsonElements(JsonMember(results, "results"),
               [&](std::string_view part) { JsonElements(part, [&](std::string_view result) { found = result; }); });
  return found;
}

JournalPage ReadResult(std::string_view result) {
  JournalPage page;
  page.first = Number(result, "first");
  page.last = Number(result, "last");
  page.next = Number(result, "next");
  JsonElements(JsonMember(result, "events"), [&](std::string_view event) { page.events.push_back(ParseEvent(event)); });
  return page;
}

}  // namespace

// Answered once: by the page, or by the limit.
struct JournalFeed::Reading {
  std::string stream;
  std::uint64_t since = 0;
  OnPage on_page;
  std::uint64_t timer = 0;
  std::atomic<bool> is_answered{false};

  void Answer(Result<JournalPage> page) {
    if (!is_answered.exchange(true)) {
      on_page(std::move(page));
    }
  }
};

JournalFeed::JournalFeed(Executor& executor, CallTable& calls, Routes& routes, Store& store, StreamSequencer& sequencer,
                         Settings settings)
    : executor_(executor), calls_(calls), routes_(routes), store_(store), sequencer_(sequencer), settings_(settings) {
  sequencer_.SetJournal(this);
}

JournalFeed::~JournalFeed() {
  sequencer_.SetJournal(nullptr);
}

void JournalFeed::Tick() {
  const auto now = Clock::now();
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    is_due = now >= next_look_;
    if (is_due) {
      next_look_ = now + settings_.poll;
    }
  }
  if (is_due && !calls_.is_stopping()) {
    WantHeads();
  }
  WatchWhileFollowed();
}

void JournalFeed::WantHeads() {
  is_wanted_ = true;
  if (is_looking_.exchange(true)) {
    return;
  }
  const bool is_submitted =
      executor_.Submit([this] { Spawn(Look(), [this](const std::exception_ptr&) { is_looking_ = false; }); });
  if (!is_submitted) {
    is_looking_ = false;  // the next tick tries again
  }
}

Task<void> JournalFeed::Look() {
  while (is_wanted_.exchange(false)) {
    const std::vector<std::string> streams = sequencer_.Followed();
    for (std::size_t i = 0; i < streams.size(); i += kStreamsAtATime) {
      const auto begin = streams.begin() + static_cast<std::ptrdiff_t>(i);
      const auto end = streams.begin() + static_cast<std::ptrdiff_t>(std::min(streams.size(), i + kStreamsAtATime));
      const std::vector<std::string> some(begin, end);
      co_await LookAt(some);
    }
  }
  is_looking_ = false;
  // Wanted between the last look at the flag and here.
  if (is_wanted_ && !calls_.is_stopping()) {
    WantHeads();
  }
}

Task<void> JournalFeed::LookAt(const std::vector<std::string>& streams) {
  Op op("heads", {});
  op.Raw("streams", Quoted(streams));
  op("limit", kStreamsAtATime);
  const Result<std::string> result = co_await store_.Execute(HostPart(std::move(op)), Context(), nullptr);
  if (result.ok()) {
    TakeHeads(streams, OnlyResult(*result));
  }
}

void JournalFeed::TakeHeads(const std::vector<std::string>& asked, std::string_view result) {
  std::map<std::string, std::uint64_t> heads;
  for (const std::string& stream : asked) {
    heads[stream] = 0;
  }
  const Result<Json> parsed = Json::Parse(result);
  if (!parsed.ok()) {
    return;
  }
  (*parsed)["heads"].ForEach([&](JsonView head) {
    heads[std::string(head["stream"].AsString())] = static_cast<std::uint64_t>(head["last"].AsInt());
  });
  for (const auto& [stream, last] : heads) {
    sequencer_.OnHead(stream, last);
  }
}

void JournalFeed::ReadPage(const std::string& stream, std::uint64_t since, OnPage on_page) {
  auto reading = std::make_shared<Reading>();
  reading->stream = stream;
  reading->since = since;
  reading->on_page = std::move(on_page);
  reading->timer = executor_.SubmitAfter(settings_.read_limit, [reading] {
    reading->Answer(Status::DeadlineExceeded("the journal did not answer in time"));
  });
  Spawn(Read(reading), [reading](const std::exception_ptr&) { reading->Answer(Status::Internal("not read")); });
}

Task<void> JournalFeed::Read(std::shared_ptr<Reading> reading) {
  Op op("journal", {});
  op("stream", reading->stream);
  op("since", reading->since);
  op("limit", settings_.page);
  const Result<std::string> result = co_await store_.Execute(HostPart(std::move(op)), Context(), nullptr);
  (void)executor_.CancelTimer(reading->timer);
  reading->Answer(result.ok() ? Result<JournalPage>(ReadResult(OnlyResult(*result))) : result.status());
}

void JournalFeed::WatchWhileFollowed() {
  const bool is_wanted = !calls_.is_stopping() && sequencer_.is_followed();
  const RoutingTablePtr table = routes_.Get();
  PluginInstance* const storage = table == nullptr ? nullptr : table->storage();
  std::unique_lock lock(mutex_);
  if (watch_ != nullptr) {
    // A plugin that is to be replaced waits for its calls to end.
    if (!is_wanted || storage != watched_ || !watched_->gate().is_open()) {
      const NodePtr watch = watch_;
      lock.unlock();
      calls_.Cancel(watch);
    }
    return;
  }
  const auto now = Clock::now();
  if (!is_wanted || storage == nullptr || !storage->gate().is_open() || (now < next_watch_ && storage == watched_)) {
    return;
  }
  watched_ = storage;
  const bool watches = TUTTI_HAS(storage->storage(), tutti_storage, watch) && storage->storage()->watch != nullptr;
  if (!watches) {
    next_watch_ = now + kNoWatch;
    return;
  }
  CallTable::Spec spec;
  spec.context = Context();
  spec.completion = [](const Result<std::string>&) {};
  Result<NodePtr> parent = calls_.Begin(std::move(spec));
  if (!parent.ok()) {
    next_watch_ = now + kWatchAgain;
    return;
  }
  watch_ = *parent;
  lock.unlock();
  const bool is_submitted =
      executor_.Submit([this, table, node = *parent] { Spawn(Watch(table, node), [](const std::exception_ptr&) {}); });
  if (!is_submitted) {
    calls_.Finish(*parent, Status::ResourceExhausted("the host's work queue is full"));
    const std::lock_guard again(mutex_);
    watch_ = nullptr;
    next_watch_ = now + kWatchAgain;
  }
}

Task<void> JournalFeed::Watch(RoutingTablePtr table, NodePtr parent) {
  PluginCallSpec spec;
  spec.plugin = table->storage();
  spec.context = parent->context;
  spec.parent = parent;
  spec.operation = &operation::kWatch;
  spec.on_event = [this](const std::string& hint) { TakeHint(hint); };
  spec.enter = [watch = spec.plugin->storage()->watch](void* self, const tutti_call_info& info) { watch(self, &info); };
  PluginCall call(executor_, calls_, std::move(spec));
  const Result<std::string> result = co_await call;
  calls_.Finish(parent, result.status());
  const std::lock_guard lock(mutex_);
  watch_ = nullptr;
  next_watch_ = Clock::now() + (result.status().code() == Code::kUnimplemented ? kNoWatch : kWatchAgain);
}

void JournalFeed::TakeHint(std::string_view hint) {
  const Result<Json> parsed = Json::Parse(hint);
  if (!parsed.ok()) {
    return;
  }
  if (!(*parsed)["stream"]) {
    WantHeads();
  } else if ((*parsed)["last"].AsInt() > 0) {
    sequencer_.OnHint((*parsed)["stream"].AsString(), static_cast<std::uint64_t>((*parsed)["last"].AsInt()));
  }
}

}  // namespace tutti::host
