#include "tutti/sdk/plugin.hpp"

#include <memory>

#include "settings.h"
#include "sqlite_driver.h"

namespace tutti::storage::sqlite {
namespace {

class SqliteStorage {
 public:
  explicit SqliteStorage(Host) {}

  Status Init(const Config& config) {
    const Settings settings = ReadSettings(config.view());
    engine_ = MakeEngine(settings.sqlite, settings.engine);
    return {};
  }

  Status Activate() { return engine_->Open(); }

  void Deactivate() { engine_->Close(); }

  Result<std::string> EnsureSchema(std::string_view schema, Call) { return engine_->EnsureSchema(schema); }

  void Execute(std::string_view batch, Call call) {
    engine_->Execute(call.caller(), batch, [call](const Result<std::string>& result) { call.Finish(result); });
  }

  Result<std::string> Maintain(std::string_view request, const Call& call) {
    return engine_->Maintain(request, {.tell = [call](std::string_view event) { (void)call.Emit(event); },
                                       .is_cancelled = [call] { return call.cancelled(); }});
  }

  std::string Stats() { return engine_->Stats(); }

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace
}  // namespace tutti::storage::sqlite

TUTTI_PLUGIN(tutti::storage::sqlite::SqliteStorage, "tutti.storage.sqlite", "0.1.0")
