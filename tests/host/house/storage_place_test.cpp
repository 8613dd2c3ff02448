#include "host/house/storage_place.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

class StoragePlaceTest : public ::testing::Test {
 protected:
  StoragePlaceTest() {
    const std::string open = "config: {type: object}\n";
    files_.WritePlugin("a", "tutti.storage.sqlite", "storage", open);
    files_.WritePlugin("b", "tutti.storage.postgresql", "storage", open);
  }

  Result<StorageEntry> Find(const std::string& plugins, const std::string& place) {
    files_.Write("tutti.yaml", "version: 1\nroles: {storage: auto}\nplugins:\n" + plugins);
    LoadOptions options;
    options.file = files_.Path("tutti.yaml");
    options.plugin_directories = {files_.Path("plugins")};
    return FindStorage(options, ReadStoragePlace(place));
  }

  static constexpr const char* kBoth =
      "  - {id: tutti.storage.sqlite, config: {file: /x/tutti.db, readers: 1}}\n"
      "  - {id: tutti.storage.postgresql, config: {url: \"\"}}\n";

  ManifestFiles files_;
};

TEST_F(StoragePlaceTest, WithoutAPlaceItIsTheManifestsOwn) {
  const auto entry = Find(kBoth, "");
  ASSERT_TRUE(entry.ok()) << entry.status().message();
  EXPECT_EQ(entry->plugin.manifest.id, "tutti.storage.sqlite");
  EXPECT_NE(entry->plugin.config_json.find(R"("file":"/x/tutti.db")"), std::string::npos) << entry->plugin.config_json;
  EXPECT_EQ(entry->shown, "the storage of " + files_.Path("tutti.yaml"));
}

TEST_F(StoragePlaceTest, AFileOrAUrlChoosesThePluginAndKeepsTheRestOfItsConfiguration) {
  const auto file = Find(kBoth, "/y/other.db");
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(file->plugin.config_json, R"({"readers":1,"file":"/y/other.db"})");
  const auto url = Find(kBoth, "postgresql://me:pass@host/db");
  ASSERT_TRUE(url.ok()) << url.status().message();
  EXPECT_EQ(url->plugin.manifest.id, "tutti.storage.postgresql");
  EXPECT_EQ(url->plugin.config_json, R"({"url":"postgresql://me:pass@host/db"})");
  EXPECT_EQ(url->shown, "postgresql://host/db");
  EXPECT_EQ(ReadStoragePlace("secret://DATABASE").plugin, "tutti.storage.postgresql");
}

TEST_F(StoragePlaceTest, APluginThatIsSwitchedOffIsTakenAndOneThatIsNotListedIsNamed) {
  const auto off =
      Find("  - {id: tutti.storage.sqlite}\n  - {id: tutti.storage.postgresql, enabled: false, config: {url: \"\"}}\n",
           "postgresql://host/db");
  EXPECT_TRUE(off.ok()) << off.status().message();
  const auto missing = Find("  - {id: tutti.storage.sqlite}\n", "postgresql://host/db");
  EXPECT_NE(missing.status().message().find("expected plugin tutti.storage.postgresql in `plugins`"),
            std::string_view::npos)
      << missing.status().message();
}

TEST_F(StoragePlaceTest, AManifestWithMistakesIsToldWithAllOfThem) {
  const auto bad = Find("  - {id: tutti.storage.sqlit}\n  - {id: tutti.storage.sqlite, enabeld: true}\n", "");
  EXPECT_NE(bad.status().message().find("tutti.storage.sqlite"), std::string_view::npos);
  EXPECT_NE(bad.status().message().find("enabled"), std::string_view::npos) << bad.status().message();
}

}  // namespace
}  // namespace tutti::host
