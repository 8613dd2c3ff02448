#include "host/isolation/messages.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

TEST(Messages, EveryFieldOfAPlanArrives) {
  WorkerPlan plan;
  plan.id = "org.example.redact";
  plan.version = "1.2.3";
  plan.library = "/lib/redact.so";
  plan.copy = "/data/copy.so";
  plan.sha256 = "abc";
  plan.kinds = {"hook", "command"};
  plan.services = {"tutti.host.log/1"};
  plan.log_levels = 3;
  plan.event_window = 4;
  plan.event_bytes = 5;
  plan.max_frame = 6;
  plan.max_waiting = 7;
  plan.workers = 8;
  plan.queue = 9;
  plan.ask_timeout_ms = 10;
  plan.grants.services = {"store"};
  plan.grants.net = true;
  plan.grants.exec = true;
  plan.grants.read_paths = {"/read"};
  plan.grants.write_paths = {"/write", "/also"};
  plan.limits.memory_mb = 11;
  plan.limits.files = 12;
  plan.limits.processes = 13;
  plan.limits.file_mb = 14;
  plan.limits.start_timeout = milliseconds(15);
  plan.limits.restarts = 16;
  plan.limits.restart_window = milliseconds(17);
  plan.scratch = "/scratch";
  FrameWriter frame(FrameType::kStart, 1);
  Put(frame, plan);
  FieldReader fields(frame.Finish().substr(FrameWriter::kHeader));
  const std::optional<WorkerPlan> read = ReadWorkerPlan(fields);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, plan.id);
  EXPECT_EQ(read->version, plan.version);
  EXPECT_EQ(read->library, plan.library);
  EXPECT_EQ(read->copy, plan.copy);
  EXPECT_EQ(read->sha256, plan.sha256);
  EXPECT_EQ(read->kinds, plan.kinds);
  EXPECT_EQ(read->services, plan.services);
  EXPECT_EQ(read->log_levels, plan.log_levels);
  EXPECT_EQ(read->event_window, plan.event_window);
  EXPECT_EQ(read->event_bytes, plan.event_bytes);
  EXPECT_EQ(read->max_frame, plan.max_frame);
  EXPECT_EQ(read->max_waiting, plan.max_waiting);
  EXPECT_EQ(read->workers, plan.workers);
  EXPECT_EQ(read->queue, plan.queue);
  EXPECT_EQ(read->ask_timeout_ms, plan.ask_timeout_ms);
  EXPECT_EQ(read->grants.services, plan.grants.services);
  EXPECT_TRUE(read->grants.net);
  EXPECT_TRUE(read->grants.exec);
  EXPECT_EQ(read->grants.read_paths, plan.grants.read_paths);
  EXPECT_EQ(read->grants.write_paths, plan.grants.write_paths);
  EXPECT_EQ(read->limits.memory_mb, plan.limits.memory_mb);
  EXPECT_EQ(read->limits.files, plan.limits.files);
  EXPECT_EQ(read->limits.processes, plan.limits.processes);
  EXPECT_EQ(read->limits.file_mb, plan.limits.file_mb);
  EXPECT_EQ(read->limits.start_timeout, plan.limits.start_timeout);
  EXPECT_EQ(read->limits.restarts, plan.limits.restarts);
  EXPECT_EQ(read->limits.restart_window, plan.limits.restart_window);
  EXPECT_EQ(read->scratch, plan.scratch);
}

TEST(Messages, APlanThatIsCutShortIsNone) {
  WorkerPlan plan;
  plan.id = "org.example.redact";
  FrameWriter frame(FrameType::kStart, 1);
  Put(frame, plan);
  const std::string_view whole = frame.Finish().substr(FrameWriter::kHeader);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FieldReader fields(whole.substr(0, size));
    EXPECT_FALSE(ReadWorkerPlan(fields).has_value()) << size;
  }
}

}  // namespace
}  // namespace tutti::host
