// `tutti plugin verify`: what holds of an installed plugin, an archive or a built folder, line by line.
#include <filesystem>
#include <ostream>

#include "host/cli/plugin_commands.h"
#include "host/cli/plugin_folder.h"
#include "host/manifest/trust.h"
#include "host/manifest/yaml_reader.h"
#include "host/trust/archive.h"
#include "host/trust/checksums.h"
#include "host/trust/digest.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

// Prints "ok" or "WRONG" lines and remembers whether all were ok.
class Findings {
 public:
  explicit Findings(std::ostream& out) : out_(out) {}

  void Say(bool is_ok, const std::string& sentence) {
    out_ << (is_ok ? "ok     " : "WRONG  ") << sentence << '\n';
    all_ok_ = all_ok_ && is_ok;
  }

  void Note(const std::string& sentence) { out_ << "       " << sentence << '\n'; }

  [[nodiscard]] int exit_code() const { return all_ok_ ? 0 : 1; }

 private:
  std::ostream& out_;
  bool all_ok_ = true;
};

void SaySignature(const SignatureCheck& check, const TrustSettings& trust, Findings& findings) {
  const bool is_needed = trust.require != TrustSettings::Require::kNone;
  const bool is_trusted = check.state == SignatureCheck::State::kTrusted;
  if (is_trusted || is_needed || check.state == SignatureCheck::State::kWrong) {
    findings.Say(is_trusted, "it is " + ToString(check) + (is_trusted ? "" : "; see host.trust"));
  } else {
    findings.Note("it is " + ToString(check));
  }
}

void SayPin(const PluginSite& site, const SignedFacts& facts, Findings& findings) {
  const Result<LockFile> lock = site.ReadLock();
  if (!lock.ok()) {
    findings.Say(false, std::string(lock.status().message()));
    return;
  }
  const PinnedPlugin* pinned = lock->Find(facts.id);
  if (pinned == nullptr) {
    findings.Note("it is not pinned in " + site.manifest().lock);
    return;
  }
  const bool is_same = pinned->version == facts.version && pinned->library_sha256 == facts.library_sha256 &&
                       pinned->manifest_sha256 == facts.manifest_sha256;
  findings.Say(is_same, is_same ? "it is what " + pinned->pinned_by + " pinned at " + pinned->pinned_at
                                : "it is not what " + pinned->pinned_by + " pinned at " + pinned->pinned_at +
                                      " (version " + pinned->version + ", library sha256 " + pinned->library_sha256 +
                                      "); if the change is wanted, `tutti plugin pin " + facts.id + "` accepts it");
}

// The same, whether it comes from an archive or a folder.
void SayFacts(const PluginSite& site, const SignedFacts& facts, const SignatureCheck& check, Findings& findings) {
  findings.Note(facts.id + " " + facts.version);
  findings.Note("library sha256 " + facts.library_sha256);
  findings.Note("plugin.yaml sha256 " + facts.manifest_sha256);
  SaySignature(check, site.manifest().host.trust, findings);
  SayPin(site, facts, findings);
}

int VerifyArchive(const std::string& file, const PluginSite& site, const Console& console) {
  Findings findings(console.out);
  const Result<std::string> bytes = ReadFile(file, kMaxArchiveBytes);
  Result<Package> package = bytes.ok() ? UnpackArchive(*bytes) : Result<Package>(bytes.status());
  if (!package.ok()) {
    findings.Say(false, file + ": " + std::string(package.status().message()));
    return findings.exit_code();
  }
  findings.Say(true, "the archive is whole, and SHA256SUMS holds for every file");
  Problems problems;
  const auto root = ParseYaml(package->Find(kManifestFile), "plugin.yaml", nullptr, problems);
  const std::string library = root ? root->TextAt("library") : std::string();
  if (!root || library.empty() || !package->files.contains(library)) {
    findings.Say(false, "plugin.yaml: expected `library` to name a file of the archive, found '" + library + "'");
    return findings.exit_code();
  }
  const Version version = Version::Parse(root->TextAt("version")).value_or(Version());
  const SignedFacts facts{root->TextAt("id"), version.ToString(), Sha256(package->Find(library)),
                          Sha256(package->Find(kManifestFile))};
  const SignatureCheck check =
      package->files.contains(std::string(kSignatureFile))
          ? CheckSignature(package->Find(kSignatureFile), facts, site.manifest().host.trust.keys)
          : SignatureCheck();
  SayFacts(site, facts, check, findings);
  return findings.exit_code();
}

int VerifyFolder(const std::string& directory, const PluginSite& site, const Console& console) {
  const Result<PluginFolder> folder = ReadPluginFolder(directory);
  if (!folder.ok()) {
    return console.Fail(folder.status());
  }
  Findings findings(console.out);
  std::error_code ignored;
  const fs::path sums = fs::path(directory) / kChecksumFile;
  if (fs::exists(sums, ignored)) {
    Package package = folder->package;
    const Result<std::string> text = ReadFile(sums, kMaxFileBytes);
    package.files[std::string(kChecksumFile)] = text.ok() ? *text : "";
    const Status status = VerifyChecksums(package);
    findings.Say(status.ok(), status.ok() ? "SHA256SUMS holds for every file" : std::string(status.message()));
  }
  SayFacts(site, folder->facts(), folder->Check(site.manifest().host.trust.keys), findings);
  return findings.exit_code();
}

}  // namespace

int VerifyPlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const std::string& what = line.operands.at(0);
  std::error_code error;
  if (fs::is_directory(what, error)) {
    return VerifyFolder(what, site, console);
  }
  if (fs::exists(what, error)) {
    return VerifyArchive(what, site, console);
  }
  const Result<InstalledPlugin> plugin = site.Find(what);
  if (!plugin.ok()) {
    return console.Fail(plugin.status());
  }
  const int code = VerifyFolder(plugin->manifest.directory, site, console);
  const PluginEntry* entry = site.FindEntry(what);
  if (code == 0 && entry != nullptr && !entry->trust.refusal.empty()) {
    console.out << "WRONG  " << entry->trust.refusal << '\n';
    return 1;
  }
  return code;
}

}  // namespace tutti::host
