#include "tutti/sdk/commands.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti {
namespace {

class Greeter {
 public:
  explicit Greeter(const Host& host) : host_(host) {
    set_.Add(R"({"name":"greet.slow"})", [this](Call call, JsonView args) { return Slow(std::move(call), args); });
    set_.AddDirect(R"({"name":"greet.now"})", [](const Call&, JsonView args) -> Result<std::string> {
      if (args["fail"].AsBool()) {
        throw std::runtime_error("broken");
      }
      return JsonQuote(args["name"].AsString("nobody"));
    });
  }

  std::string Commands() { return set_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, const Call& call) { set_.Invoke(name, args, call); }

 private:
  // Looks at its arguments again after it has waited.
  Task<Result<std::string>> Slow(Call call, JsonView args) {
    auto rows = co_await host_.Execute(call.id(), "{}");
    if (args["fail"].AsBool()) {
      throw std::runtime_error("broken");
    }
    co_return rows.ok() ? Result<std::string>(JsonQuote(args["name"].AsString())) : rows;
  }

  Host host_;
  CommandSet set_;
};

class CommandSetTest : public ::testing::Test {
 protected:
  CommandSetTest() {
    host_.OnStore([](const testing::FakeRequest&) { return Result<std::string>("{}"); });
    EXPECT_TRUE(plugin_.Start().ok());
  }

  testing::FakeHost host_;
  testing::LoadedPlugin plugin_ = testing::Load<Greeter>(host_);
};

TEST_F(CommandSetTest, DescribesInTheOrderOfAdding) {
  EXPECT_EQ(plugin_.Commands(), R"([{"name":"greet.slow"},{"name":"greet.now"}])");
}

TEST_F(CommandSetTest, HandlersGetTheirArguments) {
  EXPECT_EQ(*plugin_.Invoke("greet.now", R"({"name":"Ada"})"), R"("Ada")");
  EXPECT_EQ(*plugin_.Invoke("greet.now", ""), R"("nobody")");
  EXPECT_EQ(*plugin_.Invoke("greet.slow", R"({"name":"Grace"})"), R"("Grace")");
}

TEST_F(CommandSetTest, WhatIsThrownEndsTheCallWithInternal) {
  for (const char* name : {"greet.now", "greet.slow"}) {
    const Status status = plugin_.Invoke(name, R"({"fail":true})").status();
    EXPECT_EQ(status.code(), Code::kInternal) << name;
    EXPECT_NE(status.message().find("broken"), std::string_view::npos) << name;
  }
}

TEST_F(CommandSetTest, UnknownNamesAndBrokenArgumentsAreRefused) {
  EXPECT_EQ(plugin_.Invoke("greet.none", "{}").status().code(), Code::kNotFound);
  EXPECT_EQ(plugin_.Invoke("greet.now", "{").status().code(), Code::kInvalidArgument);
}

TEST(CommandSet, DefinitionThatIsNoJsonIsAProgrammerError) {
  CommandSet set;
  EXPECT_THROW(set.AddDirect("{", [](const Call&, JsonView) { return Result<std::string>("{}"); }),
               std::invalid_argument);
}

}  // namespace
}  // namespace tutti
