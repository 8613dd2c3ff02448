#include "tutti/sdk/plugin.hpp"

#include <memory>

#include "postgresql_driver.h"
#include "settings.h"

namespace tutti::storage::postgresql {
namespace {

class PostgresqlStorage {
 public:
  explicit PostgresqlStorage(Host host) : host_(host) {}

  Status Init(const Config& config) {
    Settings settings = ReadSettings(config.view());
    if (settings.postgresql.url.starts_with("secret://")) {
      auto url = host_.Secret(settings.postgresql.url);
      if (!url.ok()) {
        return url.status();
      }
      settings.postgresql.url = std::move(*url);
    }
    auto engine = MakeEngine(settings.postgresql, settings.engine);
    if (!engine.ok()) {
      return engine.status();
    }
    engine_ = std::move(*engine);
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
  Host host_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace
}  // namespace tutti::storage::postgresql

TUTTI_PLUGIN(tutti::storage::postgresql::PostgresqlStorage, "tutti.storage.postgresql", "0.1.0")
