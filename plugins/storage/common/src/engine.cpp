#include "engine.h"

#include <future>

#include "housekeeper.h"
#include "remembered_schemas.h"

namespace tutti::storage {
namespace {

// Ends the transaction whichever way; a connection that cannot is thrown away by its link.
Status EndTransaction(Connection& connection, Status status) {
  if (!status.ok()) {
    if (connection.usable() && connection.in_transaction()) {
      const Status rollback = connection.Control("ROLLBACK");
      return rollback.ok() ? status : rollback;
    }
    return status;
  }
  status = connection.Control("COMMIT");
  if (!status.ok() && connection.usable() && connection.in_transaction()) {
    (void)connection.Control("ROLLBACK");
  }
  return status;
}

}  // namespace

Engine::Engine(std::unique_ptr<Driver> driver, EngineOptions options)
    : options_(options),
      driver_(std::move(driver)),
      writes_(options.queue_batches, options.queue_bytes),
      reads_(options.queue_batches, options.queue_bytes),
      write_link_(*driver_, Driver::Access::kWrite),
      writer_(write_link_, options.queue_wait, options.settle_wait),
      catalog_(std::make_shared<const Catalog>()) {}

Engine::~Engine() {
  Close();
}

Status Engine::Open() {
  writes_.Open();
  reads_.Open();
  if (!write_thread_.joinable()) {
    write_thread_ = std::thread([this] { WriteLoop(); });
  }
  Status status = CheckStore();
  if (status.ok()) {
    status = OnWriter([this](Connection& connection) { return driver_->PrepareStore(connection); });
  }
  if (!status.ok()) {
    return status;
  }
  while (read_threads_.size() < options_.readers) {
    if (read_links_.size() == read_threads_.size()) {
      read_links_.push_back(std::make_unique<Link>(*driver_, Driver::Access::kRead));
    }
    read_threads_.emplace_back([this, link = read_links_[read_threads_.size()].get()] { ReadLoop(*link); });
  }
  return {};
}

void Engine::Execute(const std::string& caller, std::string_view text, Done done) {
  auto batch = Batch::Parse(caller, text, catalog(), driver_->dialect(), options_.limits);
  if (!batch.ok()) {
    done(batch.status());
    return;
  }
  Job job;
  job.batch = std::move(*batch);
  job.done = std::move(done);
  JobQueue& queue = job.batch->read_only() && options_.readers > 0 ? reads_ : writes_;
  if (Status status = queue.Push(job); !status.ok()) {
    job.done(status);
  }
}

Result<std::string> Engine::EnsureSchema(std::string_view schema) {
  const std::lock_guard lock(schema_mutex_);
  const auto known = catalog();
  auto space = ParseNamespace(schema, *known);
  if (!space.ok()) {
    return space.status();
  }
  auto next = known->With(*space);
  if (!next.ok()) {
    return next.status();
  }
  std::vector<std::string> created;
  std::vector<std::string> changed;
  Status status = OnWriter([&](Connection& connection) {
    created.clear();
    changed.clear();
    Status step = driver_->LockSchema(connection);
    step = step.ok() ? CheckVersion(connection, *space, schema) : step;
    return step.ok() ? driver_->Migrate(connection, *space, created, changed) : step;
  });
  if (!status.ok()) {
    return status;
  }
  if (!changed.empty()) {
    Refresh();
  }
  {
    const std::lock_guard catalog_lock(catalog_mutex_);
    catalog_ = std::move(*next);
  }
  JsonWriter json;
  json.BeginObject().Key("namespace").Value(space->name).Key("version").Value(space->version);
  json.Key("created").BeginArray();
  for (const std::string& text : created) {
    json.Value(text);
  }
  json.EndArray().Key("changed").BeginArray();
  for (const std::string& text : changed) {
    json.Value(text);
  }
  return json.EndArray().EndObject().Take();
}

Result<std::string> Engine::Maintain(std::string_view request, const HouseAsker& asker) {
  return KeepHouse(*driver_, request, asker);
}

Status Engine::CheckVersion(Connection& connection, const Namespace& space, std::string_view declared) {
  const Dialect& dialect = driver_->dialect();
  std::int64_t found = 0;
  auto run = connection.Run(
      {"SELECT \"version\" FROM \"tutti_schema\" WHERE \"namespace\" = " + dialect.Placeholder(1, Type::kText),
       {{Type::kText, space.name}}},
      [&](std::span<const std::string_view> fields) {
        found = std::stoll(std::string(fields[0]));
        return Status();
      });
  if (!run.ok()) {
    return run.status();
  }
  if (found > space.version) {
    return Status::FailedPrecondition("the database holds version " + std::to_string(found) + " of namespace '" +
                                      space.name + "', this program knows version " + std::to_string(space.version) +
                                      "; start the newer program, or restore an older backup");
  }
  return Remember(connection, dialect, space, declared);
}

Status Engine::CheckStore() {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  Job job;
  job.task = [&](Result<Connection*> connection) {
    promise.set_value(connection.ok() ? driver_->Check(**connection) : connection.status());
  };
  if (Status status = writes_.Push(job); !status.ok()) {
    return status;
  }
  return answer.get();
}

void Engine::Refresh() {
  std::promise<void> promise;
  auto done = promise.get_future();
  Job job;
  job.task = [&](Result<Connection*> connection) {
    if (connection.ok()) {
      driver_->Refresh(**connection);
    }
    promise.set_value();
  };
  if (writes_.Push(job).ok()) {
    done.wait();
  }
}

Status Engine::OnWriter(std::function<Status(Connection&)> work) {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  Job job;
  job.task = [&](Result<Connection*> connection) {
    if (!connection.ok()) {
      promise.set_value(connection.status());
      return;
    }
    Status status = (*connection)->Control(driver_->Begin(Driver::Access::kWrite));
    promise.set_value(status.ok() ? EndTransaction(**connection, work(**connection)) : status);
  };
  if (Status status = writes_.Push(job); !status.ok()) {
    return status;
  }
  return answer.get();
}

void Engine::WriteLoop() {
  while (true) {
    std::vector<Job> jobs = writes_.Take(options_.group_max);
    if (jobs.empty()) {
      return;
    }
    writer_.Run(std::move(jobs));
  }
}

void Engine::ReadLoop(Link& link) {
  while (true) {
    std::vector<Job> jobs = reads_.Take(1);
    if (jobs.empty()) {
      return;
    }
    Job& job = jobs[0];
    if (std::chrono::steady_clock::now() - job.queued > options_.queue_wait) {
      constexpr std::chrono::milliseconds kRetry(1000);
      const Status late = Status::Unavailable(
                              "the database is too slow: the batch waited longer than queue_wait_ms for its turn; try "
                              "again later")
                              .WithRetryAfter(kRetry);
      read_health_.Met(late);
      job.done(late);
      continue;
    }
    ++read_count_;
    auto result = Read(link, *job.batch);
    read_health_.Met(result.status());
    job.done(std::move(result));
  }
}

Result<std::string> Engine::Read(Link& link, Batch& batch) {
  for (int attempt = 0;; ++attempt) {
    auto connection = link.Get();
    if (!connection.ok()) {
      return connection.status();
    }
    const bool transaction = !batch.one_statement();
    Status status = transaction ? (*connection)->Control(driver_->Begin(Driver::Access::kRead)) : Status();
    auto result = status.ok() ? batch.Run(**connection) : Result<std::string>(status);
    if (transaction && status.ok()) {
      status = EndTransaction(**connection, result.status());
    }
    if ((*connection)->usable()) {
      return result.ok() && !status.ok() ? Result<std::string>(status) : std::move(result);
    }
    link.Discard();
    if (attempt == 1) {
      return result.ok() ? Result<std::string>(status) : std::move(result);
    }
  }
}

Status Engine::Try(Connection& connection, bool to_store) {
  Status status = connection.Control(driver_->Begin(to_store ? Driver::Access::kWrite : Driver::Access::kRead));
  if (!status.ok()) {
    return status;
  }
  if (to_store) {
    // A row that is there, as it is: what counts is that it can be written.
    status = connection.Control(
        "UPDATE tutti_schema SET version = version WHERE namespace = (SELECT min(namespace) FROM tutti_schema)");
    return EndTransaction(connection, status);
  }
  return connection.Control("ROLLBACK");
}

void Engine::Probe() {
  constexpr std::int64_t kPauseMs = 1000;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  if (now < next_probe_ms_ || is_probing_.exchange(true)) {
    return;
  }
  next_probe_ms_ = now + kPauseMs;
  Job job;
  job.task = [this](Result<Connection*> connection) {
    is_probing_ = false;
    if (!connection.ok()) {
      return;
    }
    const Status status = Try(**connection, !writer_.health().trouble().empty());
    if (status.ok()) {
      read_health_.Met(status);
      writer_.health().Met(status);
    } else if (!(*connection)->usable()) {
      write_link_.Discard();
      (void)write_link_.Get();
    }
  };
  if (!writes_.Push(job).ok()) {
    is_probing_ = false;
  }
}

std::string Engine::Stats() {
  std::string trouble = write_link_.trouble();
  trouble = trouble.empty() ? writer_.health().trouble() : trouble;
  trouble = trouble.empty() ? read_health_.trouble() : trouble;
  JsonObject json;
  json("healthy", trouble.empty())("reason", trouble)("engine", driver_->engine_name());
  json("version", driver_->engine_version())("queued", writes_.size() + reads_.size())("batches", writer_.batches());
  json("groups", writer_.groups())("reads", read_count_.load());
  Probe();
  return json.Take();
}

void Engine::Close() {
  writes_.Close();
  reads_.Close();
  if (write_thread_.joinable()) {
    write_thread_.join();
  }
  for (std::thread& thread : read_threads_) {
    thread.join();
  }
  read_threads_.clear();
  for (auto& link : read_links_) {
    link->Discard();
  }
  // Last, for who may write tidies up: a reader that is the last to leave SQLite's file leaves its log behind.
  write_link_.Discard();
}

std::shared_ptr<const Catalog> Engine::catalog() const {
  const std::lock_guard lock(catalog_mutex_);
  return catalog_;
}

}  // namespace tutti::storage
