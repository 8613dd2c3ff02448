// `tutti plugin pack`: a built folder becomes one archive.

#include <ostream>

#include "host/cli/plugin_commands.h"
#include "host/cli/plugin_folder.h"
#include "host/manifest/private_file.h"
#include "host/trust/archive.h"
#include "host/trust/digest.h"

namespace tutti::host {

int PackPlugin(const CommandLine& line, const Console& console) {
  const Result<PluginFolder> folder = ReadPluginFolder(line.operands.at(0));
  if (!folder.ok()) {
    return console.Fail(folder.status());
  }
  if (Status status = CheckNamesLibrary(*folder); !status.ok()) {
    return console.Fail(status);
  }
  if (const SignatureCheck check = folder->Check({}); check.state == SignatureCheck::State::kWrong) {
    return console.Fail(Status::FailedPrecondition(std::string(kSignatureFile) + ": " + check.reason +
                                                   "; sign it again with `tutti plugin sign`, or remove the file"));
  }
  const Result<std::string> bytes = PackArchive(folder->package, folder->library);
  if (!bytes.ok()) {
    return console.Fail(bytes.status());
  }
  const std::string file = line.output.empty() ? folder->manifest.id + "-" + folder->manifest.version.ToString() +
                                                     std::string(kArchiveSuffix)
                                               : line.output;
  if (Status status = WritePrivateFile(file, *bytes); !status.ok()) {
    return console.Fail(status);
  }
  // For others to have.
  using std::filesystem::perms;
  std::error_code ignored;
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read,
                               ignored);
  console.out << "packed " << file << "\nsha256 " << Sha256(*bytes) << "\ninstall it with: tutti plugin install "
              << file << '\n';
  return 0;
}

}  // namespace tutti::host
