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

TEST(CommandLine, ReadsOperandsAndFlagsOfPluginVerbs) {
  const auto [install, error] =
      ParseCommandLine({"plugin", "install", "--pin", "a.tutti-plugin", "--to=/p", "--data", "/d"});
  EXPECT_EQ(error, "");
  EXPECT_EQ(install.subcommand, Subcommand::kPluginInstall);
  EXPECT_EQ(install.operands, std::vector<std::string>{"a.tutti-plugin"});
  EXPECT_TRUE(install.pin);
  EXPECT_EQ(install.to, "/p");
  EXPECT_EQ(install.data, "/d");
  const CommandLine pack = ParseCommandLine({"plugin", "pack", "dir", "-o", "file"}).command_line;
  EXPECT_EQ(pack.subcommand, Subcommand::kPluginPack);
  EXPECT_EQ(pack.output, "file");
  const CommandLine made = ParseCommandLine({"plugin", "new", "hook", "a.b", "--language", "c"}).command_line;
  EXPECT_EQ(made.operands, (std::vector<std::string>{"hook", "a.b"}));
  EXPECT_EQ(made.language, "c");
  const CommandLine validate = ParseCommandLine({"plugin", "validate", "dir", "--", "--quick"}).command_line;
  EXPECT_EQ(validate.operands, (std::vector<std::string>{"dir", "--quick"}));
  EXPECT_TRUE(ParseCommandLine({"plugin", "pin", "a.b", "-y"}).command_line.yes);
  EXPECT_EQ(ParseCommandLine({"plugin", "disable", "a.b", "--drain", "cancel"}).command_line.drain, "cancel");
}

TEST(CommandLine, HelpsWithPlugins) {
  for (const auto& [arguments, about] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{{{"plugin"}, "plugin"},
                                                                     {{"plugin", "--help"}, "plugin"},
                                                                     {{"plugin", "help"}, "plugin"},
                                                                     {{"plugin", "help", "pack"}, "plugin pack"},
                                                                     {{"plugin", "pack", "--help"}, "plugin pack"},
                                                                     {{"help", "plugin"}, "plugin"},
                                                                     {{"help", "plugin", "pin"}, "plugin pin"}}) {
    const auto [line, error] = ParseCommandLine(arguments);
    EXPECT_EQ(error, "");
    EXPECT_EQ(line.subcommand, Subcommand::kHelp);
    EXPECT_EQ(line.help_about, about);
  }
  for (const char* verb : {"new", "validate", "pack", "install", "list", "info", "verify", "pin", "unpin", "enable",
                           "disable", "reload", "purge", "keygen", "sign"}) {
    EXPECT_NE(HelpText("plugin").find("\n  " + std::string(verb) + " "), std::string::npos) << verb;
    EXPECT_TRUE(HelpText("plugin " + std::string(verb)).starts_with("Usage: tutti plugin " + std::string(verb)))
        << verb;
  }
  EXPECT_NE(HelpText("plugin pack").find("-o, --output FILE"), std::string::npos) << HelpText("plugin pack");
}

TEST(CommandLine, ReadsOperandsAndFlagsOfStorageVerbs) {
  const CommandLine copy =
      ParseCommandLine({"storage", "copy", "--from", "a.db", "--to=postgresql://h/d", "--data", "/d"}).command_line;
  EXPECT_EQ(copy.subcommand, Subcommand::kStorageCopy);
  EXPECT_EQ(copy.from, "a.db");
  EXPECT_EQ(copy.to, "postgresql://h/d");
  const CommandLine write = ParseCommandLine({"storage", "export-agent", "id", "file"}).command_line;
  EXPECT_EQ(write.subcommand, Subcommand::kStorageExportAgent);
  EXPECT_EQ(write.operands, (std::vector<std::string>{"id", "file"}));
  EXPECT_EQ(ParseCommandLine({"storage", "check", "--against", "x"}).command_line.against, "x");
  EXPECT_EQ(ParseCommandLine({"storage"}).command_line.help_about, "storage");
  EXPECT_EQ(ParseCommandLine({"storage", "help", "backup"}).command_line.help_about, "storage backup");
  EXPECT_EQ(ParseCommandLine({"storage", "bakcup", "x"}).error,
            "unknown verb 'bakcup' of tutti storage; expected one of backup, restore, check, copy, export-agent, "
            "erase-agent. Did you mean 'backup'?");
  EXPECT_TRUE(ParseCommandLine({"storage", "backup"}).error.starts_with("tutti storage backup needs FILE: "));
  for (const char* verb : {"backup", "restore", "check", "copy", "export-agent", "erase-agent"}) {
    EXPECT_NE(HelpText("storage").find("\n  " + std::string(verb) + " "), std::string::npos) << verb;
    EXPECT_TRUE(HelpText("storage " + std::string(verb)).starts_with("Usage: tutti storage " + std::string(verb)));
  }
}

TEST(CommandLine, NamesTheNearestOfWhatItDoesNotKnow) {
  struct Case {
    std::vector<std::string> arguments;
    const char* error;
  };

  for (const Case& c : {
           Case{{"rnu"},
                "unknown subcommand 'rnu'; expected one of run, chat, check, plugins, plugin, storage, --version, "
                "--help. Did "
                "you "
                "mean 'run'?"},
           {{"--versoin"},
            "unknown flag '--versoin'; expected one of run, chat, check, plugins, plugin, storage, --version, --help. "
            "Did "
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
           {{"plugin", "pakc", "x"},
            "unknown verb 'pakc' of tutti plugin; expected one of new, validate, pack, install, list, info, verify, "
            "pin, unpin, enable, disable, reload, purge, keygen, sign. Did you mean 'pack'?"},
           {{"plugin", "pin"},
            "tutti plugin pin needs ID: tutti plugin pin ID [--yes] [--config FILE] [--data DIR]; `tutti plugin pin "
            "--help` lists what is possible"},
           {{"plugin", "new", "hook"},
            "tutti plugin new needs ID: tutti plugin new KIND ID [--language cpp|c|rust] [--directory DIR]; `tutti "
            "plugin new --help` lists what is possible"},
           {{"plugin", "unpin", "a", "b"},
            "tutti plugin unpin takes no more than ID [--config FILE] [--data DIR], found 'b'; `tutti plugin unpin "
            "--help` lists what is possible"},
           {{"plugin", "pin", "a", "--yes=1"},
            "flag --yes takes no value, found '1'; `tutti plugin pin --help` lists what is possible"},
           {{"plugin", "disable", "a", "--drain", "now"},
            "flag --drain needs finish or cancel, found 'now'; `tutti plugin disable --help` lists what is possible"},
           {{"plugin", "list", "--cofnig", "x"},
            "unknown flag '--cofnig' of tutti plugin list; expected one of --help, --config, --data, --cwd. Did you "
            "mean '--config'?"},
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
