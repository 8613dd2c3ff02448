// A storage engine: `execute` and `ensure_schema` of tutti/abi/storage.h over a driver, with one writer thread (group
// commit) and a few reader threads, each with its own connection.
//
// Threads: Execute and Stats from any thread, EnsureSchema from any but a `done` callback, Open and Close from one.
// Ownership: keeps the driver. `done` runs once per batch, on a thread of the engine (or the caller's when the batch is
// refused), in commit order for writes. It must not block.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "batch.h"
#include "driver.h"
#include "health.h"
#include "house_session.h"
#include "job_queue.h"
#include "link.h"
#include "writer.h"

namespace tutti::storage {

struct EngineOptions {
  std::size_t readers = 2;  // 0: the writer reads too
  std::size_t queue_batches = 4096;
  std::size_t queue_bytes = 64U << 20U;
  std::size_t group_max = 256;
  std::chrono::milliseconds queue_wait{30000};
  std::chrono::milliseconds settle_wait{5000};  // for news of a commit whose answer was lost
  BatchLimits limits;
};

class Engine {
 public:
  Engine(std::unique_ptr<Driver> driver, EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Connects and creates the journal; also after Close. UNAVAILABLE when the database is away; may then be called
  // again.
  Status Open();

  void Execute(const std::string& caller, std::string_view batch, Done done);

  // Returns {"namespace","version","created","changed"}. Blocks until it is committed.
  Result<std::string> EnsureSchema(std::string_view schema);

  // A request of `maintain`, on a connection of its own; the engine need not be open. Blocks.
  Result<std::string> Maintain(std::string_view request, const HouseAsker& asker);

  // {"healthy","reason","engine","version","queued","batches","groups","reads"}. The health is what the newest batches
  // and attempts to connect have met; asking starts an attempt, at most one per second, so that an idle engine learns
  // of an outage and of its end. While batches fail the attempt is to store something.
  [[nodiscard]] std::string Stats();

  // Finishes what was accepted, refuses the rest with UNAVAILABLE. Idempotent.
  void Close();

 private:
  void WriteLoop();
  void ReadLoop(Link& link);
  Result<std::string> Read(Link& link, Batch& batch);
  // Lets the driver look at the store, on the writing connection; waits for it.
  Status CheckStore();
  // Lets the driver do what follows a migration, on the writing connection; waits for it.
  void Refresh();
  // Runs `work` on the writer's connection within a transaction and waits for it.
  Status OnWriter(std::function<Status(Connection&)> work);
  void Probe();
  // Whether the connection answers, and stores when asked to.
  Status Try(Connection& connection, bool to_store);
  Status CheckVersion(Connection& connection, const Namespace& space, std::string_view declared);
  [[nodiscard]] std::shared_ptr<const Catalog> catalog() const;

  const EngineOptions options_;
  const std::unique_ptr<Driver> driver_;
  Health read_health_;
  JobQueue writes_;
  JobQueue reads_;
  Link write_link_;
  Writer writer_;
  std::vector<std::unique_ptr<Link>> read_links_;
  std::thread write_thread_;
  std::vector<std::thread> read_threads_;
  std::atomic<std::uint64_t> read_count_{0};
  std::atomic<bool> is_probing_{false};
  std::atomic<std::int64_t> next_probe_ms_{0};  // steady clock
  std::mutex schema_mutex_;                     // one schema change at a time
  mutable std::mutex catalog_mutex_;
  std::shared_ptr<const Catalog> catalog_;  // guarded by catalog_mutex_
};

}  // namespace tutti::storage
