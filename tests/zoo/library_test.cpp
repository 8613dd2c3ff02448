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

void Truncate(const fs::path& library) {
  fs::resize_file(library, fs::file_size(library) / 2);
}

void Empty(const fs::path& library) {
  fs::resize_file(library, 0);
}

void LinkTo(const fs::path& library, const char* target) {
  fs::remove(library);
  fs::create_symlink(target, library);
}

const File kFiles[] = {
    {"WrongMagic", "animal_magic", &Nothing, "does not begin with the magic number of a Tutti plugin"},
    {"WrongMajor", "animal_major", &Nothing, "built for plugin ABI 99, this host speaks "},
    {"WrongSize", "animal_size", &Nothing, "lacks an id, a version or create"},
    {"NoEntry", "animal_entry", &Nothing, "expected the exported symbol tutti_plugin_entry, found none"},
    {"Truncated", "animal", &Truncate, "cannot be loaded: "},
    {"Empty", "animal", &Empty, "cannot be loaded: "},
    {"LinkToNothing", "animal", [](const fs::path& library) { LinkTo(library, "/nowhere/specimen.so"); },
     "specimen.so"},
    {"LinkToADevice", "animal", [](const fs::path& library) { LinkTo(library, "/dev/zero"); }, "no regular file"},
    {"Pipe", "animal",
     [](const fs::path& library) {
       fs::remove(library);
       ASSERT_EQ(::mkfifo(library.c_str(), 0600), 0);
     },
     "no regular file"},
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

class OddLibrary : public Zoo, public testing::WithParamInterface<Place> {};

TEST_P(OddLibrary, BehindALinkIsCopiedAndKnownByItsBytes) {
  Take("", GetParam());
  Open();
  const std::string sha256(Info(kAnimal)["sha256"].AsString());
  Close();
  const fs::path library = directory_.path() + "/plugins/animal/specimen.so";
  const fs::path elsewhere = directory_.path() + "/elsewhere.so";
  fs::rename(library, elsewhere);
  fs::create_symlink(elsewhere, library);
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(Info(kAnimal)["sha256"].AsString(), sha256);
  // What runs is the copy: the file behind the link may go.
  fs::remove(elsewhere);
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(Manage("reload", kAnimal).status, 409);
  EXPECT_EQ(Run("animal.do").status, 200);
  Close();
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
