#include "interruption.h"

#include <algorithm>
#include <set>
#include <utility>

#include "run_rows.h"
#include "tutti/sdk/callback.hpp"

namespace tutti::runs {
namespace {

constexpr std::chrono::milliseconds kFirstLook{20};
constexpr std::chrono::milliseconds kLongestPause{500};

}  // namespace

Task<Result<std::string>> Interruption::Interrupt(tutti_call call, JsonView args) const {
  const Result<RunSelection> read = RunSelection::Read(args);
  if (!read.ok()) {
    co_return read.status();
  }
  const RunSelection& selection = *read;
  if (args["tool_use_id"].is_string()) {
    if (selection.run.empty()) {
      co_return Status::InvalidArgument("\"tool_use_id\" needs the \"run\" that made the call");
    }
    std::string run = selection.run;
    std::string id(args["tool_use_id"].AsString());
    Result<std::string> stopped = co_await StopTool(std::move(run), std::move(id));
    co_return stopped;
  }
  // Marked before it is stopped: if this host dies in between, what was to end is not resumed.
  RunSelection marked_by = selection;
  const Result<std::vector<std::string>> marked = co_await Mark(std::move(marked_by));
  RunSelection stopped_by = selection;
  const std::vector<std::string> here = co_await StopHere(std::move(stopped_by));
  std::set<std::string> all(here.begin(), here.end());
  if (marked.ok()) {
    std::vector<std::string> runs = *marked;
    const Status ended = co_await AwaitEnd(call, std::move(runs));
    if (!ended.ok()) {
      co_return ended;
    }
    all.insert(marked->begin(), marked->end());
  } else {
    host_.Log(TUTTI_LOG_WARNING, "runs were interrupted on this host only",
              JsonObject()("error", marked.status().ToString()).Take());
  }
  co_return JsonObject()("interrupted", all.size()).Take();
}

Task<Result<std::string>> Interruption::StopTool(std::string run, std::string tool_use_id) const {
  Pending pending = host_.StopTool(std::move(run), std::move(tool_use_id));
  const Result<std::string> stopped = co_await std::move(pending);
  if (!stopped.ok()) {
    co_return stopped.status();
  }
  co_return JsonObject()("interrupted", 1).Take();
}

Task<Result<std::vector<std::string>>> Interruption::Mark(RunSelection selection) const {
  Batch batch;
  batch.Add(AskToStop(selection));
  const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  std::vector<std::string> runs;
  if (const Result<Json> rows = Json::Parse(reply->Rows(0)); rows.ok()) {
    rows->view().ForEach([&](JsonView row) { runs.emplace_back(row["new"]["id"].AsString()); });
  }
  co_return runs;
}

Task<std::vector<std::string>> Interruption::StopHere(RunSelection selection) const {
  Callback<std::vector<std::string>> stopped([queue = &queue_, selection, host = host_](auto done) {
    queue->Interrupt(selection, [done, host](std::vector<std::string> runs) {
      if (!host.Post([done, runs] { done(runs); }).ok()) {
        done(runs);
      }
    });
  });
  co_return co_await stopped;
}

Task<Status> Interruption::AwaitEnd(tutti_call call, std::vector<std::string> runs) const {
  std::chrono::milliseconds pause = kFirstLook;
  while (!runs.empty()) {
    Batch batch;
    batch.Add(CountUnfinished(runs));
    const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    const Result<Json> rows = Json::Parse(reply->Rows(0));
    if (!rows.ok() || rows->view()[0]["count"].AsInt() == 0) {
      co_return Status();
    }
    if (host_.calls()->cancelled(host_.raw(), call) != 0) {
      co_return Status::DeadlineExceeded(std::to_string(rows->view()[0]["count"].AsInt()) +
                                         " runs have not stopped yet; they will, and none of them goes on");
    }
    co_await host_.Delay(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  co_return Status();
}

}  // namespace tutti::runs
