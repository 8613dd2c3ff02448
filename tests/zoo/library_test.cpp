// Files that are no plugin, or not the one they should be: left out with a sentence.
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>

#include "tests/zoo/zoo.h"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;

struct File {
  const char* name;
  const char* specimen;
  std::function<void(const fs::path&)> spoil;  // the library; may be empty
  const char* reason;
};

void Nothing(const fs::path&) {}

// Within what is loaded, whatever the build adds behind it: after the headers, which take the first page.
void Truncate(const fs::path& library) {
  fs::resize_file(library, 4096);
}

void Empty(const fs::path& library) {
  fs::resize_file(library, 0);
}

const File kFiles[] = {
    {"WrongMagic", "animal_magic", &Nothing, "does not begin with the magic number of a Tutti plugin"},
    {"WrongMajor", "animal_major", &Nothing, "built for plugin ABI 99, this host speaks "},
    {"WrongSize", "animal_size", &Nothing, "lacks an id, a version or create"},
    {"NoEntry", "animal_entry", &Nothing, "expected the exported symbol tutti_plugin_entry, found none"},
    {"Truncated", "animal", &Truncate, "; it was cut off, copy or install it again"},
    {"Empty", "animal", &Empty, "cannot be loaded: "},
};

class Library : public Zoo, public testing::WithParamInterface<std::tuple<File, Place>> {};

TEST_P(Library, ThatIsNoneIsLeftOutAndSaysWhy) {
  const auto& [file, place] = GetParam();
  Take("", place, "[command]", {}, file.specimen);
  file.spoil(directory_.path() + "/plugins/animal/specimen.so");
  Open();
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find(file.reason), std::string::npos) << Reason();
  EXPECT_TRUE(HasSaid("not started: org.example.animal: ")) << server().output();
  Close();
}

INSTANTIATE_TEST_SUITE_P(All, Library, testing::Combine(testing::ValuesIn(kFiles), testing::ValuesIn(kPlaces)),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param).name) + NameOf(std::get<1>(each.param));
                         });

class OddLibrary : public Zoo, public testing::WithParamInterface<Place> {
 protected:
  [[nodiscard]] fs::path LibraryFile() const { return directory_.path() + "/plugins/animal/specimen.so"; }
};

TEST_P(OddLibrary, BehindALinkIsLeftOutAndSaysWhy) {
  Take("", GetParam());
  const fs::path elsewhere = directory_.path() + "/elsewhere.so";
  fs::rename(LibraryFile(), elsewhere);
  fs::create_symlink(elsewhere, LibraryFile());
  Open();
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find("is reached through a link that leads out of its folder"), std::string::npos) << Reason();
  Close();
}

// Nothing of these is opened: a pipe would be waited for, a device read without end.
TEST_P(OddLibrary, ThatIsNoFileIsFoundBeforeTheStart) {
  const std::function<void()> makes[] = {
      [this] { fs::create_symlink("/nowhere/specimen.so", LibraryFile()); },
      [this] { fs::create_symlink("/dev/zero", LibraryFile()); },
      [this] { ASSERT_EQ(::mkfifo(LibraryFile().c_str(), 0600), 0); },
      [this] { fs::create_directory(LibraryFile()); },
  };
  Take("", GetParam());
  for (const auto& make : makes) {
    fs::remove(LibraryFile());
    make();
    Launch();
    EXPECT_EQ(server().WaitForExit(), 2) << server().output();
    EXPECT_TRUE(HasSaid("expected the library " + LibraryFile().string() + ", found no such file"))
        << server().output();
  }
}

TEST_P(OddLibrary, ThatExportsTwentySymbolsChangesNobodyElses) {
  Take("", GetParam(), "[command]", {}, "animal_crowd");
  List("tutti.storage.sqlite", "config: {file: \"${TUTTI_DATA}/tutti.db\"}");
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  // The storage steps with the database's sqlite3_step, not with the one that was exported.
  EXPECT_EQ(Run("keeper.execute").status, 200) << Run("keeper.execute").body;
  Close();
}

INSTANTIATE_TEST_SUITE_P(Both, OddLibrary, testing::ValuesIn(kPlaces),
                         [](const auto& each) { return NameOf(each.param); });

}  // namespace
}  // namespace tutti::test
