// Serves approvals.ask: keeps the questions, and answers them in order with what approver.answer says, before or after
// they are asked.
#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/plugin.hpp"

namespace {

using tutti::Call;
using tutti::Json;
using tutti::JsonWriter;
using tutti::Result;
using tutti::Status;

class Approver {
 public:
  explicit Approver(tutti::Host host) : host_(host) {}

  std::string Commands() {
    return R"([{"name":"approvals.ask","surfaces":[]},{"name":"approvals.withdraw","surfaces":[]},
      {"name":"approver.answer","effects":"read"},{"name":"approver.asked","effects":"read"},
      {"name":"approver.run","effects":"read"}])";
  }

  void Invoke(std::string_view name, std::string_view args, const Call& call) {
    if (name == "approver.run") {
      Run(args, call);
    } else if (name == "approvals.ask") {
      {
        const std::lock_guard lock(mutex_);
        asked_.emplace_back(args);
        waiting_.push_back(call);
      }
      call.OnCancel([this, id = call.id()] { Cancelled(id); });
    } else if (name == "approver.answer") {
      {
        const std::lock_guard lock(mutex_);
        answers_.emplace_back(args);
      }
      call.Finish(std::string("{}"));
    } else if (name == "approvals.withdraw") {
      {
        const std::lock_guard lock(mutex_);
        withdrawn_.emplace_back(args);
      }
      host_.Log(TUTTI_LOG_INFORMATION, "withdrawn");
      call.Finish(std::string("{}"));
    } else {
      const Result<Json> json = Json::Parse(args);
      const std::lock_guard lock(mutex_);
      watchers_.push_back({call, static_cast<std::size_t>((*json)["count"].AsInt())});
    }
    GoOn();
  }

 private:
  struct Watcher {
    Call call;
    std::size_t count;
  };

  // A command that was kept, on its client's behalf.
  void Run(std::string_view args, const Call& call) {
    const Result<Json> json = Json::Parse(args);
    (void)tutti::Begin(
        host_.InvokeOnBehalf(std::string((*json)["name"].AsString()), (*json)["args"].Dump(), TUTTI_SURFACE_REST,
                             R"({"principal":"ann","scopes":["admin"],"approval":"a1"})"),
        [call](const Result<std::string>& result) { call.Finish(result); });
  }

  void GoOn() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty() && !answers_.empty()) {
      const Call asked = waiting_.front();
      const std::string answer = answers_.front();
      waiting_.pop_front();
      answers_.pop_front();
      lock.unlock();
      asked.Finish(answer);
      lock.lock();
    }
    std::vector<Call> told;
    std::erase_if(watchers_, [&](const Watcher& each) {
      if (asked_.size() < each.count) {
        return false;
      }
      told.push_back(each.call);
      return true;
    });
    JsonWriter writer;
    writer.BeginObject().Key("asked").BeginArray();
    for (const std::string& one : asked_) {
      writer.Raw(one);
    }
    writer.EndArray().Key("withdrawn").BeginArray();
    for (const std::string& one : withdrawn_) {
      writer.Raw(one);
    }
    const std::string all = writer.EndArray().EndObject().Take();
    lock.unlock();
    for (const Call& call : told) {
      call.Finish(all);
    }
  }

  void Cancelled(tutti_call id) {
    std::deque<Call> cancelled;
    {
      const std::lock_guard lock(mutex_);
      const auto found =
          std::find_if(waiting_.begin(), waiting_.end(), [&](const Call& each) { return each.id() == id; });
      if (found != waiting_.end()) {
        cancelled.push_back(*found);
        waiting_.erase(found);
      }
    }
    for (const Call& call : cancelled) {
      call.Finish(Status::Cancelled("cancelled"));
    }
  }

  const tutti::Host host_;
  std::mutex mutex_;  // guards all below
  std::deque<Call> waiting_;
  std::deque<std::string> answers_;
  std::deque<std::string> asked_;
  std::deque<std::string> withdrawn_;
  std::vector<Watcher> watchers_;
};

}  // namespace

TUTTI_PLUGIN(Approver, "test.approver", "1.0.0")
