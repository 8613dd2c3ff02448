#include "settings.h"

namespace tutti::storage::postgresql {
namespace {

constexpr std::size_t kReaders = 4;

std::size_t Size(JsonView value, std::size_t fallback) {
  return static_cast<std::size_t>(value.AsInt(static_cast<std::int64_t>(fallback)));
}

std::chrono::milliseconds Milliseconds(JsonView value, std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds(value.AsInt(fallback.count()));
}

}  // namespace

Settings ReadSettings(JsonView config) {
  Settings settings;
  PostgresqlOptions& postgresql = settings.postgresql;
  postgresql.url = config["url"].AsString();
  postgresql.connect_timeout = Milliseconds(config["connect_timeout_ms"], postgresql.connect_timeout);
  postgresql.statement_timeout = Milliseconds(config["statement_timeout_ms"], postgresql.statement_timeout);
  postgresql.lock_timeout = Milliseconds(config["lock_timeout_ms"], postgresql.lock_timeout);
  postgresql.silence = Milliseconds(config["silence_ms"], postgresql.silence);
  postgresql.statement_cache = Size(config["statement_cache"], postgresql.statement_cache);
  settings.notify = config["notify"].AsBool(settings.notify);
  EngineOptions& engine = settings.engine;
  engine.readers = Size(config["readers"], kReaders);
  engine.queue_batches = Size(config["queue_batches"], engine.queue_batches);
  engine.queue_bytes = Size(config["queue_bytes"], engine.queue_bytes);
  engine.queue_wait = Milliseconds(config["queue_wait_ms"], engine.queue_wait);
  engine.settle_wait = Milliseconds(config["settle_wait_ms"], engine.settle_wait);
  engine.group_max = Size(config["group_max"], engine.group_max);
  engine.limits.batch_bytes = Size(config["batch_bytes"], engine.limits.batch_bytes);
  engine.limits.operations = Size(config["batch_operations"], engine.limits.operations);
  engine.limits.journal_scan = config["journal_scan"].AsInt(engine.limits.journal_scan);
  engine.limits.result_bytes = Size(config["result_bytes"], engine.limits.result_bytes);
  return settings;
}

}  // namespace tutti::storage::postgresql
