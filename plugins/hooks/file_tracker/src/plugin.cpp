#include "tutti/sdk/plugin.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "change_report.h"
#include "path_names.h"
#include "report_job.h"
#include "turn.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/text.hpp"
#include "work_queue.h"

namespace tutti::file_tracker {
namespace {

// Names and commits are looked up apart from the diffs, so that no tool call waits for another agent's diff.
constexpr std::size_t kNotesCapacity = 4096;

std::size_t Size(const Config& config, const char* name, std::int64_t fallback) {
  return static_cast<std::size_t>(config[name].AsInt(fallback));
}

// A report that ends by itself when its time is over.
struct TimedReport {
  std::unique_ptr<ReportJob> job;
  std::mutex mutex;
  Timer timer;  // guarded by mutex
};

}  // namespace

class FileTrackerPlugin {
 public:
  explicit FileTrackerPlugin(Host host) : host_(host) {}

  Status Init(const Config& config) {
    const std::string configured(config["working_dir"].AsString("."));
    std::error_code error;
    const std::string current = std::filesystem::current_path(error).string();
    working_dir_ = CanonicalPath(current, configured.empty() ? "." : configured);
    limits_.max_file_bytes = Size(config, "max_file_bytes", 2 << 20);
    limits_.max_counted_bytes = Size(config, "max_counted_bytes", 16 << 20);
    limits_.max_diff_bytes = Size(config, "max_diff_bytes", 128 << 10);
    limits_.max_total_diff_bytes = Size(config, "max_total_diff_bytes", 512 << 10);
    limits_.context_lines = static_cast<std::uint32_t>(config["context_lines"].AsInt(3));
    time_limit_ = std::chrono::milliseconds(config["time_limit_ms"].AsInt(2000));
    threads_ = Size(config, "threads", 2);
    queue_ = Size(config, "queue", 256);
    turns_ = std::make_unique<Turns>(Size(config, "max_turns", 4096), Size(config, "max_files", 200));
    return {};
  }

  Status Activate() {
    notes_ = std::make_unique<WorkQueue>(1, kNotesCapacity);
    reports_ = std::make_unique<WorkQueue>(threads_, queue_);
    return {};
  }

  void Deactivate() {
    reports_.reset();
    notes_.reset();
  }

  Task<HookReply> OnPoint(const Point& point, std::string_view payload, Call call) {
    const Result<Json> labels = Json::Parse(call.labels().empty() ? std::string_view("{}") : call.labels());
    if (!point.is_record || !labels.ok() || (*labels)["role"].AsString() != "agent") {
      co_return HookReply::Allow();
    }
    if (point.name == "Stop") {
      co_return co_await EndTurn(point, call, labels->view());
    }
    const Result<Json> parsed = Json::Parse(payload);
    if (!parsed.ok()) {
      co_return HookReply::Fail(parsed.status());
    }
    if (point.name == "TextBlock") {
      turns_->At(call.run())->SetText(std::string((*parsed)["id"].AsString()));
    } else if (const std::optional<Touch> touch = Touch::FromCall(parsed->view())) {
      co_await Note(*touch, turns_->At(call.run()));
    }
    co_return HookReply::Allow();
  }

 private:
  // The name is looked up while the file is there, and the commit before a later tool call of the turn makes another.
  Task<void> Note(Touch touch, std::shared_ptr<Turn> turn) {
    Callback<bool> noted([this, touch, turn](Callback<bool>::Done done) {
      auto note = [working_dir = working_dir_, touch, turn, done] {
        TouchedFile file{CanonicalPath(working_dir, touch.path), touch.tool};
        if (file.path.empty()) {
          turn->CountUnlisted();
        } else if (touch.is_read) {
          turn->AddRead(std::move(file));
        } else {
          NoteBase(file, *turn);
          turn->AddChanged(std::move(file));
        }
        done(true);
      };
      if (!notes_->Push(std::move(note))) {
        turn->CountUnlisted();
        done(false);
      }
    });
    const bool is_noted = co_await noted;
    if (!is_noted) {
      host_.Log(TUTTI_LOG_WARNING, "a touched file is not listed: too many are waiting to be looked up");
    }
  }

  Task<HookReply> EndTurn(const Point& point, Call call, JsonView labels) {
    const std::shared_ptr<Turn> turn = turns_->Take(call.run());
    if (turn == nullptr) {
      co_return HookReply::Allow();
    }
    Turn::State state = turn->state();
    const std::string text_id = state.text_id;
    if (text_id.empty() || (state.changed.empty() && state.read.empty())) {
      co_return HookReply::Allow();
    }
    Callback<ChangeReport> made(
        [this, state = std::move(state)](Callback<ChangeReport>::Done done) { StartReport(state, std::move(done)); });
    const ChangeReport report = co_await made;
    if (report.empty()) {
      co_return HookReply::Allow();
    }
    const Subject subject{.agent = call.agent(),
                          .agent_name = labels["agent_name"].AsString(),
                          .task_slug = labels["task_slug"].AsString(),
                          .run = call.run(),
                          .stream = call.stream()};
    co_return HookReply::Record(report.Operations(subject, text_id, FormatMicros(point.time_us)));
  }

  void StartReport(const Turn::State& state, ReportJob::Done done) {
    const std::string overdue = "it was not ready within " + std::to_string(time_limit_.count()) + " ms";
    auto report = std::make_shared<TimedReport>();
    report->job = std::make_unique<ReportJob>(working_dir_, limits_, state, FileInspector::Clock::now() + time_limit_,
                                              std::move(done));
    {
      const std::lock_guard lock(report->mutex);
      report->timer = host_.PostAfter(time_limit_, [report, overdue] { report->job->GiveUp(overdue); });
    }
    const bool is_taken = reports_->Push([report] {
      report->job->Run();
      Timer over;
      const std::lock_guard lock(report->mutex);
      std::swap(over, report->timer);
    });
    if (!is_taken) {
      Timer over;
      {
        const std::lock_guard lock(report->mutex);
        std::swap(over, report->timer);
      }
      report->job->GiveUp("too many turns were waiting for theirs");
    }
  }

  Host host_;
  const GitLibrary git_;
  std::string working_dir_;
  Limits limits_;
  std::chrono::milliseconds time_limit_{2000};
  std::size_t threads_ = 2;
  std::size_t queue_ = 256;
  std::unique_ptr<Turns> turns_;
  std::unique_ptr<WorkQueue> notes_;    // while active
  std::unique_ptr<WorkQueue> reports_;  // while active
};

}  // namespace tutti::file_tracker

TUTTI_PLUGIN(tutti::file_tracker::FileTrackerPlugin, "tutti.hooks.file_tracker", "0.1.0")
