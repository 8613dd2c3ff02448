// An engine on a fresh database of the shared server.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "postgresql_driver.h"
#include "postgresql_server.h"

namespace tutti::storage::postgresql {

using tutti::storage::testing::PostgresqlServer;

class PostgresqlEngine : public ::testing::Test {
 protected:
  static constexpr const char* kSchema = R"({"namespace":"a","version":1,"owner":"o","tables":{"t":{"columns":{
    "id":{"type":"int64","primary":true},"ident":{"type":"uuid","default":"random"},"kind":{"type":"text"},
    "at":{"type":"time","null":false,"default":"now"}},"unique":[{"name":"a_t_kind","columns":["kind"]}]}}})";

  void SetUp() override {
    ASSERT_NE(PostgresqlServer::Shared(), nullptr);
    options_.url = server().CreateDatabase();
    ASSERT_TRUE(options_.url.starts_with("postgresql://")) << options_.url;
  }

  void TearDown() override {
    engine_.reset();
    server().DropDatabase(options_.url);
  }

  static PostgresqlServer& server() { return *PostgresqlServer::Shared(); }

  Status Open(const EngineOptions& options = {}, std::string_view schema = kSchema) {
    auto engine = MakeEngine(options_, options);
    if (!engine.ok()) {
      return engine.status();
    }
    engine_ = std::move(*engine);
    Status status = engine_->Open();
    return status.ok() ? engine_->EnsureSchema(schema).status() : status;
  }

  Result<std::string> Run(const std::string& ops) {
    std::promise<Result<std::string>> promise;
    engine_->Execute("o", R"({"parts":[{"ops":)" + ops + "}]}",
                     [&](Result<std::string> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  std::string Text(const std::string& ops) {
    const auto result = Run(ops);
    return result.ok() ? *result : result.status().ToString();
  }

  std::string Sql(const std::string& sql) { return PostgresqlServer::Query(options_.url, sql); }

  PostgresqlOptions options_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tutti::storage::postgresql
