// Mistakes in the manifest: found before anything runs, all at once.
#include <string>

#include "tests/system/command_run.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class ManifestMistakes : public RunningServer {
 protected:
  CommandRun Tutti(const std::string& subcommand) {
    std::vector<std::string> arguments = {subcommand, "--config", config_,           "--data",
                                          data_,      "--cwd",    working_directory_};
    if (subcommand == "run") {
      arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
    }
    return RunTutti(arguments, {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  }
};

TEST_F(ManifestMistakes, GoodManifestPassesTheCheck) {
  const CommandRun check = Tutti("check");
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_EQ(check.output, "ok: 11 plugins\n");
}

TEST_F(ManifestMistakes, AllAreReportedInOnePassWithPlaceAndNearestName) {
  Overlay("broken",
          "version: 1\n"
          "plugins:\n"
          "  - id: tutti.hooks.gaurd\n"
          "  - id: tutti.hooks.guard\n"
          "    config: {max_comand_bytes: 300}\n"
          "  - id: tutti.transport.http\n"
          "    config: {workers: many}\n"
          "host:\n"
          "  stop_timeout: 3\n");
  const CommandRun check = Tutti("check");
  EXPECT_EQ(check.status, 2) << check.output;
  const std::string file = "broken.yaml:";
  const std::pair<const char*, const char*> expected[] = {
      {"3", "tutti.hooks.guard"}, {"5", "max_command_bytes"}, {"7", "workers"}, {"9", "stop_timeout_ms"}};
  for (const auto& [line, name] : expected) {
    const std::size_t at = check.output.find(file + line + ":");
    ASSERT_NE(at, std::string::npos) << file << line << " in\n" << check.output;
    const std::string sentence = check.output.substr(at, check.output.find('\n', at) - at);
    EXPECT_NE(sentence.find(name), std::string::npos) << sentence;
  }

  const CommandRun run = Tutti("run");
  EXPECT_EQ(run.status, 2) << run.output;
  EXPECT_EQ(run.output, check.output);
}

TEST_F(ManifestMistakes, PluginsListsWhatIsOff) {
  Overlay("off", "version: 1\nplugins:\n  - {id: tutti.hooks.guard, enabled: false}\n");
  const CommandRun plugins = Tutti("plugins");
  EXPECT_EQ(plugins.status, 0) << plugins.output;
  const std::size_t at = plugins.output.find("tutti.hooks.guard");
  ASSERT_NE(at, std::string::npos) << plugins.output;
  EXPECT_NE(plugins.output.substr(at, plugins.output.find('\n', at) - at).find("disabled"), std::string::npos)
      << plugins.output;
}

}  // namespace
}  // namespace tutti::test
