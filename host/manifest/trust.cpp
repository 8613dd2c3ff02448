#include "host/manifest/trust.h"

#include <algorithm>
#include <filesystem>

#include "host/manifest/permissions.h"
#include "host/trust/digest.h"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSignatureBytes = 4096;
constexpr std::size_t kAllNames = 64;

std::string PinCommand(const std::string& id) {
  return "`tutti plugin pin " + id + "`";
}

// Both with their links resolved.
bool IsBelow(const fs::path& path, const fs::path& directory) {
  std::error_code error;
  const fs::path inner = fs::canonical(path, error);
  const fs::path outer = error ? fs::path() : fs::canonical(directory, error);
  return !error && std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

class Decision {
 public:
  Decision(const TrustRules& rules, const FoundPlugin& found, const Node& node, PluginEntry& entry, Problems& problems)
      : rules_(rules),
        found_(found),
        plugin_(found.manifest),
        node_(node),
        entry_(entry),
        trust_(entry.trust),
        problems_(problems),
        pin_(rules.lock.Find(plugin_.id)) {
    trust_.is_first_party = IsFirstParty(plugin_, rules.own_directories);
    trust_.is_pinned = pin_ != nullptr;
  }

  void Decide() {
    DecideIsolation();
    CheckConfinement();
    DecideGrants();
    CheckBytes();
    CheckLinks();
    CheckPin();
    CheckSignature();
    CheckPlace();
    CheckPermissions();
  }

 private:
  // The first reason stays: each check stands on those before it.
  void Refuse(const std::string& sentence) {
    if (trust_.refusal.empty()) {
      trust_.refusal = "plugin " + plugin_.id + " " + sentence;
    }
  }

  [[nodiscard]] bool is_accepted() const { return trust_.is_first_party || trust_.is_pinned; }

  void DecideIsolation() {
    const Node* written = node_.Find("isolation");
    if (written != nullptr && (written->text == "host" || written->text == "process")) {
      entry_.isolation = written->text == "process" ? Isolation::kProcess : Isolation::kHost;
      if (plugin_.RunsIn(written->text)) {
        return;
      }
      problems_.push_back(ProblemAt(
          *written,
          plugin_.Serves("transport")
              ? "plugin " + plugin_.id + " is a transport, and transports run inside the host; remove the line"
              : "plugin " + plugin_.id + " runs in " + JoinNames(plugin_.isolation) +
                    " only, as its plugin.yaml says, found " + Describe(*written) + "; remove the line"));
      return;
    }
    const bool in_host = is_accepted() ? plugin_.RunsIn("host") : plugin_.Serves("transport");
    entry_.isolation = in_host ? Isolation::kHost : Isolation::kProcess;
  }

  // A demand that nothing could meet must not be passed over.
  void CheckConfinement() {
    const Node* demanded = node_.Find("min_confinement");
    if (demanded != nullptr && entry_.isolation == Isolation::kHost) {
      problems_.push_back(ProblemAt(*demanded, "plugin " + plugin_.id +
                                                   " runs inside the host, where nothing confines it; add isolation: "
                                                   "process, or remove the line"));
    }
  }

  void DecideGrants() {
    if (!is_accepted()) {
      return;
    }
    const PluginGrants accepted = GrantsOf(trust_.is_first_party ? plugin_.permissions : pin_->permissions);
    entry_.grants.services.insert(accepted.services.begin(), accepted.services.end());
    entry_.grants.net = entry_.grants.net || accepted.net;
    entry_.grants.exec = entry_.grants.exec || accepted.exec;
  }

  // What came with the program is as trusted as the program, unless somebody wants to know more of it.
  void CheckBytes() {
    std::error_code ignored;
    const bool is_signed = fs::exists(fs::symlink_status(fs::path(plugin_.directory) / kSignatureFile, ignored));
    if (trust_.is_first_party && pin_ == nullptr && !is_signed &&
        rules_.settings.require != TrustSettings::Require::kAll) {
      return;
    }
    const Result<std::string> digest = Sha256OfFile(plugin_.library);
    if (!digest.ok()) {
      Refuse("cannot be checked: " + std::string(digest.status().message()));
      return;
    }
    trust_.library_sha256 = *digest;
    trust_.signature = CheckPluginSignature(plugin_, *digest, rules_.settings.keys);
  }

  void CheckLinks() {
    if (is_accepted()) {
      return;
    }
    const fs::path directory(plugin_.directory);
    const std::pair<fs::path, fs::path> pairs[] = {
        {directory, found_.root}, {directory / "plugin.yaml", directory}, {fs::path(plugin_.library), directory}};
    for (const auto& [path, folder] : pairs) {
      if (!IsBelow(path, folder)) {
        std::error_code ignored;
        Refuse("is reached through a link that leads out of its folder: " + path.string() + " is " +
               fs::canonical(path, ignored).string() + "; put the plugin itself there, or accept it with " +
               PinCommand(plugin_.id));
      }
    }
  }

  void CheckPin() {
    if (pin_ == nullptr || trust_.library_sha256.empty()) {
      return;
    }
    std::vector<std::string> more;
    std::copy_if(plugin_.permissions.begin(), plugin_.permissions.end(), std::back_inserter(more),
                 [&](const std::string& permission) {
                   return std::find(pin_->permissions.begin(), pin_->permissions.end(), permission) ==
                          pin_->permissions.end();
                 });
    std::vector<std::string> differences;
    const auto compare = [&](const char* what, const std::string& expected, const std::string& found) {
      if (expected != found) {
        differences.push_back(std::string(what) + " " + expected + ", found " + found);
      }
    };
    compare("version", pin_->version, plugin_.version.ToString());
    compare("library sha256", pin_->library_sha256, trust_.library_sha256);
    compare("plugin.yaml sha256", pin_->manifest_sha256, plugin_.sha256);
    if (!more.empty()) {
      Refuse("asks for more than was accepted in " + rules_.lock_path + ": new are " + JoinNames(more, kAllNames) +
             "; " + PinCommand(plugin_.id) + " shows what it asks for and accepts it");
    } else if (!differences.empty()) {
      Refuse("is not what was accepted in " + rules_.lock_path + ": expected " + JoinNames(differences, kAllNames) +
             "; if the change is wanted, " + PinCommand(plugin_.id) + " accepts it");
    }
  }

  void CheckSignature() {
    using State = SignatureCheck::State;
    if (trust_.signature.state == State::kWrong) {
      Refuse("has a wrong " + std::string(kSignatureFile) + ": " + trust_.signature.reason +
             "; get the plugin again, or sign it again");
      return;
    }
    const auto require = rules_.settings.require;
    const bool is_required = require == TrustSettings::Require::kAll ||
                             (require == TrustSettings::Require::kThirdParty && !trust_.is_first_party);
    if (is_required && trust_.signature.state != State::kTrusted) {
      Refuse("must be signed by a key in host.trust.keys (host.trust.require), found it " + ToString(trust_.signature) +
             "; sign it with `tutti plugin sign " + plugin_.directory + " --key FILE`, or add the key");
    }
  }

  void CheckPlace() {
    if (is_accepted()) {
      return;
    }
    if (plugin_.Serves("transport")) {
      Refuse("is a transport, which runs inside the host and hears every request, and nobody has accepted it; " +
             PinCommand(plugin_.id) + " does");
    } else if (entry_.isolation == Isolation::kProcess && !plugin_.RunsIn("process")) {
      Refuse("runs inside the host only, as its plugin.yaml says, and nobody has accepted it; " +
             PinCommand(plugin_.id) + " does");
    }
  }

  void CheckPermissions() {
    // The places that belong to an accepted `path` are the manifest's to name, and only a process of its own needs
    // them.
    std::vector<std::string> missing = Missing(plugin_.permissions, entry_.grants);
    if (is_accepted()) {
      std::erase(missing, "path");
    }
    if (!missing.empty()) {
      Refuse("asks for " + JoinNames(missing, kAllNames) + ", which nobody granted; write `grants: {" +
             GrantsText(missing) + "}` into its entry in the manifest, or accept it with " + PinCommand(plugin_.id));
    }
  }

  const TrustRules& rules_;
  const FoundPlugin& found_;
  const PluginManifest& plugin_;
  const Node& node_;
  PluginEntry& entry_;
  EntryTrust& trust_;
  Problems& problems_;
  const PinnedPlugin* const pin_;
};

}  // namespace

bool IsFirstParty(const PluginManifest& plugin, const std::vector<std::string>& own_directories) {
  return plugin.id.starts_with("tutti.") &&
         std::any_of(own_directories.begin(), own_directories.end(),
                     [&](const std::string& directory) { return IsBelow(plugin.library, directory); });
}

SignatureCheck CheckPluginSignature(const PluginManifest& plugin, const std::string& library_sha256,
                                    const std::vector<std::string>& keys) {
  const fs::path file = fs::path(plugin.directory) / kSignatureFile;
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(file, ignored))) {
    return {};
  }
  const Result<std::string> text = ReadFile(file, kMaxSignatureBytes);
  if (!text.ok()) {
    return {SignatureCheck::State::kWrong, {}, std::string(text.status().message())};
  }
  return tutti::host::CheckSignature(*text, {plugin.id, plugin.version.ToString(), library_sha256, plugin.sha256},
                                     keys);
}

std::string ToString(const SignatureCheck& check) {
  switch (check.state) {
    case SignatureCheck::State::kNone:
      return "unsigned";
    case SignatureCheck::State::kTrusted:
      return "signed by the trusted key " + check.key;
    case SignatureCheck::State::kUnknownKey:
      return "signed by the unknown key " + check.key;
    case SignatureCheck::State::kWrong:
      break;
  }
  return "with a wrong signature: " + check.reason;
}

void DecideTrust(const TrustRules& rules, const FoundPlugin& found, const Node& node, PluginEntry& entry,
                 Problems& problems) {
  Decision(rules, found, node, entry, problems).Decide();
}

}  // namespace tutti::host
