#include "tutti/sdk/host.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tutti {
namespace {

// A host that grants nothing.
class BareHost {
 public:
  [[nodiscard]] const tutti_host* raw() const { return &raw_; }

 private:
  const tutti_host raw_{sizeof(tutti_host), nullptr,
                        [](const tutti_host*, const char*) -> const void* { return nullptr; }};
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

TEST(Host, ACallOfAServiceThatWasNotGrantedEndsDenied) {
  for (const char* service : {"store", "commands", "models", "runtimes", "hooks", "templates"}) {
    BareHost bare;
    const Host host(bare.raw());
    Result<std::string> result = std::string("not ended");
    int ends = 0;
    Begin(Ask(host, service), [&](Result<std::string> ended) {
      result = std::move(ended);
      ++ends;
    });
    EXPECT_EQ(ends, 1) << service;
    EXPECT_EQ(result.status().code(), Code::kPermissionDenied) << service;
    EXPECT_TRUE(result.status().message().starts_with("this plugin was not granted " + std::string(service)))
        << result.status().message();
  }
}

TEST(Host, WhatHasNoEndDoesNothingWithoutItsService) {
  BareHost bare;
  const Host host(bare.raw());
  EXPECT_EQ(host.Tools(), "[]");
  EXPECT_EQ(host.Models(), R"({"models":[]})");
  EXPECT_EQ(host.connections(), 0U);
  host.Publish("stream", "type", "{}");
  host.Log(0, "nobody hears this");
  host.Count("nobody_counts_this");
}

}  // namespace
}  // namespace tutti
