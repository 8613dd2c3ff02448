#include "tutti/sdk/plugin.hpp"

#include <memory>

#include "postgresql_driver.h"
#include "settings.h"
#include "tutti/sdk/text.hpp"
#include "watchers.h"

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
    settings.postgresql.announcer = settings.notify ? NewUuid() : "";
    auto engine = MakeEngine(settings.postgresql, settings.engine);
    if (!engine.ok()) {
      return engine.status();
    }
    engine_ = std::move(*engine);
    if (settings.notify) {
      const auto target =
          ReadUrl(settings.postgresql.url, settings.postgresql.connect_timeout, settings.postgresql.statement_timeout);
      if (!target.ok()) {
        return target.status();
      }
      watchers_ = std::make_unique<Watchers>(target->text, settings.postgresql.announcer);
    }
    return {};
  }

  Status Activate() { return engine_->Open(); }

  void Deactivate() {
    if (watchers_) {
      watchers_->Stop();
    }
    engine_->Close();
  }

  Result<std::string> EnsureSchema(std::string_view schema, Call) { return engine_->EnsureSchema(schema); }

  void Execute(std::string_view batch, Call call) {
    engine_->Execute(call.caller(), batch, [call](const Result<std::string>& result) { call.Finish(result); });
  }

  void Watch(Call call) {
    if (watchers_) {
      watchers_->Add(call);
    } else {
      call.Finish(Status::Unimplemented("notify is off: this storage hears of no other host"));
    }
  }

  Result<std::string> Maintain(std::string_view request, const Call& call) {
    return engine_->Maintain(request, {.tell = [call](std::string_view event) { (void)call.Emit(event); },
                                       .is_cancelled = [call] { return call.cancelled(); }});
  }

  std::string Stats() { return engine_->Stats(); }

 private:
  Host host_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Watchers> watchers_;  // nullptr: notify is off
};

}  // namespace
}  // namespace tutti::storage::postgresql

TUTTI_PLUGIN(tutti::storage::postgresql::PostgresqlStorage, "tutti.storage.postgresql", "0.1.0")
