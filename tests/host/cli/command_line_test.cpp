#include "host/cli/command_line.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(CommandLine, ReadsEveryFlagOfRun) {
  const auto [line, error] = ParseCommandLine(
      {"run", "--config", "f.yaml", "--listen=[::1]:80", "--data", "/d", "--cwd", "work", "--session", "last"});
  EXPECT_EQ(error, "");
  EXPECT_EQ(line.subcommand, Subcommand::kRun);
  EXPECT_EQ(line.config, "f.yaml");
  EXPECT_EQ(line.listen, "[::1]:80");
  EXPECT_EQ(line.data, "/d");
  EXPECT_EQ(line.cwd, "work");
  EXPECT_EQ(line.session, "last");
}

TEST(CommandLine, JoinsTheWordsOfChat) {
  const auto [line, error] = ParseCommandLine(
      {"chat", "create", "an agent", "--url", "http://h:1", "now", "--timeout=5", "--", "--really", "-x"});
  EXPECT_EQ(error, "");
  EXPECT_EQ(line.subcommand, Subcommand::kChat);
  EXPECT_EQ(line.message, "create an agent now --really -x");
  EXPECT_EQ(line.url, "http://h:1");
  EXPECT_EQ(line.timeout, "5");
}

TEST(CommandLine, KnowsHelpAndVersion) {
  struct Case {
    std::vector<std::string> arguments;
    Subcommand subcommand;
    const char* about;
  };

  for (const Case& c : {Case{{}, Subcommand::kHelp, ""},
                        {{"--help"}, Subcommand::kHelp, ""},
                        {{"help", "run"}, Subcommand::kHelp, "run"},
                        {{"--version"}, Subcommand::kVersion, ""},
                        {{"run", "--help"}, Subcommand::kHelp, "run"},
                        {{"chat", "-h"}, Subcommand::kHelp, "chat"},
                        {{"check", "--help"}, Subcommand::kHelp, "check"},
                        {{"plugins", "--config", "x", "--help"}, Subcommand::kHelp, "plugins"}}) {
    const auto [line, error] = ParseCommandLine(c.arguments);
    EXPECT_EQ(error, "");
    EXPECT_EQ(line.subcommand, c.subcommand);
    EXPECT_EQ(line.help_about, c.about);
  }
}

TEST(CommandLine, NamesTheNearestOfWhatItDoesNotKnow) {
  struct Case {
    std::vector<std::string> arguments;
    const char* error;
  };

  for (const Case& c : {
           Case{{"rnu"},
                "unknown subcommand 'rnu'; expected one of run, chat, check, plugins, --version, --help. Did you "
                "mean 'run'?"},
           {{"--versoin"},
            "unknown flag '--versoin'; expected one of run, chat, check, plugins, --version, --help. Did "
            "you mean '--version'?"},
           {{"run", "--sesion", "last"},
            "unknown flag '--sesion' of tutti run; expected one of --help, --config, --listen, "
            "--data, --cwd, --session. Did you mean '--session'?"},
           {{"run", "--lisen=x"},
            "unknown flag '--lisen' of tutti run; expected one of --help, --config, --listen, --data, "
            "--cwd, --session. Did you mean '--listen'?"},
           {{"run", "--config"},
            "flag --config needs a value: --config FILE; `tutti run --help` lists what is possible"},
           {{"run", "--config", "--data", "x"},
            "flag --config needs a value: --config FILE; `tutti run --help` lists what is possible"},
           {{"run", "--config="},
            "flag --config needs a value: --config FILE; `tutti run --help` lists what is possible"},
           {{"run", "--data", "a", "--data", "b"},
            "flag --data is given twice; keep one; `tutti run --help` lists what is possible"},
           {{"run", "extra"}, "tutti run takes no text, found 'extra'; `tutti run --help` lists what is possible"},
           {{"chat"}, "tutti chat needs a message; `tutti chat --help` lists what is possible"},
           {{"chat", "  "}, "tutti chat needs a message; `tutti chat --help` lists what is possible"},
           {{"chat", "--timeout", "soon", "x"},
            "flag --timeout needs seconds from 1 to 86400, found 'soon'; `tutti chat --help` lists what is possible"},
       }) {
    const ParsedCommandLine parsed = ParseCommandLine(c.arguments);
    EXPECT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error, c.error);
  }
}

TEST(HelpText, ListsEveryFlagOfASubcommand) {
  const std::string run = HelpText("run");
  for (const char* flag : {"--config", "--listen", "--data", "--cwd", "--session", "--help"}) {
    EXPECT_NE(run.find(flag), std::string::npos) << flag;
  }
  const std::string overview = HelpText("");
  for (const char* name : {"run", "chat", "check", "plugins", "--version"}) {
    EXPECT_NE(overview.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace tutti::host
