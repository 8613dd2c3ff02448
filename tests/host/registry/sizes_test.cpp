// Plugins whose structs are larger or smaller than the host's load, or are refused with a sentence: by rule, never by
// chance.
#include <ostream>

#include "tests/host/dispatch/test_core.h"

namespace tutti::host {
namespace {

struct Specimen {
  const char* library;
  const char* expected;  // a part of the sentence, or the whole answer
};

std::ostream& operator<<(std::ostream& out, const Specimen& specimen) {
  return out << specimen.library;
}

class Sizes : public TestCore, public ::testing::WithParamInterface<Specimen> {
 protected:
  static PluginSpec Sized(const std::string& library) {
    PluginSpec spec;
    spec.id = "test.sized";
    spec.version = "1.0.0";
    spec.library = std::filesystem::path(SIZED_PLUGINS) / (library + ".so");
    spec.kinds = {"command"};
    return spec;
  }
};

TEST_P(Sizes, TooSmallOrIncompleteIsRefusedWithASentence) {
  PluginInstance plugin(Sized(GetParam().library), &core_, &FindService);
  Status status = plugin.Create(LibraryStore(directory_));
  if (status.ok()) {
    status = plugin.Init();
  }
  EXPECT_EQ(status.code(), Code::kFailedPrecondition) << status.ToString();
  EXPECT_NE(status.message().find(GetParam().expected), std::string_view::npos) << status.message();
}

INSTANTIATE_TEST_SUITE_P(
    Table, Sizes,
    ::testing::Values(Specimen{"older_major", "built for plugin ABI 0, this host speaks 1"},
                      Specimen{"newer_major", "built for plugin ABI 2, this host speaks 1"},
                      Specimen{"small_entry", "lacks an id, a version or create"},
                      Specimen{"small_object", "found size 16; set `size` to sizeof(tutti_plugin)"},
                      Specimen{"large_object", "it must not fill more than the host's `size`"},
                      Specimen{"no_extension", "found a NULL among them"},
                      Specimen{"small_table",
                               "expected a table of at least 24 bytes under tutti.command/1, found size 16"},
                      Specimen{"empty_table", "found NULL at byte 16"}));

class ServedSizes : public Sizes {};

TEST_P(ServedSizes, SameAndNewerAreServed) {
  Load(Sized(GetParam().library));
  EXPECT_EQ(*Run("sized.answer", "{}"), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Table, ServedSizes,
                         ::testing::Values(Specimen{"same", "\"answer\""}, Specimen{"newer", "\"answer\""}));

}  // namespace
}  // namespace tutti::host
