#include "host/registry/library_store.h"

#include <fstream>

#include "tests/host/dispatch/test_core.h"

namespace tutti::host {
namespace {

class LibraryStoreTest : public TestCore {};

TEST_F(LibraryStoreTest, NamesTheFileAndTheReason) {
  const LibraryStore store(directory_);
  EXPECT_EQ(store.Load(directory_ / "missing.so").status().code(), Code::kNotFound);
  const auto text = directory_ / "text.so";
  std::ofstream(text) << "not a library";
  const Status status = store.Load(text).status();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("text.so"), std::string_view::npos) << status.message();
  EXPECT_NE(status.message().find("file too short"), std::string_view::npos) << status.message();
}

TEST_F(LibraryStoreTest, ALibraryThatIsNotThePinnedOneIsNeitherCopiedNorOpened) {
  const LibraryStore store(directory_);
  const PluginSpec spec = SpecOf("probe", {"command"});
  const Result<LibraryCopy> copy = store.Copy(spec.library);
  ASSERT_TRUE(copy.ok()) << copy.status().ToString();
  EXPECT_TRUE(store.Copy(spec.library, copy->sha256).ok());
  const Status status = store.Copy(spec.library, std::string(64, '0')).status();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find(copy->sha256), std::string_view::npos) << status.message();
  for (const auto& left : std::filesystem::directory_iterator(directory_)) {
    EXPECT_NE(left.path().extension(), ".part") << left.path();
  }
}

TEST_F(LibraryStoreTest, ACopyThatSomebodyChangedIsReplaced) {
  const LibraryStore store(directory_);
  const PluginSpec spec = SpecOf("probe", {"command"});
  const Result<LibraryCopy> copy = store.Copy(spec.library);
  ASSERT_TRUE(copy.ok()) << copy.status().ToString();
  std::filesystem::permissions(copy->path, std::filesystem::perms::owner_all);
  std::ofstream(copy->path, std::ios::app) << "more";
  const Result<LoadedLibrary> loaded = store.Load(spec.library);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(std::filesystem::file_size(copy->path), std::filesystem::file_size(spec.library));
}

TEST_F(LibraryStoreTest, AManifestThatDisagreesWithTheLibraryIsRefused) {
  PluginSpec spec = SpecOf("probe", {"command"});
  spec.version = "2.0.0";
  PluginInstance plugin(spec, &core_, &FindService);
  const Status status = plugin.Create(LibraryStore(directory_));
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("the library says test.probe 1.0.0"), std::string_view::npos) << status.message();
}

TEST_F(LibraryStoreTest, AKindThatIsDeclaredButNotServedIsRefused) {
  PluginInstance plugin(SpecOf("probe", {"command", "storage"}), &core_, &FindService);
  ASSERT_TRUE(plugin.Create(LibraryStore(directory_)).ok());
  const Status status = plugin.Init();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("declares the kind storage"), std::string_view::npos) << status.message();
}

}  // namespace
}  // namespace tutti::host
