#include "tutti/sdk/host.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace tutti {
namespace {

// A host that grants nothing: there are an executor, whose work waits until it is run, and calls.
class BareHost {
 public:
  BareHost() : raw_{sizeof(tutti_host), this, &GetService} {}

  [[nodiscard]] const tutti_host* raw() const { return &raw_; }

  void RunAll() {
    const std::vector<std::function<void()>> jobs = std::move(jobs_);
    jobs_.clear();
    for (const auto& job : jobs) {
      job();
    }
  }

  bool is_full = false;

 private:
  static tutti_code Post(const tutti_host* host, void (*fn)(void*), void* user) {
    auto* self = static_cast<BareHost*>(host->context);
    if (self->is_full) {
      return TUTTI_RESOURCE_EXHAUSTED;
    }
    self->jobs_.emplace_back([fn, user] { fn(user); });
    return TUTTI_OK;
  }

  static const void* GetService(const tutti_host*, const char* id) {
    static constexpr tutti_host_executor kExecutor{sizeof kExecutor, &Post, nullptr, nullptr};
    return std::string_view(id) == TUTTI_SERVICE_EXECUTOR ? &kExecutor : nullptr;
  }

  tutti_host raw_;
  std::vector<std::function<void()>> jobs_;
};

Pending Ask(const Host& host, const std::string& service) {
  if (service == "store") {
    return host.Execute(0, "{}");
  }
  if (service == "models") {
    return host.Complete(0, "{}");
  }
  if (service == "runtimes") {
    return host.StartRuntime(0, "{}");
  }
  if (service == "hooks") {
    return host.Fire(0, "[]");
  }
  if (service == "templates") {
    return host.ListTemplates(0);
  }
  return host.InvokeCommand(0, "a.b", "{}");
}

TEST(Host, ACallOfAServiceThatWasNotGrantedEndsDeniedOnAWorker) {
  for (const char* service : {"store", "commands", "models", "runtimes", "hooks", "templates"}) {
    BareHost bare;
    const Host host(bare.raw());
    Result<std::string> result = std::string("not ended");
    int ends = 0;
    Begin(Ask(host, service), [&](Result<std::string> ended) {
      result = std::move(ended);
      ++ends;
    });
    EXPECT_EQ(ends, 0) << service;
    bare.RunAll();
    EXPECT_EQ(ends, 1) << service;
    EXPECT_EQ(result.status().code(), Code::kPermissionDenied) << service;
    EXPECT_TRUE(result.status().message().starts_with("this plugin was not granted " + std::string(service)))
        << result.status().message();
  }
}

TEST(Host, ADeniedCallEndsOnceEvenWhenTheExecutorIsFull) {
  BareHost bare;
  bare.is_full = true;
  int ends = 0;
  Begin(Host(bare.raw()).Execute(0, "{}"), [&](const Result<std::string>& ended) {
    EXPECT_EQ(ended.status().code(), Code::kPermissionDenied);
    ++ends;
  });
  bare.RunAll();
  EXPECT_EQ(ends, 1);
}

TEST(Host, WhatHasNoEndDoesNothingWithoutItsService) {
  BareHost bare;
  const Host host(bare.raw());
  EXPECT_EQ(host.Tools(), "[]");
  EXPECT_EQ(host.Models(), "[]");
  EXPECT_EQ(host.connections(), 0U);
  host.Publish("stream", "type", "{}");
  host.Log(0, "nobody hears this");
  host.Count("nobody_counts_this");
}

}  // namespace
}  // namespace tutti
