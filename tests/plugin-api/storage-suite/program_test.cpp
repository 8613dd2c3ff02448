// tutti-storage-suite as its user runs it.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

struct Ended {
  int status = -1;
  std::string output;
};

Ended RunSuite(const std::string& arguments) {
  Ended ended;
  FILE* pipe = ::popen((std::string(TUTTI_STORAGE_SUITE) + " " + arguments + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
    ended.output += buffer;
  }
  const int status = pipe == nullptr ? -1 : ::pclose(pipe);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

TEST(StorageSuiteProgram, AStorageThatKeepsNothingPassesNoCaseOfRows) {
  const Ended ended = RunSuite("--level basic " TUTTI_AGREEABLE);
  EXPECT_EQ(ended.status, 1) << ended.output;
  for (const char* name : {"OneFailingOperationLeavesNothingBehind", "RightsAreCheckedPerPartTableAndVerb",
                           "JournalAndRowsSurviveReopening", "ValuesOfWrongFormAreRefused"}) {
    EXPECT_NE(ended.output.find(std::string("FAIL ") + name), std::string::npos) << name << "\n" << ended.output;
  }
  EXPECT_EQ(ended.output.find("cases of level full"), std::string::npos);
}

TEST(StorageSuiteProgram, ConfigurationIsLaidOverTheDefaultsAndResetRunsFirst) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tutti-suite-XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  const std::string trace = (directory / "trace").string();
  const std::string reset = (directory / "reset").string();
  const Ended ended =
      RunSuite("--case EnsureSchemaIsIdempotent --reset 'echo x >> " + reset +
               R"(' --config '{"where":"{directory}/db","trace":")" + trace + R"("}' )" TUTTI_AGREEABLE);
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_NE(ended.output.find("test.agreeable 1.0.0: 1 of 1 cases of level full passed"), std::string::npos)
      << ended.output;
  std::stringstream text;
  text << std::ifstream(trace).rdbuf() << std::ifstream(reset).rdbuf();
  EXPECT_NE(text.str().find(R"({"file":"here","where":"/)"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("}x\n"), std::string::npos) << text.str();
  EXPECT_EQ(text.str().find("{directory}"), std::string::npos) << text.str();
  std::filesystem::remove_all(directory);
}

TEST(StorageSuiteProgram, AResetThatFailsFailsTheCase) {
  const Ended ended = RunSuite("--case EnsureSchemaIsIdempotent --reset false " TUTTI_AGREEABLE);
  EXPECT_EQ(ended.status, 1) << ended.output;
  EXPECT_NE(ended.output.find("the command of --reset ended with status"), std::string::npos) << ended.output;
}

TEST(StorageSuiteProgram, MistakesOfTheCommandEndWithTwo) {
  EXPECT_EQ(RunSuite("/nonexistent").status, 2);
  EXPECT_EQ(RunSuite("--case Nothing " TUTTI_AGREEABLE).status, 2);
  EXPECT_EQ(RunSuite("--level most " TUTTI_AGREEABLE).status, 2);
  EXPECT_EQ(RunSuite("--help").status, 0);
  const Ended list = RunSuite("--level basic --list");
  EXPECT_EQ(list.status, 0);
  EXPECT_EQ(list.output.find("FullStorage"), std::string::npos) << list.output;
}

}  // namespace
