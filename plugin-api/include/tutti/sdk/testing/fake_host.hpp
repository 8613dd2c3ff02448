// FakeHost: a host in memory, for tests of a plugin without the tutti binary. It offers every service of tutti/abi/.
//
//   tutti::testing::FakeHost host;
//   host.OnStore([](const FakeRequest& batch) { return Result<std::string>(R"({"results":[{"affected":1}]})"); });
//   tutti::testing::LoadedPlugin plugin = tutti::testing::Load<Redact>(host);
//   ASSERT_TRUE(plugin.Start(R"({"mode":"mask"})").ok());
//   EXPECT_EQ(*plugin.Invoke("redact.test", R"({"text":"x"})"), "...");
//
// Ownership: make the host first; the plugins loaded into it and what they hold must go before it.
// Threads: any, except construction and destruction.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#ifndef RAPIDJSON_HAS_STDSTRING
#define RAPIDJSON_HAS_STDSTRING 1
#endif
#include <rapidjson/pointer.h>

#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/testing/fake_calls.hpp"
#include "tutti/sdk/testing/fake_executor.hpp"
#include "tutti/sdk/testing/fake_gateway.hpp"
#include "tutti/sdk/testing/fake_services.hpp"
#include "tutti/sdk/testing/records.hpp"
#include "tutti/sdk/testing/signal.hpp"

namespace tutti::testing {

struct FakeHostOptions {
  unsigned workers = 2;               // 0: nothing runs but inside Pump, Advance and the waiting functions
  std::size_t queue_capacity = 4096;  // jobs a plugin may have waiting before post answers RESOURCE_EXHAUSTED
  std::size_t event_capacity = 1024;  // unread events of one call before emit answers WOULD_BLOCK; 0 = always
  std::uint32_t extra_bytes = 0;      // by which growing structs are larger, as those of a newer host; at most 64
  bool grants_admin = false;          // whether the service tutti.host.admin/0 is there
  bool grants_house = false;          // whether the service tutti.host.house/0 is there
};

class FakeHost {
 public:
  using Answer = std::function<Result<std::string>(const FakeRequest& request)>;
  using Responder = FakeServices::Responder;

  explicit FakeHost(FakeHostOptions options = {})
      : options_(options),
        executor_(options.workers, options.queue_capacity, signal_),
        calls_(executor_, signal_),
        services_(calls_, executor_, signal_),
        gateway_(signal_) {
    raw_ = {sizeof(tutti_host), this, &GetService};
    // A host without hooks: every payload goes on as it came.
    services_.SetResponder(
        "hooks", [](const FakeRequest& request, const FakeReply& reply) { reply.Finish(PassPayloads(request.body)); });
  }

  // Open calls of plugins end with CANCELLED first.
  ~FakeHost() { Settle(); }

  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // What plugins are given from now on.
  [[nodiscard]] const tutti_host* raw() const { return front_ != nullptr ? front_ : &raw_; }

  // Gives plugins another tutti_host, which stands between them and this one: its context must be raw()->context, and
  // it must outlive the plugins. nullptr: this one again.
  void Present(const tutti_host* front) { front_ = front; }

  // Forgets everything that is over, so that a test can run as long as it likes: requests, ended calls, records.
  void DropHistory() {
    services_.DropHistory();
    calls_.DropHistory();
    records_.Clear();
  }

  [[nodiscard]] const FakeHostOptions& options() const { return options_; }

  // What answers the plugin's calls. The first form answers by its return value; a Responder answers when it likes,
  // with events before. A service that is not programmed answers UNIMPLEMENTED; hooks let everything pass.
  void OnStore(Answer answer) { Program("store", std::move(answer)); }

  void OnCommands(Answer answer) { Program("commands", std::move(answer)); }

  void OnModels(Answer answer) { Program("models", std::move(answer)); }

  void OnRuntimes(Answer answer) { Program("runtimes", std::move(answer)); }

  // The request's `name` is "list" or "get", its `body` the template's name.
  void OnTemplates(Answer answer) { Program("templates", std::move(answer)); }

  void OnHooks(Answer answer) { Program("hooks", std::move(answer)); }

  void OnAdmin(Answer answer) { Program("admin", std::move(answer)); }

  void OnHouse(Answer answer) { Program("house", std::move(answer)); }

  // `service`: "store" | "commands" | "models" | "runtimes" | "tools" | "templates" | "hooks" | "admin" |
  // "house".
  void Respond(const std::string& service, Responder responder) {
    services_.SetResponder(service, std::move(responder));
  }

  [[nodiscard]] std::vector<FakeRequest> Requests(std::string_view service = {}) { return services_.Requests(service); }

  // What commands->tools and models->models write, JSON; empty at first.
  void SetTools(std::string json) { Set(tools_, std::move(json)); }

  // What slash->list writes, and what slash->parse makes of a text; without the latter it finds nothing.
  void SetSlash(std::string json, std::function<Result<std::string>(std::string_view)> parse) {
    const std::lock_guard lock(mutex_);
    slash_ = std::move(json);
    parse_slash_ = std::move(parse);
  }

  void SetModels(std::string json) { Set(models_, std::move(json)); }

  // The configuration that the config service reads; LoadedPlugin::Init sets it.
  void SetConfig(std::string json) { Set(config_, std::move(json)); }

  // `reference` as in the configuration: "secret://name".
  void SetSecret(const std::string& reference, std::string value) {
    const std::lock_guard lock(mutex_);
    secrets_[reference] = std::move(value);
  }

  // TUTTI_PHASE_*, as runtimes->phase answers; SERVING at first.
  void SetPhase(std::int32_t phase) { phase_ = phase; }

  void SetHostId(std::string id) { Set(host_id_, std::move(id)); }

  void SetConnections(std::uint32_t count) {
    const std::lock_guard lock(mutex_);
    connections_ = count;
  }

  [[nodiscard]] Records& records() { return records_; }

  [[nodiscard]] FakeGateway& gateway() { return gateway_; }

  [[nodiscard]] FakeExecutor& executor() { return executor_; }

  [[nodiscard]] FakeCalls& calls() { return calls_; }

  [[nodiscard]] FakeServices& services() { return services_; }

  // Waits until `condition` holds, running jobs itself when there are no workers; false when `timeout` passes first.
  bool WaitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout = kPatience) {
    if (!executor_.is_manual()) {
      return signal_.WaitUntil(condition, timeout);
    }
    return signal_.WaitUntil(condition, timeout, [this] { return executor_.Pump() > 0; });
  }

  // Cancels a call on the plugin, and with it the calls the plugin started on its behalf.
  void Cancel(PluginCall& call) {
    calls_.Cancel(call);
    services_.CancelChildrenOf(call.id);
  }

  // Brings everything to rest: cancels the plugin's calls in both directions, makes its timers due, and waits. false:
  // something still runs after `timeout`.
  bool Settle(std::chrono::milliseconds timeout = kPatience) {
    for (const auto& call : calls_.Running()) {
      calls_.Cancel(*call);
    }
    // A timer that sets itself again must not keep the plugin alive, so timers are made due a limited number of times.
    constexpr int kTimerRounds = 100;
    return WaitUntil(
        [this, rounds = 0]() mutable {
          services_.CancelAll();
          // Looked at before the timers: a job that is running may be about to set one.
          const bool is_idle = executor_.IsIdle() && services_.IsIdle();
          const bool timers_left = rounds < kTimerRounds && executor_.ExpireTimers() > 0;
          rounds += timers_left ? 1 : 0;
          return is_idle && !timers_left;
        },
        timeout);
  }

 private:
  static FakeHost& Self(const tutti_host* host) { return *static_cast<FakeHost*>(host->context); }

  static Result<std::string> PassPayloads(const std::string& entries) {
    Result<Json> parsed = Json::Parse(entries);
    if (!parsed.ok()) {
      return parsed.status();
    }
    JsonWriter writer;
    writer.BeginObject().Key("payloads").BeginArray();
    parsed->view().ForEach([&](JsonView entry) { writer.Raw(entry["payload"].Dump()); });
    return writer.EndArray().EndObject().Take();
  }

  void Program(const std::string& service, Answer answer) {
    services_.SetResponder(service, [answer = std::move(answer)](const FakeRequest& request, const FakeReply& reply) {
      reply.Finish(answer(request));
    });
  }

  void Set(std::string& member, std::string value) {
    const std::lock_guard lock(mutex_);
    member = std::move(value);
  }

  std::string Get(const std::string& member) {
    const std::lock_guard lock(mutex_);
    return member;
  }

  tutti_code ReadConfig(std::string_view pointer, const tutti_sink* value) {
    Result<Json> config = Json::Parse(Get(config_));
    if (!config.ok()) {
      return TUTTI_NOT_FOUND;
    }
    const rapidjson::Pointer path(pointer.data(), pointer.size());
    const rapidjson::Value* found = path.IsValid() ? path.Get(config->document()) : nullptr;
    if (found == nullptr) {
      return TUTTI_NOT_FOUND;
    }
    Write(value, JsonView(found).Dump());
    return TUTTI_OK;
  }

  // PERMISSION_DENIED as in the host: a plugin gets only what its configuration names.
  tutti_code ReadSecret(std::string_view reference, const tutti_sink* value) {
    const std::lock_guard lock(mutex_);
    if (config_.find(JsonQuote(reference)) == std::string::npos) {
      return TUTTI_PERMISSION_DENIED;
    }
    const auto found = secrets_.find(std::string(reference));
    if (found == secrets_.end()) {
      return TUTTI_NOT_FOUND;
    }
    Write(value, found->second);
    return TUTTI_OK;
  }

  tutti_code PostTimer(std::uint32_t delay_ms, void (*fn)(void*), void* user, std::uint64_t* timer) {
    *timer = executor_.PostAfter(std::chrono::milliseconds(delay_ms), [fn, user] { fn(user); });
    return TUTTI_OK;
  }

  tutti_code ParseSlash(std::string_view text, const tutti_sink* out) {
    std::function<Result<std::string>(std::string_view)> parse;
    {
      const std::lock_guard lock(mutex_);
      parse = parse_slash_;
    }
    const Result<std::string> answer =
        parse ? parse(text) : Status::NotFound("there is no slash command '" + std::string(text) + "'");
    Write(out, answer.ok() ? std::string_view(*answer) : answer.status().message());
    return answer.ok() ? TUTTI_OK : static_cast<tutti_code>(answer.status().code());
  }

  static const void* GetService(const tutti_host* host, const char* id);

  friend struct FakeServiceTables;

  FakeHostOptions options_;
  tutti_host raw_{};
  const tutti_host* front_ = nullptr;
  Signal signal_;
  Records records_;
  std::mutex mutex_;
  std::string tools_ = "[]";                                          // guarded by mutex_
  std::string models_ = "{}";                                         // guarded by mutex_
  std::string slash_ = "[]";                                          // guarded by mutex_
  std::function<Result<std::string>(std::string_view)> parse_slash_;  // guarded by mutex_
  std::string config_ = "{}";                                         // guarded by mutex_
  std::map<std::string, std::string> secrets_;                        // guarded by mutex_
  std::uint32_t connections_ = 0;                                     // guarded by mutex_
  std::string host_id_ = "fake-host";                                 // guarded by mutex_
  std::atomic<std::int32_t> phase_{TUTTI_PHASE_SERVING};
  FakeExecutor executor_;
  FakeCalls calls_;
  FakeServices services_;
  FakeGateway gateway_;
};

}  // namespace tutti::testing

#include "tutti/sdk/testing/fake_service_tables.hpp"
#include "tutti/sdk/testing/loaded_plugin.hpp"
