#include "engine_contract.h"

#include <future>
#include <utility>

namespace tutti::storage::testing {
namespace {

Result<std::string> Wait(Engine& engine, const std::string& caller, std::string_view batch) {
  std::promise<Result<std::string>> promise;
  auto answer = promise.get_future();
  engine.Execute(caller, batch, [&](Result<std::string> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

class EngineStorage final : public storage_suite::Storage {
 public:
  explicit EngineStorage(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

  Result<std::string> Execute(const std::string& caller, const std::string& batch) override {
    return Wait(*engine_, caller, batch);
  }

  Result<std::string> EnsureSchema(const std::string& schema) override { return engine_->EnsureSchema(schema); }

 private:
  std::unique_ptr<Engine> engine_;
};

class StorageBackend final : public storage_suite::Backend {
 public:
  explicit StorageBackend(std::unique_ptr<EngineBackend> backend) : backend_(std::move(backend)) {}

  Result<std::unique_ptr<storage_suite::Storage>> Open() override {
    std::unique_ptr<Engine> engine = backend_->MakeEngine({});
    if (Status opened = engine->Open(); !opened.ok()) {
      return opened;
    }
    return std::unique_ptr<storage_suite::Storage>(std::make_unique<EngineStorage>(std::move(engine)));
  }

 private:
  std::unique_ptr<EngineBackend> backend_;
};

}  // namespace

storage_suite::BackendFactory AsStorage(const EngineFactory& factory) {
  return {factory.name, [make = factory.make]() -> std::unique_ptr<storage_suite::Backend> {
            std::unique_ptr<EngineBackend> backend = make();
            return backend == nullptr ? nullptr : std::make_unique<StorageBackend>(std::move(backend));
          }};
}

void EngineContract::SetUp() {
  backend_ = GetParam().make();
  ASSERT_NE(backend_, nullptr);
  Reopen();
}

void EngineContract::TearDown() {
  engine_.reset();
  backend_.reset();
}

void EngineContract::Reopen(const EngineOptions& options) {
  engine_.reset();
  engine_ = backend_->MakeEngine(options);
  const Status opened = engine_->Open();
  ASSERT_TRUE(opened.ok()) << opened.ToString();
  const auto ensured = engine_->EnsureSchema(storage_suite::FullSchema());
  ASSERT_TRUE(ensured.ok()) << ensured.status().ToString();
}

Answer EngineContract::Run(std::string_view ops) {
  return RunBatch("{\"parts\":[{\"by\":\"test.owner\",\"ops\":" + std::string(ops) + "}]}");
}

Answer EngineContract::RunBatch(std::string_view batch) {
  return Answer(Wait(*engine_, "test.owner", batch));
}

Answer EngineContract::Must(std::string_view ops) {
  Answer answer = Run(ops);
  EXPECT_TRUE(answer.ok()) << answer.text() << "\nin " << ops.substr(0, 400);
  return answer;
}

}  // namespace tutti::storage::testing
