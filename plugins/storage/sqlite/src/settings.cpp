#include "settings.h"

namespace tutti::storage::sqlite {
namespace {

std::size_t Size(JsonView value, std::size_t fallback) {
  return static_cast<std::size_t>(value.AsInt(static_cast<std::int64_t>(fallback)));
}

std::chrono::milliseconds Milliseconds(JsonView value, std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds(value.AsInt(fallback.count()));
}

}  // namespace

Settings ReadSettings(JsonView config) {
  Settings settings;
  SqliteOptions& sqlite = settings.sqlite;
  sqlite.file = config["file"].AsString(sqlite.file);
  sqlite.synchronous = config["synchronous"].AsString(sqlite.synchronous);
  sqlite.busy_timeout = Milliseconds(config["busy_timeout_ms"], sqlite.busy_timeout);
  sqlite.statement_timeout = Milliseconds(config["statement_timeout_ms"], sqlite.statement_timeout);
  sqlite.statement_cache = Size(config["statement_cache"], sqlite.statement_cache);
  sqlite.checkpoint_pages = static_cast<int>(config["checkpoint_pages"].AsInt(sqlite.checkpoint_pages));
  sqlite.check_at_start = config["check_at_start"].AsString(sqlite.check_at_start);
  sqlite.check_limit = Milliseconds(config["check_limit_ms"], sqlite.check_limit);
  EngineOptions& engine = settings.engine;
  engine.readers = Size(config["readers"], engine.readers);
  engine.queue_batches = Size(config["queue_batches"], engine.queue_batches);
  engine.queue_bytes = Size(config["queue_bytes"], engine.queue_bytes);
  engine.queue_wait = Milliseconds(config["queue_wait_ms"], engine.queue_wait);
  engine.group_max = Size(config["group_max"], engine.group_max);
  engine.limits.batch_bytes = Size(config["batch_bytes"], engine.limits.batch_bytes);
  engine.limits.operations = Size(config["batch_operations"], engine.limits.operations);
  engine.limits.journal_scan = config["journal_scan"].AsInt(engine.limits.journal_scan);
  engine.limits.result_bytes = Size(config["result_bytes"], engine.limits.result_bytes);
  return settings;
}

}  // namespace tutti::storage::sqlite
