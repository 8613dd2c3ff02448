#include "host/cli/plugin_commands.h"

#include <gtest/gtest.h>

#include <sstream>

#include "host/manifest/overlay.h"
#include "host/trust/archive.h"
#include "host/trust/digest.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

// The verbs over real files; nothing runs.
class PluginCommands : public ::testing::Test {
 protected:
  PluginCommands() {
    WriteSource("1.0.0", "code", "permissions: [store]\n");
    files_.Write("tutti.yaml", "version: 1\nhost: {data_dir: \"" + files_.Path("data") + "\"}\nplugins: []\n");
  }

  void WriteSource(const std::string& version, const std::string& code, const std::string& rest = "") {
    files_.Write("notes/plugin.yaml", "id: org.example.notes\nversion: " + version +
                                          "\nabi: \"1.0\"\nlibrary: notes.so\nkinds: [command]\nsummary: Notes.\n" +
                                          rest);
    files_.Write("notes/notes.so", code);
  }

  int Run(std::vector<std::string> arguments, const std::string& answer = "") {
    arguments.insert(arguments.begin(), "plugin");
    const auto [line, error] = ParseCommandLine(arguments);
    EXPECT_EQ(error, "");
    std::istringstream in(answer);
    std::ostringstream out;
    std::ostringstream err;
    const Console console{in, out, err, !answer.empty()};
    const int code = Call(line, console);
    out_ = Relative(out.str());
    err_ = Relative(err.str());
    return code;
  }

  int Call(const CommandLine& line, const Console& console) {
    const LoadOptions options{files_.Path("tutti.yaml"), {}, {files_.Path("own")}, {}};
    switch (line.subcommand) {
      case Subcommand::kPluginPack:
        return PackPlugin(line, console);
      case Subcommand::kPluginKeygen:
        return KeygenPlugin(line, console);
      case Subcommand::kPluginSign:
        return SignPlugin(line, console);
      case Subcommand::kPluginInstall:
        return InstallPlugin(line, options, console);
      case Subcommand::kPluginList:
        return ListPlugins(line, options, console);
      case Subcommand::kPluginInfo:
        return InfoPlugin(line, options, console);
      case Subcommand::kPluginVerify:
        return VerifyPlugin(line, options, console);
      case Subcommand::kPluginPin:
        return PinPlugin(line, options, console);
      case Subcommand::kPluginUnpin:
        return UnpinPlugin(line, options, console);
      case Subcommand::kPluginPurge:
        return PurgePlugin(line, options, console);
      default:
        return SwitchPlugin(line, options, console);
    }
  }

  std::string Pack() {
    const std::string file = files_.Path("notes.tutti-plugin");
    EXPECT_EQ(Run({"pack", files_.Path("notes"), "-o", file}), 0) << err_;
    return file;
  }

  [[nodiscard]] std::string Read(const std::string& name) const {
    const Result<std::string> text = ReadFile(files_.Path(name), 1 << 20);
    return text.ok() ? *text : std::string();
  }

  [[nodiscard]] LockFile Lock() const {
    Problems problems;
    return LockFile::Read(files_.Path("tutti.lock"), problems);
  }

  std::string Relative(std::string text) const {
    const std::string root = files_.Path("");
    for (std::size_t at = text.find(root); at != std::string::npos; at = text.find(root)) {
      text.erase(at, root.size());
    }
    return text;
  }

  const std::string installed_ = "data/plugins-installed/org.example.notes/1.0.0";
  ManifestFiles files_;
  std::string out_;
  std::string err_;
};

TEST_F(PluginCommands, PackThenInstallThenPin) {
  const std::string archive = Pack();
  EXPECT_EQ(Run({"install", archive}), 0) << err_;
  EXPECT_NE(out_.find("installed org.example.notes 1.0.0 in " + installed_), std::string::npos) << out_;
  EXPECT_NE(out_.find("`tutti plugin pin org.example.notes`"), std::string::npos) << out_;
  EXPECT_EQ(Read(installed_ + "/notes.so"), "code");
  EXPECT_EQ(Read(installed_ + "/plugin.yaml"), Read("notes/plugin.yaml"));

  EXPECT_EQ(Run({"pin", "org.example.notes"}), 1);
  EXPECT_EQ(err_, "tutti: nothing was pinned; --yes accepts without being asked\n");
  EXPECT_EQ(Run({"pin", "org.example.notes"}, "n\n"), 1);
  EXPECT_TRUE(Lock().plugins().empty());
  EXPECT_EQ(Run({"pin", "org.example.notes"}, "y\n"), 0) << err_;
  EXPECT_NE(out_.find("permissions  store\n"), std::string::npos) << out_;
  const LockFile lock = Lock();
  ASSERT_NE(lock.Find("org.example.notes"), nullptr);
  EXPECT_EQ(lock.Find("org.example.notes")->library_sha256, Sha256("code"));
  EXPECT_EQ(lock.Find("org.example.notes")->permissions, std::vector<std::string>{"store"});

  EXPECT_EQ(Run({"pin", "org.example.notes"}), 0);
  EXPECT_NE(out_.find("it is pinned already"), std::string::npos) << out_;
  EXPECT_EQ(Run({"unpin", "org.example.notes"}), 0);
  EXPECT_TRUE(Lock().plugins().empty());
  EXPECT_EQ(Run({"unpin", "org.example.notes"}), 1);
}

TEST_F(PluginCommands, PackingTwiceGivesTheSameBytes) {
  Pack();
  const std::string first = Read("notes.tutti-plugin");
  fs::last_write_time(files_.Path("notes/notes.so"), fs::file_time_type::clock::now() - std::chrono::hours(24));
  Pack();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(Read("notes.tutti-plugin"), first);
}

TEST_F(PluginCommands, PackRefusesWhatCouldNotBeInstalled) {
  EXPECT_EQ(Run({"pack", files_.Path("nowhere")}), 1);
  files_.Write("notes/plugin.yaml",
               "id: org.example.notes\nversion: 1.0.0\nabi: \"1.0\"\nkinds: [command]\nsummary: Notes.\n");
  EXPECT_EQ(Run({"pack", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("expected `library: notes.so`"), std::string::npos) << err_;
  WriteSource("1.0", "code");
  EXPECT_EQ(Run({"pack", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("expected a semantic version"), std::string::npos) << err_;
}

TEST_F(PluginCommands, InstallWithPinAcceptsAtOnce) {
  EXPECT_EQ(Run({"install", files_.Path("notes"), "--pin"}), 0) << err_;
  EXPECT_NE(Lock().Find("org.example.notes"), nullptr);
}

TEST_F(PluginCommands, InstallLeavesNothingBehindWhenItRefuses) {
  files_.Write("broken.tutti-plugin", Read("notes/plugin.yaml"));
  EXPECT_EQ(Run({"install", files_.Path("broken.tutti-plugin")}), 1);
  EXPECT_NE(err_.find("expected a plugin archive"), std::string::npos) << err_;
  Package evil{{{"plugin.yaml",
                 "id: ../../evil\nversion: 1.0.0\nabi: \"1.0\"\nlibrary: e.so\nkinds: [hook]\nsummary: "
                 "s\n"},
                {"e.so", "code"}}};
  files_.Write("evil.tutti-plugin", PackArchive(evil, "e.so").value());
  EXPECT_EQ(Run({"install", files_.Path("evil.tutti-plugin")}), 1);
  EXPECT_NE(err_.find("id: expected"), std::string::npos) << err_;
  EXPECT_FALSE(fs::exists(files_.Path("data/evil")));
  EXPECT_TRUE(fs::is_empty(files_.Path("data/plugins-installed")));
}

TEST_F(PluginCommands, AVersionIsInstalledOnce) {
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  EXPECT_NE(out_.find("was installed already"), std::string::npos) << out_;
  WriteSource("1.0.0", "other code");
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("give the plugin a new version"), std::string::npos) << err_;
  EXPECT_EQ(Read(installed_ + "/notes.so"), "code");
}

TEST_F(PluginCommands, ANewVersionIsUsedOnceItIsPinned) {
  EXPECT_EQ(Run({"install", files_.Path("notes"), "--pin"}), 0) << err_;
  WriteSource("1.1.0", "newer code", "permissions: [store, net]\n");
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  EXPECT_NE(out_.find("version 1.0.0 is pinned; `tutti plugin pin org.example.notes` accepts this one"),
            std::string::npos)
      << out_;
  EXPECT_EQ(Run({"info", "org.example.notes"}), 0) << err_;
  EXPECT_NE(out_.find("version       1.0.0\n"), std::string::npos) << out_;
  EXPECT_EQ(Run({"pin", "org.example.notes", "--yes"}), 0) << err_;
  EXPECT_NE(out_.find("net (new)"), std::string::npos) << out_;
  EXPECT_NE(out_.find("was 1.0.0"), std::string::npos) << out_;
  EXPECT_EQ(Run({"info", "org.example.notes"}), 0) << err_;
  EXPECT_NE(out_.find("version       1.1.0\n"), std::string::npos) << out_;
}

TEST_F(PluginCommands, InstallKeepsAwayFromTheIdsOfOthers) {
  files_.Write("own/notes/plugin.yaml", Read("notes/plugin.yaml"));
  files_.Write("own/notes/notes.so", "code");
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("is there already, in own/notes"), std::string::npos) << err_;
}

TEST_F(PluginCommands, SignedPluginsAreToldApart) {
  const std::string key = files_.Path("key");
  EXPECT_EQ(Run({"keygen", key}), 0) << err_;
  const std::string first_key = out_.substr(out_.find("trust.keys:\n") + 12, 44);
  EXPECT_TRUE(IsPublicKey(first_key)) << out_;
  EXPECT_EQ(Run({"sign", files_.Path("notes")}), 1);
  EXPECT_EQ(Run({"sign", files_.Path("notes"), "--key", key}), 0) << err_;
  const std::string archive = Pack();
  EXPECT_EQ(Run({"verify", archive}), 0) << out_;
  EXPECT_NE(out_.find("signed by the unknown key " + first_key), std::string::npos) << out_;
  files_.Write("tutti.yaml", "version: 1\nhost: {data_dir: \"" + files_.Path("data") +
                                 "\", trust: {require: third_party, keys: [\"" + first_key + "\"]}}\nplugins: []\n");
  EXPECT_EQ(Run({"verify", archive}), 0) << out_;
  EXPECT_NE(out_.find("ok     it is signed by the trusted key " + first_key), std::string::npos) << out_;
  EXPECT_EQ(Run({"install", archive}), 0) << err_;

  WriteSource("1.1.0", "other code");
  EXPECT_EQ(Run({"verify", files_.Path("notes")}), 1);
  EXPECT_NE(out_.find("WRONG"), std::string::npos) << out_;
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("wrong plugin.sig"), std::string::npos) << err_;
  EXPECT_EQ(Run({"pack", files_.Path("notes")}), 1);
  fs::remove(files_.Path("notes/plugin.sig"));
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 1);
  EXPECT_NE(err_.find("found it unsigned"), std::string::npos) << err_;
}

TEST_F(PluginCommands, VerifyFindsAChangedLibrary) {
  EXPECT_EQ(Run({"install", Pack(), "--pin"}), 0) << err_;
  EXPECT_EQ(Run({"verify", "org.example.notes"}), 0) << out_ << err_;
  files_.Write(installed_ + "/notes.so", "tampered");
  EXPECT_EQ(Run({"verify", "org.example.notes"}), 1);
  EXPECT_NE(out_.find("WRONG  notes.so: expected the digest " + Sha256("code")), std::string::npos) << out_;
  EXPECT_NE(out_.find("`tutti plugin pin org.example.notes` accepts it"), std::string::npos) << out_;
}

TEST_F(PluginCommands, EnableListsAnInstalledPluginForTheNextStart) {
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  EXPECT_EQ(Run({"enable", "org.example.notes"}), 0) << err_;
  EXPECT_NE(out_.find("is enabled from the next start on; no server runs on data"), std::string::npos) << out_;
  EXPECT_NE(err_.find("asks for store, which nobody granted"), std::string::npos) << err_;
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_NE(out_.find("org.example.notes  1.0.0    command  refused  process  no"), std::string::npos) << out_;
  EXPECT_EQ(Run({"pin", "org.example.notes", "--yes"}), 0) << err_;
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_NE(out_.find("org.example.notes  1.0.0    command  enabled  host     yes"), std::string::npos) << out_;
  EXPECT_EQ(Run({"disable", "org.example.notes"}), 0) << err_;
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_NE(out_.find("org.example.notes  1.0.0    command  not listed  -"), std::string::npos) << out_;
  EXPECT_EQ(Run({"reload", "org.example.notes"}), 0);
  EXPECT_NE(out_.find("no server runs"), std::string::npos) << out_;
}

TEST_F(PluginCommands, ASwitchTheNextStartWouldRefuseIsNotWritten) {
  WriteSource("1.0.0", "code", "requires: [storage]\n");
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  EXPECT_EQ(Run({"enable", "org.example.notes"}), 1);
  EXPECT_NE(err_.find("needs a plugin of kind storage"), std::string::npos) << err_;
  EXPECT_EQ(Overlay::Read(files_.Path("data/plugins.yaml"))->enabled("org.example.notes"), std::nullopt);
}

TEST_F(PluginCommands, UnknownIdsNameTheNearest) {
  EXPECT_EQ(Run({"install", files_.Path("notes")}), 0) << err_;
  for (const char* verb : {"enable", "disable", "info", "pin", "purge", "verify"}) {
    EXPECT_EQ(Run({verb, "org.example.note"}), 1) << verb;
    EXPECT_NE(err_.find("Did you mean 'org.example.notes'?"), std::string::npos) << verb << err_;
  }
}

TEST_F(PluginCommands, PurgeRemovesWhatWasInstalledAndNothingElse) {
  EXPECT_EQ(Run({"install", files_.Path("notes"), "--pin"}), 0) << err_;
  EXPECT_EQ(Run({"enable", "org.example.notes"}), 0) << err_;
  EXPECT_EQ(Run({"purge", "org.example.notes", "--yes"}), 1);
  EXPECT_NE(err_.find("is enabled; `tutti plugin disable org.example.notes` first"), std::string::npos) << err_;
  EXPECT_EQ(Run({"disable", "org.example.notes"}), 0) << err_;
  EXPECT_EQ(Run({"purge", "org.example.notes"}), 1);
  EXPECT_EQ(Run({"purge", "org.example.notes", "--yes"}), 0) << err_;
  EXPECT_NE(out_.find("Its tables stay"), std::string::npos) << out_;
  EXPECT_FALSE(fs::exists(files_.Path("data/plugins-installed/org.example.notes")));
  EXPECT_TRUE(Lock().plugins().empty());
  EXPECT_EQ(Overlay::Read(files_.Path("data/plugins.yaml"))->enabled("org.example.notes"), std::nullopt);

  files_.Write("own/notes/plugin.yaml", Read("notes/plugin.yaml"));
  files_.Write("own/notes/notes.so", "code");
  EXPECT_EQ(Run({"purge", "org.example.notes", "--yes"}), 1);
  EXPECT_NE(err_.find("remove it by hand"), std::string::npos) << err_;
}

}  // namespace
}  // namespace tutti::host
