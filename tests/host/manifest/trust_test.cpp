#include "host/manifest/trust.h"

#include <gtest/gtest.h>

#include "host/trust/digest.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

class Trust : public ::testing::Test {
 protected:
  // Below own/, where the program's plugins are, or plugins/, where others are.
  void Install(const std::string& folder, const std::string& id, const std::string& kinds,
               const std::string& rest = "") {
    files_.Write(folder + "/plugin.yaml", "id: " + id + "\nversion: 1.0.0\nabi: \"1.0\"\nlibrary: plugin.so\nkinds: [" +
                                              kinds + "]\nsummary: For tests.\n" + rest);
    files_.Write(folder + "/plugin.so", "code of " + id);
  }

  LoadedManifest Load(const std::string& plugins, const std::string& host = "{}") {
    files_.Write("plugins/.keep", "");
    files_.Write("tutti.yaml", "version: 1\nplugin_path: [plugins]\nhost: " + host + "\nplugins:\n" + plugins);
    return LoadManifest({files_.Path("tutti.yaml"), {{"TUTTI_DATA", files_.Path("data")}}, {files_.Path("own")}, {}});
  }

  PluginEntry LoadOne(const std::string& plugin, const std::string& host = "{}") {
    const LoadedManifest loaded = Load("- " + plugin + "\n", host);
    EXPECT_EQ(Join(files_.Texts(loaded.problems)), "");
    return loaded.manifest.plugins.empty() ? PluginEntry() : loaded.manifest.plugins.front();
  }

  std::string Refusal(const std::string& plugin, const std::string& host = "{}") {
    std::string text = LoadOne(plugin, host).trust.refusal;
    const std::string root = files_.Path("");
    for (std::size_t at = text.find(root); at != std::string::npos; at = text.find(root)) {
      text.erase(at, root.size());
    }
    return text;
  }

  std::string Problem(const std::string& plugin) { return Join(files_.Texts(Load("- " + plugin + "\n").problems)); }

  // What `tutti plugin pin` writes for the folder as it is now, with these permissions.
  void Pin(const std::string& folder, const std::vector<std::string>& permissions) {
    Problems problems;
    const auto plugin = ReadPluginManifest(files_.Path(folder + "/plugin.yaml"), problems);
    LockFile lock = LockFile::Read(files_.Path("tutti.lock"), problems);
    lock.Pin({plugin->id, plugin->version.ToString(), Sha256OfFile(plugin->library).value(), plugin->sha256,
              permissions, "ada", "2026-11-21T00:00:00Z"});
    ASSERT_TRUE(lock.Write(files_.Path("tutti.lock")).ok());
    ASSERT_TRUE(problems.empty());
  }

  void SignWith(const SigningKey& key, const std::string& folder) {
    Problems problems;
    const auto plugin = ReadPluginManifest(files_.Path(folder + "/plugin.yaml"), problems);
    files_.Write(
        folder + "/plugin.sig",
        Sign({plugin->id, plugin->version.ToString(), Sha256OfFile(plugin->library).value(), plugin->sha256}, key));
  }

  ManifestFiles files_;
};

TEST_F(Trust, WhatCameWithTheProgramRunsInTheHostWithWhatItAsksFor) {
  Install("own/guard", "tutti.hooks.guard", "hook", "permissions: [store, net, path]\n");
  const PluginEntry entry = LoadOne("{id: tutti.hooks.guard}");
  EXPECT_TRUE(entry.trust.is_first_party);
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kHost);
  EXPECT_EQ(entry.grants.services, std::set<std::string>{"store"});
  EXPECT_TRUE(entry.grants.net);
}

TEST_F(Trust, ItCanBeIsolatedToo) {
  Install("own/guard", "tutti.hooks.guard", "hook", "permissions: [store, path]\n");
  const PluginEntry entry = LoadOne("{id: tutti.hooks.guard, isolation: process, grants: {path: {read: [/data]}}}");
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kProcess);
  EXPECT_EQ(entry.grants.read_paths, std::vector<fs::path>{"/data"});
  EXPECT_EQ(entry.grants.services, std::set<std::string>{"store"});
}

TEST_F(Trust, NeitherTheNameNorThePlaceAloneIsFirstParty) {
  Install("plugins/guard", "tutti.hooks.guard", "hook", "permissions: [net]\n");
  Install("own/other", "org.example.other", "hook", "permissions: [net]\n");
  for (const char* plugin : {"{id: tutti.hooks.guard}", "{id: org.example.other}"}) {
    const PluginEntry entry = LoadOne(plugin);
    EXPECT_FALSE(entry.trust.is_first_party) << plugin;
    EXPECT_EQ(entry.isolation, Isolation::kProcess) << plugin;
    EXPECT_NE(entry.trust.refusal, "") << plugin;
  }
}

TEST_F(Trust, OthersRunInAProcessWithWhatTheManifestGrants) {
  Install("plugins/notes", "org.example.notes", "command", "permissions: [store, net, path]\n");
  EXPECT_EQ(
      Refusal("{id: org.example.notes}"),
      "plugin org.example.notes asks for store, net, path, which nobody granted; write `grants: {services: [store], "
      "net: true, path: {read: [DIR], write: [DIR]}}` into its entry in the manifest, or accept it with `tutti plugin "
      "pin org.example.notes`");
  const PluginEntry entry =
      LoadOne("{id: org.example.notes, grants: {services: [store, events], net: true, path: {write: [/d]}}}");
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kProcess);
  EXPECT_EQ(entry.grants.services, (std::set<std::string>{"events", "store"}));
  EXPECT_EQ(entry.trust.library_sha256, Sha256("code of org.example.notes"));
}

TEST_F(Trust, TheOperatorMayWriteThatItRunsInTheHost) {
  Install("plugins/notes", "org.example.notes", "command");
  const PluginEntry entry = LoadOne("{id: org.example.notes, isolation: host}");
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kHost);
}

TEST_F(Trust, WhatIsPinnedRunsInTheHostWithWhatWasAccepted) {
  Install("plugins/notes", "org.example.notes", "command", "permissions: [store, exec, path]\n");
  Pin("plugins/notes", {"store", "exec", "path"});
  const PluginEntry entry = LoadOne("{id: org.example.notes}");
  EXPECT_TRUE(entry.trust.is_pinned);
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kHost);
  EXPECT_EQ(entry.grants.services, std::set<std::string>{"store"});
  EXPECT_TRUE(entry.grants.exec);
  EXPECT_EQ(entry.trust.library_sha256, Sha256("code of org.example.notes"));
}

TEST_F(Trust, AChangedLibraryIsRefusedWithTheCommandThatAcceptsIt) {
  Install("plugins/notes", "org.example.notes", "command");
  Pin("plugins/notes", {});
  files_.Write("plugins/notes/plugin.so", "other code");
  EXPECT_EQ(Refusal("{id: org.example.notes}"),
            "plugin org.example.notes is not what was accepted in tutti.lock: expected library sha256 " +
                Sha256("code of org.example.notes") + ", found " + Sha256("other code") +
                "; if the change is wanted, `tutti plugin pin org.example.notes` accepts it");
  Pin("plugins/notes", {});
  EXPECT_EQ(Refusal("{id: org.example.notes}"), "");
}

TEST_F(Trust, AChangedManifestIsRefused) {
  Install("plugins/notes", "org.example.notes", "command");
  Pin("plugins/notes", {});
  Install("plugins/notes", "org.example.notes", "command", "# a comment\n");
  const std::string refusal = Refusal("{id: org.example.notes}");
  EXPECT_NE(refusal.find("expected plugin.yaml sha256 "), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("`tutti plugin pin org.example.notes`"), std::string::npos) << refusal;
}

TEST_F(Trust, GrownPermissionsAreRefusedByName) {
  Install("plugins/notes", "org.example.notes", "command", "permissions: [store]\n");
  Pin("plugins/notes", {"store"});
  Install("plugins/notes", "org.example.notes", "command", "permissions: [store, net, exec]\n");
  EXPECT_EQ(
      Refusal("{id: org.example.notes}"),
      "plugin org.example.notes asks for more than was accepted in tutti.lock: new are net, exec; `tutti plugin pin "
      "org.example.notes` shows what it asks for and accepts it");
}

TEST_F(Trust, APinnedPluginOfTheProgramIsHeldToIt) {
  Install("own/guard", "tutti.hooks.guard", "hook");
  Pin("own/guard", {});
  EXPECT_EQ(Refusal("{id: tutti.hooks.guard}"), "");
  files_.Write("own/guard/plugin.so", "other code");
  EXPECT_NE(Refusal("{id: tutti.hooks.guard}").find("is not what was accepted"), std::string::npos);
}

TEST_F(Trust, ATransportMustBeAccepted) {
  Install("plugins/wire", "org.example.wire", "transport");
  for (const char* plugin : {"{id: org.example.wire}", "{id: org.example.wire, isolation: host}"}) {
    EXPECT_EQ(
        Refusal(plugin),
        "plugin org.example.wire is a transport, which runs inside the host and hears every request, and nobody has "
        "accepted it; `tutti plugin pin org.example.wire` does")
        << plugin;
  }
  Pin("plugins/wire", {});
  const PluginEntry entry = LoadOne("{id: org.example.wire}");
  EXPECT_EQ(entry.trust.refusal, "");
  EXPECT_EQ(entry.isolation, Isolation::kHost);
}

TEST_F(Trust, APluginThatCannotBeIsolatedMustBeAccepted) {
  Install("plugins/old", "org.example.old", "hook", "isolation: [host]\n");
  EXPECT_NE(Refusal("{id: org.example.old}").find("runs inside the host only"), std::string::npos);
  Pin("plugins/old", {});
  EXPECT_EQ(Refusal("{id: org.example.old}"), "");
}

TEST_F(Trust, APluginForProcessesOnlyIsIsolatedEvenWhenPinned) {
  Install("plugins/shy", "org.example.shy", "hook", "isolation: [process]\n");
  Pin("plugins/shy", {});
  EXPECT_EQ(LoadOne("{id: org.example.shy}").isolation, Isolation::kProcess);
}

TEST_F(Trust, AnIsolationThatCannotBeIsAProblemAtItsPlace) {
  Install("plugins/wire", "org.example.wire", "transport");
  Install("plugins/old", "org.example.old", "hook", "isolation: [host]\n");
  EXPECT_EQ(Problem("{id: org.example.wire, isolation: process}"),
            "tutti.yaml:5: plugins[0].isolation: plugin org.example.wire is a transport, and transports run inside the "
            "host; remove the line\n");
  EXPECT_EQ(
      Problem("{id: org.example.old, isolation: process}"),
      "tutti.yaml:5: plugins[0].isolation: plugin org.example.old runs in host only, as its plugin.yaml says, found "
      "'process'; remove the line\n");
}

TEST_F(Trust, AConfinementThatIsDemandedIsNotPassedOver) {
  Install("own/guard", "tutti.hooks.guard", "hook");
  EXPECT_EQ(Problem("{id: tutti.hooks.guard, min_confinement: full}"),
            "tutti.yaml:5: plugins[0].min_confinement: plugin tutti.hooks.guard runs inside the host, where nothing "
            "confines it; add isolation: process, or remove the line\n");
  EXPECT_EQ(LoadOne("{id: tutti.hooks.guard, isolation: process, min_confinement: full}").min_confinement,
            Confinement::kFull);
}

TEST_F(Trust, LinksOutOfTheFolderAreRefusedUntilAccepted) {
  Install("elsewhere/real", "org.example.linked", "hook");
  files_.Write("plugins/.keep", "");
  fs::create_directory_symlink(files_.Path("elsewhere/real"), files_.Path("plugins/linked"));
  EXPECT_EQ(Refusal("{id: org.example.linked}"),
            "plugin org.example.linked is reached through a link that leads out of its folder: plugins/linked is "
            "elsewhere/real; put the plugin itself there, or accept it with `tutti plugin pin org.example.linked`");
  Install("plugins/notes", "org.example.notes", "hook");
  fs::remove(files_.Path("plugins/notes/plugin.so"));
  fs::create_symlink(files_.Path("elsewhere/real/plugin.so"), files_.Path("plugins/notes/plugin.so"));
  EXPECT_NE(Refusal("{id: org.example.notes}").find("plugins/notes/plugin.so is elsewhere/real/plugin.so"),
            std::string::npos);
  Pin("plugins/notes", {});
  EXPECT_EQ(Refusal("{id: org.example.notes}"), "");
}

TEST_F(Trust, ALinkWithinTheFolderIsFine) {
  Install("plugins/notes", "org.example.notes", "hook");
  fs::rename(files_.Path("plugins/notes/plugin.so"), files_.Path("plugins/notes/plugin.so.1"));
  fs::create_symlink("plugin.so.1", files_.Path("plugins/notes/plugin.so"));
  EXPECT_EQ(Refusal("{id: org.example.notes}"), "");
}

TEST_F(Trust, AWrongSignatureIsAlwaysRefused) {
  Install("plugins/notes", "org.example.notes", "hook");
  Install("own/guard", "tutti.hooks.guard", "hook");
  const SigningKey key = SigningKey::Generate().value();
  for (const char* folder : {"plugins/notes", "own/guard"}) {
    SignWith(key, folder);
    files_.Write(std::string(folder) + "/plugin.so", "other code");
    Pin(folder, {});
  }
  for (const char* id : {"org.example.notes", "tutti.hooks.guard"}) {
    const std::string refusal = Refusal(std::string("{id: ") + id + "}");
    EXPECT_NE(refusal.find("has a wrong plugin.sig"), std::string::npos) << refusal;
  }
}

TEST_F(Trust, SignaturesCanBeRequired) {
  Install("plugins/notes", "org.example.notes", "hook");
  Install("own/guard", "tutti.hooks.guard", "hook");
  const SigningKey key = SigningKey::Generate().value();
  const SigningKey other = SigningKey::Generate().value();
  const std::string keys = ", keys: [\"" + key.public_base64() + "\"]}}";
  const std::string third_party = "{trust: {require: third_party" + keys;
  const std::string all = "{trust: {require: all" + keys;
  EXPECT_NE(Refusal("{id: org.example.notes}", third_party).find("found it unsigned"), std::string::npos);
  EXPECT_EQ(Refusal("{id: tutti.hooks.guard}", third_party), "");
  EXPECT_NE(Refusal("{id: tutti.hooks.guard}", all).find("found it unsigned"), std::string::npos);
  SignWith(other, "plugins/notes");
  EXPECT_EQ(Refusal("{id: org.example.notes}"), "");
  EXPECT_NE(Refusal("{id: org.example.notes}", third_party)
                .find("found it signed by the unknown key " + other.public_base64()),
            std::string::npos);
  SignWith(key, "plugins/notes");
  SignWith(key, "own/guard");
  EXPECT_EQ(Refusal("{id: org.example.notes}", third_party), "");
  EXPECT_EQ(Refusal("{id: tutti.hooks.guard}", all), "");
}

TEST_F(Trust, KeysAndTheirUseAreChecked) {
  const auto problems = [&](const std::string& trust) {
    return Join(files_.Texts(Load("[]\n", "{trust: " + trust + "}").problems));
  };
  EXPECT_NE(problems("{keys: [abc]}").find("host.trust.keys[0]: expected a public key"), std::string::npos);
  EXPECT_NE(problems("{require: all}").find("names no key"), std::string::npos);
}

TEST_F(Trust, TheLockFileCanBeElsewhere) {
  Install("plugins/notes", "org.example.notes", "hook", "permissions: [store]\n");
  Pin("plugins/notes", {"store"});
  fs::create_directory(files_.Path("site"));
  fs::rename(files_.Path("tutti.lock"), files_.Path("site/plugins.lock"));
  EXPECT_NE(Refusal("{id: org.example.notes}"), "");
  EXPECT_EQ(Refusal("{id: org.example.notes}", "{trust: {lock: site/plugins.lock}}"), "");
}

TEST_F(Trust, ABrokenLockFileStopsTheStart) {
  Install("plugins/notes", "org.example.notes", "hook");
  files_.Write("tutti.lock", "version: 1\nplugins: [{id: org.example.notes}]\n");
  EXPECT_NE(Problem("{id: org.example.notes}").find("tutti.lock:2: "), std::string::npos);
}

TEST_F(Trust, OfSeveralInstalledVersionsThePinnedOneCountsElseTheNewest) {
  for (const char* version : {"1.9.0", "1.10.0"}) {
    const std::string folder = std::string("data/plugins-installed/org.example.notes/") + version;
    files_.Write(folder + "/plugin.yaml", std::string("id: org.example.notes\nversion: ") + version +
                                              "\nabi: \"1.0\"\nlibrary: n.so\nkinds: [hook]\nsummary: s\n");
    files_.Write(folder + "/n.so", version);
  }
  const std::string host = "{data_dir: " + files_.Path("data") + "}";
  EXPECT_EQ(LoadOne("{id: org.example.notes}", host).manifest.version.ToString(), "1.10.0");
  Pin("data/plugins-installed/org.example.notes/1.9.0", {});
  const PluginEntry pinned = LoadOne("{id: org.example.notes}", host);
  EXPECT_EQ(pinned.manifest.version.ToString(), "1.9.0");
  EXPECT_EQ(pinned.trust.refusal, "");
}

TEST_F(Trust, AnInstalledPluginCannotTakeAnothersName) {
  Install("own/guard", "tutti.hooks.guard", "hook");
  Install("data/plugins-installed/tutti.hooks.guard/9.0.0", "tutti.hooks.guard", "hook");
  const std::string told =
      Join(files_.Texts(Load("- {id: tutti.hooks.guard}\n", "{data_dir: " + files_.Path("data") + "}").problems));
  EXPECT_NE(told.find("is installed twice"), std::string::npos) << told;
}

}  // namespace
}  // namespace tutti::host
