#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

class StorageCppTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(plugin_.Start(R"({"max_rows":2})").ok());
    ASSERT_TRUE(
        plugin_
            .EnsureSchema(R"({"namespace":"demo","version":1,"owner":"com.example.demo","grants":{},"tables":)"
                          R"({"notes":{"columns":{"id":{"type":"int64","primary":true},"body":{"type":"text"}}}}})")
            .ok());
  }

  tutti::Result<std::string> Apply(const std::string& ops) {
    return plugin_.Execute(R"({"parts":[{"by":"com.example.demo","ops":[)" + ops + "]}]}");
  }

  static constexpr const char* kInsert = R"({"op":"insert","table":"demo.notes","row":{"id":1,"body":"hello"}})";

  tutti::testing::FakeHost host_;
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(StorageCppTest, KeepsFindsAndDeletesARow) {
  EXPECT_EQ(*Apply(kInsert), R"({"results":[[{"affected":1}]]})");
  EXPECT_EQ(*Apply(R"({"op":"get","table":"demo.notes","key":{"id":1}})"),
            R"({"results":[[{"count":1,"rows":[{"body":"hello","id":1}]}]]})");
  EXPECT_EQ(*Apply(R"({"op":"query","from":"demo.notes","where":{"body":"other"}})"),
            R"({"results":[[{"count":0,"rows":[]}]]})");
  EXPECT_EQ(*Apply(R"({"op":"delete","table":"demo.notes","where":{}})"), R"({"results":[[{"affected":1}]]})");
}

TEST_F(StorageCppTest, AFailedBatchLeavesNothingBehind) {
  const std::string twice = std::string(kInsert) + "," + kInsert;
  EXPECT_EQ(Apply(twice).status().code(), tutti::Code::kAlreadyExists);
  EXPECT_EQ(*Apply(R"({"op":"query","from":"demo.notes"})"), R"({"results":[[{"count":0,"rows":[]}]]})");
}

TEST_F(StorageCppTest, NumbersTheEventsOfAStream) {
  const std::string append = R"({"op":"append","stream":"s","type":"t","data":{}})";
  ASSERT_TRUE(Apply(append).ok());
  const tutti::Result<std::string> second = Apply(append);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(second->find(R"("seq":2)"), std::string::npos) << *second;
}

TEST_F(StorageCppTest, RefusesWhatItCannotDoAndWhatIsTooMuch) {
  EXPECT_EQ(Apply(R"({"op":"claim","table":"demo.notes"})").status().code(), tutti::Code::kUnimplemented);
  EXPECT_EQ(Apply(R"({"op":"query","from":"demo.notes","where":{"id":{"ge":1}}})").status().message(),
            "this storage does not know where/id, found it in an op query");
  EXPECT_EQ(Apply(R"({"op":"get","table":"demo.none","key":{}})").status().code(), tutti::Code::kInvalidArgument);
  const std::string rows = R"({"op":"insert","table":"demo.notes","rows":[{"id":1},{"id":2},{"id":3}]})";
  EXPECT_EQ(Apply(rows).status().code(), tutti::Code::kResourceExhausted);
}
