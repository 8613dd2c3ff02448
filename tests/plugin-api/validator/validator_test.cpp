#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <string>
#include <utility>

#include "cases.h"
#include "child.h"

namespace tutti::validator {
namespace {

constexpr std::chrono::milliseconds kLimit{30000};
// Small, and the same random bodies every time.
constexpr Effort kEffort = Effort::Quick();
// For the specimen that must be killed.
constexpr std::chrono::milliseconds kShortLimit{500};

Outcome Try(const std::string& specimen, std::string_view case_name, std::chrono::milliseconds limit = kLimit) {
  const auto folder = ReadFolder(std::filesystem::path(SPECIMENS) / specimen);
  if (!folder.ok()) {
    return Outcome::Fail(folder.status().ToString());
  }
  for (const Case& item : Cases()) {
    if (item.name == case_name) {
      return RunCase(item, *folder, kEffort, limit);
    }
  }
  return Outcome::Fail("no such case");
}

// Exit code and output of the binary.
std::pair<int, std::string> RunBinary(const std::string& arguments) {
  const std::string command = std::string(VALIDATE_BINARY) + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  return {WEXITSTATUS(pclose(pipe)), output};
}

struct Expected {
  const char* specimen;
  const char* case_name;
  Verdict verdict;
  const char* sentence;  // a part of it
};

std::ostream& operator<<(std::ostream& out, const Expected& expected) {
  return out << expected.specimen << " in " << expected.case_name;
}

class Specimens : public ::testing::TestWithParam<Expected> {};

TEST_P(Specimens, GetTheVerdictTheyDeserve) {
  if (kIsHeapHidden && std::string_view(GetParam().case_name) == "memory") {
    GTEST_SKIP() << "the leak checker of the sanitizer does this";
  }
  const Outcome outcome = Try(GetParam().specimen, GetParam().case_name);
  EXPECT_EQ(VerdictName(outcome.verdict), VerdictName(GetParam().verdict)) << outcome.sentence;
  EXPECT_NE(outcome.sentence.find(GetParam().sentence), std::string::npos) << outcome.sentence;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Specimens,
    ::testing::Values(
        Expected{"wrong_magic", "entry", Verdict::kFail, "expected the magic number 1414813012"},
        Expected{"wrong_magic", "lifecycle", Verdict::kSkip, "see the case `entry`"},
        Expected{"wrong_id", "manifest", Verdict::kFail,
                 "has the id org.example.specimen, the library org.example.other"},
        Expected{"wrong_kind", "manifest", Verdict::kFail, "declares the kind command"},
        Expected{"extra_export", "exports", Verdict::kFail, "specimen_helper"},
        Expected{"finishes_twice", "finish", Verdict::kFail, "was finished 2 times"},
        Expected{"never_finishes", "finish", Verdict::kFail, "was not finished within"},
        Expected{"ignores_cancel", "cancel", Verdict::kFail, "after it was cancelled"},
        Expected{"ignores_cancel", "finish", Verdict::kPass, "1 call finished exactly once"},
        Expected{"crashes_in_init", "lifecycle", Verdict::kCrash, "the process"},
        Expected{"exits", "finish", Verdict::kCrash, "exit code 3"},
        Expected{"needs_a_database", "lifecycle", Verdict::kSkip, "expected a database at db.example"},
        Expected{"needs_a_database", "finish", Verdict::kSkip, "expected a database at db.example"},
        Expected{"takes_any_config", "bad_config", Verdict::kFail, "which is no JSON"},
        Expected{"retries_emit", "would_block", Verdict::kFail, "takes no events"},
        Expected{"late_crash", "late_finish", Verdict::kCrash, "Aborted"},
        Expected{"late_crash", "finish", Verdict::kPass, "exactly once"},
        Expected{"loose_definition", "commands", Verdict::kFail, "has effects ``"},
        Expected{"unknown_point", "points", Verdict::kFail, "did you mean 'PreToolUse'?"},
        Expected{"wrong_mode", "points", Verdict::kFail, "takes the hook point Stop as gate"},
        Expected{"later_schema", "schemas", Verdict::kFail,
                 "/dependentRequired: this keyword is of a later draft than 7"},
        Expected{"acts_early", "conduct", Verdict::kFail,
                 "tutti.host.executor/0 post was called while the plugin was [created]"},
        Expected{"answers_text", "conduct", Verdict::kFail, "the body \"hello\", which is no JSON"},
        Expected{"speaks_late", "conduct", Verdict::kFail, "after deactivate had returned"},
        Expected{"undeclared", "permissions", Verdict::kFail, "the permission commands"},
        Expected{"trusts_services", "services", Verdict::kCrash, "while trying a host without tutti.host.log/1"},
        Expected{"trusts_services", "finish", Verdict::kPass, "exactly once"},
        Expected{"trusts_sizes", "sizes", Verdict::kCrash,
                 "tutti.host.log/1 with a table that ends before its last function"},
        Expected{"trusts_sizes", "services", Verdict::kPass, "refuses the rest with a sentence"},
        Expected{"fills_all", "sizes", Verdict::kCrash, "room for a tutti_plugin that ends before get_extension"},
        Expected{"tires", "activations", Verdict::kFail, "activation 50 was refused"},
        Expected{"tires", "lifecycle", Verdict::kPass, "activated twice"},
        Expected{"speaks_late", "deactivate", Verdict::kFail, "after deactivate had returned"},
        Expected{"never_finishes", "deactivate", Verdict::kFail, "was not finished after it was cancelled"},
        Expected{"leaves_thread", "leftovers", Verdict::kFail, "join them in deactivate"},
        Expected{"leaves_descriptor", "leftovers", Verdict::kFail, "descriptors more are open"},
        Expected{"one_at_a_time", "race", Verdict::kFail, "was not finished within"},
        Expected{"one_at_a_time", "finish", Verdict::kPass, "exactly once"},
        Expected{"trusts_args", "random", Verdict::kCrash, "(--seed 1) of command specimen.greet"},
        Expected{"grows", "memory", Verdict::kFail, "and did not stop"}));

TEST(Validator, PassesAGoodPluginInEveryCase) {
  for (const Case& item : Cases()) {
    const Outcome outcome = Try("good", item.name);
    EXPECT_EQ(VerdictName(outcome.verdict), kIsHeapHidden && item.name == "memory" ? "skip" : "pass")
        << item.name << ": " << outcome.sentence;
  }
}

// A struct whose size nobody set is told; that it is then not finished is another case's finding.
TEST(Validator, SaysThatAStructHasNoSize) {
  const Outcome outcome = Try("sizeless_outcome", "finish");
  EXPECT_EQ(VerdictName(outcome.verdict), "pass") << "the fake host itself is lenient: " << outcome.sentence;
  const Outcome conduct = Try("sizeless_outcome", "conduct");
  EXPECT_EQ(VerdictName(conduct.verdict), "fail");
  EXPECT_NE(conduct.sentence.find("tutti.host.calls/1 finish was given a struct of size 0"), std::string::npos)
      << conduct.sentence;
}

#if defined(__SANITIZE_THREAD__)
TEST(Validator, TellsADataRaceInABuildWithTheThreadSanitizer) {
  const auto [code, output] = RunBinary(std::string(SPECIMENS) + "/data_race --tsan --case race");
  EXPECT_EQ(code, 1) << output;
  EXPECT_NE(output.find("the thread sanitizer found a data race"), std::string::npos) << output;
  EXPECT_EQ(RunBinary(std::string(SPECIMENS) + "/good --tsan").first, 0);
}
#else
TEST(Validator, WantsTheThreadSanitizerForTsan) {
  const auto [code, output] = RunBinary(std::string(SPECIMENS) + "/good --tsan");
  EXPECT_EQ(code, 2);
  EXPECT_NE(output.find("built with -fsanitize=thread"), std::string::npos) << output;
}
#endif

TEST(Validator, KillsACaseThatDoesNotComeBack) {
  const Outcome outcome = Try("hangs_in_activate", "lifecycle", kShortLimit);
  EXPECT_EQ(VerdictName(outcome.verdict), "crash");
  EXPECT_NE(outcome.sentence.find("did not come back within 500 ms"), std::string::npos) << outcome.sentence;
}

TEST(ValidatorBinary, ExitCodeSaysWhetherSomethingFailed) {
  const std::string specimens = SPECIMENS;
  EXPECT_EQ(RunBinary(specimens + "/good --case entry --case exports").first, 0);
  EXPECT_EQ(RunBinary(specimens + "/needs_a_database --case lifecycle").first, 0);
  EXPECT_EQ(RunBinary(specimens + "/wrong_magic --case entry").first, 1);
  EXPECT_EQ(RunBinary(specimens + "/late_crash --case late_finish").first, 1);
}

TEST(ValidatorBinary, WrongUseExitsWithTwoAndSaysWhy) {
  const struct {
    const char* arguments;
    const char* sentence;
  } cases[] = {
      {"", "expected the directory of a plugin"},    {"/ --case none", "no case is named none"},
      {"/ --what", "no option is named --what"},     {"/ --limit-ms x", "expected a positive number"},
      {"/ --case", "expected a value after --case"}, {"/ --seed x", "expected a positive number after --seed"},
      {"/ --quick --tsan", "exclude each other"},    {"/nowhere", "expected the plugin's manifest"},
  };

  for (const auto& item : cases) {
    const auto [code, output] = RunBinary(item.arguments);
    EXPECT_EQ(code, 2) << item.arguments;
    EXPECT_NE(output.find(item.sentence), std::string::npos) << item.arguments << ": " << output;
  }
}

TEST(ValidatorBinary, ListNamesEveryCase) {
  const auto [code, output] = RunBinary("--list");
  EXPECT_EQ(code, 0);
  for (const Case& item : Cases()) {
    EXPECT_NE(output.find(item.name), std::string::npos) << item.name;
  }
}

class Manifests : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / "validator-test-XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string ProblemWith(const std::string& yaml) {
    std::ofstream(directory_ + "/plugin.yaml") << yaml;
    return ReadFolder(directory_).status().ToString();
  }

  std::string directory_;
};

TEST_F(Manifests, ProblemsNameTheKey) {
  const struct {
    const char* yaml;
    const char* sentence;
  } cases[] = {
      {"[]", "expected a map"},
      {"id: [1]", "expected a text at `id`"},
      {"id: a\nversion: 1.0.0\nlibrary: a.so\nabi: 1\nkinds: [hok]", "expected one of command, hook"},
      {"id: a\nversion: 1.0.0\nlibrary: a.so\nabi: 1\nkinds: []", "at least one name at `kinds`"},
      {"id: a\nversion: 1.0.0\nlibrary: a.so\nabi: 1\nkinds: [hook]\npoints: {Stop: watch}", "points/Stop"},
      {"id: a\nversion: 1.0.0\nlibrary: a.so\nabi: 1\nkinds: [hook]", "found no "},
      {"id: {", "plugin.yaml"},
  };

  for (const auto& item : cases) {
    const std::string problem = ProblemWith(item.yaml);
    EXPECT_NE(problem.find(item.sentence), std::string::npos) << item.yaml << "\n" << problem;
  }
}

TEST_F(Manifests, DefaultsOfTheSchemaBecomeTheConfiguration) {
  std::ofstream(directory_ + "/a.so") << "";
  std::ofstream(directory_ + "/plugin.yaml")
      << "id: a\nversion: 1.0.0\nlibrary: a.so\nabi: 1\nkinds: [hook]\n"
         "points: {PreToolUse: [gate, record]}\n"
         "config:\n  properties:\n"
         "    text: {type: string, default: \"7\"}\n"
         "    number: {type: integer, default: 7}\n"
         "    flag: {type: boolean, default: true}\n"
         "    list: {type: array, default: [1.5, null, {a: b}]}\n"
         "    place: {type: string, default: '${TUTTI_DATA}/a-${NAME:-b}${NONE}'}\n"
         "    port:\n      type: integer\n      default: ${PORT:-80}\n"
         "    none: {type: string}\n"
         "    nested: {type: object, properties: {deep: {default: yes}}}\n";
  const auto folder = ReadFolder(directory_);
  ASSERT_TRUE(folder.ok()) << folder.status().ToString();
  EXPECT_EQ(
      folder->config,
      R"({"text":"7","number":7,"flag":true,"list":[1.5,null,{"a":"b"}],"place":"./a-b","port":80,"nested":{"deep":"yes"}})");
  ASSERT_EQ(folder->points.size(), 1U);
  EXPECT_EQ(folder->points[0].modes, (std::set<std::string>{"gate", "record"}));
}

}  // namespace
}  // namespace tutti::validator
