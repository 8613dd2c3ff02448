#include "host/cli/scaffold.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/server_process.h"

namespace tutti::host {
namespace {

const ScaffoldPlaces kTheirs = {"/usr/local", "/usr/local/etc/tutti/tutti.yaml"};

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Refusal(const PluginNewOptions& options) {
  const Result<Scaffold> scaffold = MakeScaffold(Starters(), options, kTheirs);
  return std::string(scaffold.status().message());
}

std::string FileOf(const Scaffold& scaffold, const std::string& path) {
  for (const auto& [name, text] : scaffold.files) {
    if (name == path) {
      return text;
    }
  }
  return "no " + path;
}

TEST(Scaffold, EveryStarterIsAFolderOfExamplesAndAsItWasBuilt) {
  std::set<std::string> folders;
  for (const Starter& starter : Starters()) {
    const std::string kind(starter.kind);
    const std::string language(starter.language);
    folders.insert(kind + "-" + language);
    const Result<Scaffold> scaffold =
        MakeScaffold(Starters(), {kind, "org.example." + kind + "_" + language, language, ""}, kTheirs);
    ASSERT_TRUE(scaffold.ok()) << scaffold.status().ToString();
    EXPECT_GE(scaffold->files.size(), 5U) << kind << " " << language;
    for (const auto& [path, text] : scaffold->files) {
      const std::string file = std::string(TUTTI_SOURCE_DIR "/examples/") + kind + "-" + language + "/" + path;
      EXPECT_EQ(text, ReadFile(file)) << file;
    }
  }
  EXPECT_EQ(folders, (std::set<std::string>{"command-c", "command-cpp", "command-rust", "hook-c", "hook-cpp",
                                            "hook-rust", "model-cpp", "runtime-cpp", "storage-cpp", "template-cpp"}));
}

TEST(Scaffold, NamesAndPlacesAreReplaced) {
  const Result<Scaffold> scaffold =
      MakeScaffold(Starters(), {"hook", "net.site.hook_cpp_no-rm", "cpp", ""}, {"/opt/t", "/srv/tutti.yaml"});
  ASSERT_TRUE(scaffold.ok()) << scaffold.status().ToString();
  EXPECT_EQ(scaffold->directory, "hook_cpp_no-rm");
  EXPECT_NE(FileOf(*scaffold, "plugin.yaml").find("id: net.site.hook_cpp_no-rm\n"), std::string::npos);
  EXPECT_NE(FileOf(*scaffold, "plugin.yaml").find("library: hook_cpp_no_rm.so\n"), std::string::npos);
  EXPECT_NE(
      FileOf(*scaffold, "src/plugin.cpp").find("TUTTI_PLUGIN(HookCppNoRm, \"net.site.hook_cpp_no-rm\", \"0.1.0\")"),
      std::string::npos);
  EXPECT_NE(FileOf(*scaffold, "run.yaml").find("include: [\"/srv/tutti.yaml\", entry.yaml]"), std::string::npos);
  EXPECT_NE(FileOf(*scaffold, "CMakeLists.txt").find("set(TUTTI_PREFIX \"/opt/t\" CACHE"), std::string::npos);
}

TEST(Scaffold, RefusalsNameWhatWasExpectedAndTheNearest) {
  EXPECT_EQ(
      Refusal({"hok", "org.example.a", "cpp", ""}),
      "unknown kind 'hok'; expected one of command, hook, model, runtime, storage, template. Did you mean 'hook'?");
  EXPECT_EQ(Refusal({"transport", "org.example.a", "cpp", ""}),
            "there is no starter for a transport, whose tables are those of tutti/abi/transport.h; expected one of "
            "command, hook, model, runtime, storage, template");
  EXPECT_EQ(Refusal({"hook", "org.example.a", "rusty", ""}),
            "there is no starter for a hook in 'rusty'; expected --language c, cpp, rust. Did you mean 'rust'?");
  EXPECT_EQ(Refusal({"model", "org.example.a", "c", ""}),
            "there is no starter for a model in 'c'; expected --language cpp");
}

TEST(Scaffold, RefusesIdsThatNoPluginMayHave) {
  const std::string expected =
      "expected an id in reverse domain order such as org.example.careful, of a-z, 0-9, '_' and '-', its last part "
      "beginning with a letter, at most 128 letters; found ";
  EXPECT_EQ(Refusal({"hook", "", "cpp", ""}), expected + "''");
  EXPECT_EQ(Refusal({"hook", "careful", "cpp", ""}), expected + "'careful'. Did you mean 'org.example.careful'?");
  EXPECT_EQ(Refusal({"hook", "Org.Example.My Hook", "cpp", ""}),
            expected + "'Org.Example.My Hook'. Did you mean 'org.example.my-hook'?");
  for (const char* id : {"org.example.2nd", "org..a", ".a.b", "a.b.", "org.example._a", "../../etc.x", "a.b/c"}) {
    EXPECT_EQ(Refusal({"hook", id, "cpp", ""}).substr(0, expected.size()), expected) << id;
  }
  EXPECT_EQ(Refusal({"hook", "a." + std::string(127, 'b'), "cpp", ""}).substr(0, expected.size()), expected);
  EXPECT_EQ(Refusal({"hook", "a." + std::string(126, 'b'), "cpp", ""}), "");
}

TEST(Scaffold, WritesAFolderOnceAndNeverOverAnother) {
  const test::TemporaryDirectory directory;
  const std::string folder = directory.path() + "/new";
  const Result<Scaffold> scaffold = MakeScaffold(Starters(), {"hook", "org.example.a", "c", folder}, kTheirs);
  ASSERT_TRUE(scaffold.ok());
  ASSERT_TRUE(WriteScaffold(*scaffold).ok());
  EXPECT_EQ(ReadFile(folder + "/plugin.yaml"), FileOf(*scaffold, "plugin.yaml"));
  EXPECT_EQ(WriteScaffold(*scaffold).message(),
            "expected a directory that does not exist or is empty, found something at " + folder +
                "; name another with --directory DIR");
}

TEST(Scaffold, SaysWhereItCannotWrite) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.WriteFile("file", "x");
  const Status status = WriteScaffold({file + "/below", {{"plugin.yaml", "id: a.b\n"}}});
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find(file + "/below/plugin.yaml"), std::string::npos) << status.message();
}

TEST(Scaffold, ClassNamesAreCapitalised) {
  EXPECT_EQ(ClassName("careful"), "Careful");
  EXPECT_EQ(ClassName("my-first_hook"), "MyFirstHook");
  EXPECT_EQ(ClassName("a--b_"), "AB");
}

}  // namespace
}  // namespace tutti::host
