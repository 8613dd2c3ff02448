// A host that lacks services, or did not grant them: the SDK refuses or answers, and never crashes.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti {
namespace {

using testing::FakeHost;
using testing::Load;

// The services that the host below offers.
std::set<std::string> offered;       // NOLINT(cert-err58-cpp)
const tutti_host* behind = nullptr;  // what answers for them

const void* GetOffered(const tutti_host*, const char* id) {
  return offered.count(id) > 0 ? behind->get_service(behind, id) : nullptr;
}

class Poor {
 public:
  explicit Poor(const Host& host) : host_(host) {}

  static std::string Commands() {
    return R"([{"name":"poor.try","summary":"Tries.","effects":"read","input":{"type":"object"}}])";
  }

  Task<Result<std::string>> Invoke(std::string_view name, std::string_view, Call call) {
    if (name == "begin") {
      Result<std::string> found = Status::Internal("not called");
      Begin(host_.Execute(call.id(), "{}"), [&](Result<std::string> result) { found = std::move(result); });
      co_return found;
    }
    if (name == "post") {
      co_return host_.Post([] {});
    }
    if (name == "quiet") {
      host_.Log(TUTTI_LOG_ERROR, "nobody hears this");
      host_.Count("nothing_total");
      host_.Publish("s", "t", "{}");
      co_await host_.Delay(std::chrono::hours(1));
      co_return std::string(host_.PostAfter(std::chrono::hours(1), [] {}) ? "1" : host_.Tools());
    }
    if (name == "secret") {
      co_return host_.Secret("secret://x");
    }
    if (name == "complete") {
      co_return co_await host_.Complete(call.id(), "{}");
    }
    co_return co_await host_.Execute(call.id(), "{}");
  }

 private:
  Host host_;
};

class MissingServices : public ::testing::Test {
 protected:
  MissingServices() {
    behind = host_.raw();
    front_ = {sizeof front_, behind->context, &GetOffered};
    host_.Present(&front_);
    offered = {TUTTI_SERVICE_CALLS};
  }

  tutti_host front_{};
  FakeHost host_;
};

TEST_F(MissingServices, UseAnswersASentenceThatNamesWhatIsMissing) {
  struct Case {
    const char* name;
    Code code;
    const char* named;
  };

  auto plugin = Load<Poor>(host_);
  ASSERT_TRUE(plugin.Start().ok());
  for (const auto& [name, code, named] : {Case{"await", Code::kPermissionDenied, "store"},
                                          {"begin", Code::kPermissionDenied, "store"},
                                          {"complete", Code::kPermissionDenied, "models"},
                                          {"post", Code::kUnimplemented, TUTTI_SERVICE_EXECUTOR},
                                          {"secret", Code::kUnimplemented, TUTTI_SERVICE_CONFIG}}) {
    const Result<std::string> result = plugin.Invoke(name, "{}");
    EXPECT_EQ(result.status().code(), code) << name << result.status().ToString();
    EXPECT_NE(result.status().message().find(named), std::string_view::npos) << result.status().message();
  }
}

TEST_F(MissingServices, WhatAnswersNobodyDoesNothing) {
  auto plugin = Load<Poor>(host_);
  ASSERT_TRUE(plugin.Start().ok());
  EXPECT_EQ(*plugin.Invoke("quiet", "{}"), "[]");
}

TEST_F(MissingServices, WithoutCallsCreateIsRefused) {
  offered = {};
  const auto plugin = Load<Poor>(host_);
  EXPECT_EQ(plugin.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(plugin.status().message().find(TUTTI_SERVICE_CALLS), std::string_view::npos) << plugin.status().message();
}

TEST_F(MissingServices, SmallerStructsAreRefused) {
  offered = {TUTTI_SERVICE_CALLS};
  tutti_plugin plugin{};
  std::string error;
  const tutti_sink sink{sizeof sink, &error,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  const auto create = &internal::Adapter<Poor>::Create;
  plugin.size = sizeof plugin - 1;
  EXPECT_EQ(create(&front_, &plugin, &sink), TUTTI_FAILED_PRECONDITION);
  EXPECT_NE(error.find("needs a newer tutti"), std::string::npos) << error;
  EXPECT_EQ(plugin.self, nullptr);
  plugin.size = sizeof plugin;
  front_.size = offsetof(tutti_host, get_service);
  EXPECT_EQ(create(&front_, &plugin, &sink), TUTTI_FAILED_PRECONDITION);
}

}  // namespace
}  // namespace tutti
