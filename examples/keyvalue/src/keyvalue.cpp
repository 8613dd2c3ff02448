// A storage in memory with a log file: the level `basic` of tutti-storage-suite. A thread applies the batches that
// wait, writes what they changed as one line each, and answers them after one fdatasync.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "database.h"
#include "log.h"
#include "tutti/sdk/plugin.hpp"

namespace keyvalue {
namespace {

using tutti::Code;
using tutti::Json;
using tutti::JsonObject;
using tutti::Result;

class KeyValue {
 public:
  explicit KeyValue(tutti::Host host) : host_(host) {}

  Status Init(const tutti::Config& config) {
    file_ = config["file"].AsString("keyvalue.log");
    most_waiting_ = static_cast<std::size_t>(config["queue_batches"].AsInt(1024));
    most_bytes_ = static_cast<std::size_t>(config["batch_bytes"].AsInt(16777216));
    return {};
  }

  Status Activate() {
    database_ = Database();
    log_ = std::make_unique<Log>();
    std::size_t number = 0;
    const Status opened = log_->Open(file_, [&](std::string_view line) -> Status {
      ++number;
      const Result<Json> json = Json::Parse(line);
      try {
        if (json.ok()) {
          database_.Replay(json->view());
          return {};
        }
      } catch (const Failure& failure) {
        return Status(Code::kDataLoss, file_ + ":" + std::to_string(number) + ": " + failure.message);
      }
      return Status(Code::kDataLoss, file_ + ":" + std::to_string(number) + ": expected JSON, found something else");
    });
    if (!opened.ok()) {
      log_.reset();
      return opened;
    }
    is_closing_ = false;
    writer_ = std::thread([this] { Work(); });
    return {};
  }

  void Deactivate() {
    {
      const std::lock_guard lock(mutex_);
      is_closing_ = true;
    }
    changed_.notify_all();
    writer_.join();
    log_.reset();
  }

  // On the writer's thread too, so that batches and schemas have one order.
  void EnsureSchema(std::string_view schema, tutti::Call call) { Push({std::string(schema), std::move(call), true}); }

  void Execute(std::string_view batch, tutti::Call call) { Push({std::string(batch), std::move(call), false}); }

  std::string Stats() {
    const std::lock_guard lock(mutex_);
    return JsonObject()("healthy", trouble_.empty())("reason", trouble_)("engine", "keyvalue")("version", "1.0.0")(
               "queued", waiting_.size())
        .Take();
  }

 private:
  struct Job {
    std::string text;
    tutti::Call call;
    bool is_schema = false;
  };

  struct Done {
    tutti::Call call;
    Result<std::string> result;
    Commit commit;
  };

  void Push(Job job) {
    Status refused;
    if (job.text.size() > most_bytes_) {
      refused = Status::ResourceExhausted("the batch has " + std::to_string(job.text.size()) +
                                          " bytes; batch_bytes is " + std::to_string(most_bytes_));
    } else {
      const std::lock_guard lock(mutex_);
      if (is_closing_) {
        refused = Status::Unavailable("the storage is being switched off");
      } else if (waiting_.size() >= most_waiting_) {
        refused = Status::ResourceExhausted(std::to_string(most_waiting_) +
                                            " batches wait already (queue_batches); try again later")
                      .WithRetryAfter(std::chrono::milliseconds(100));
      } else {
        waiting_.push_back(std::move(job));
      }
    }
    if (refused.ok()) {
      changed_.notify_one();
    } else {
      job.call.Finish(refused);
    }
  }

  void Work() {
    while (true) {
      const std::vector<Job> jobs = Take();
      if (jobs.empty()) {
        return;
      }
      const std::optional<Database> before = jobs[0].is_schema ? std::optional(database_) : std::nullopt;
      std::vector<Done> done;
      std::string lines;
      for (const Job& job : jobs) {
        done.push_back(Apply(job, lines));
      }
      if (!lines.empty()) {
        const bool is_written = !log_->is_broken() && log_->Write(lines);
        SetTrouble(is_written ? "" : file_ + ": writing failed: " + log_->reason());
        if (!is_written) {
          TakeBack(done);
          if (before) {
            database_ = *before;
          }
        }
      }
      for (const Done& one : done) {
        one.call.Finish(one.result);
      }
    }
  }

  // The batches that wait, or one schema: what it changes is taken back in another way. Empty: the end.
  std::vector<Job> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_closing_ || !waiting_.empty(); });
    std::vector<Job> jobs;
    while (!waiting_.empty() && (jobs.empty() || !(jobs[0].is_schema || waiting_.front().is_schema))) {
      jobs.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return jobs;
  }

  // One batch or schema, in memory; what the log needs of it is added to `lines`.
  Done Apply(const Job& job, std::string& lines) {
    Done done{job.call, std::string(), {}};
    try {
      const Result<Json> json = Json::Parse(Readable(job.text));
      if (!json.ok()) {
        done.result = json.status();
        return done;
      }
      std::string line;
      if (job.is_schema) {
        done.result = database_.EnsureSchema(json->view(), line);
      } else {
        done.result = database_.Execute(job.call.caller(), json->view(), done.commit);
        if (!done.commit.changes.empty() || !done.commit.events.empty()) {
          line = Database::Line(done.commit);
        }
      }
      lines += line.empty() ? "" : line + "\n";
    } catch (const Failure& failure) {
      const Status status(failure.code, failure.message);
      done.result = failure.details.empty() ? status : status.WithDetails(failure.details);
    }
    return done;
  }

  // What is not on disk did not happen. Answers to reads may have seen it, so they fail as well.
  void TakeBack(std::vector<Done>& done) {
    const std::string reason = file_ + ": writing failed: " + log_->reason();
    host_.Log(TUTTI_LOG_ERROR, "the log cannot be written", JsonObject()("reason", reason).Take());
    for (auto one = done.rbegin(); one != done.rend(); ++one) {
      database_.Undo(one->commit);
      if (one->result.ok()) {
        one->result = Status::Unavailable(reason).WithRetryAfter(std::chrono::milliseconds(1000));
      }
    }
  }

  void SetTrouble(std::string trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
  }

  tutti::Host host_;
  std::string file_;
  std::size_t most_waiting_ = 0;
  std::size_t most_bytes_ = 0;
  Database database_;  // of the writer's thread while it runs
  std::unique_ptr<Log> log_;
  std::thread writer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;  // guarded by mutex_
  bool is_closing_ = true;   // guarded by mutex_
  std::string trouble_;      // guarded by mutex_
};

}  // namespace
}  // namespace keyvalue

TUTTI_PLUGIN(keyvalue::KeyValue, "org.example.keyvalue", "1.0.0")
