// `tutti plugin keygen` and `tutti plugin sign`.
#include <fstream>
#include <ostream>

#include "host/cli/plugin_commands.h"
#include "host/cli/plugin_folder.h"

namespace tutti::host {

int KeygenPlugin(const CommandLine& line, const Console& console) {
  const std::string& file = line.operands.at(0);
  const Result<SigningKey> key = SigningKey::Generate();
  if (!key.ok()) {
    return console.Fail(key.status());
  }
  if (Status status = key->Write(file); !status.ok()) {
    return console.Fail(status);
  }
  console.out << "the key is in " << file << "; keep it to yourself\nits public half, for host.trust.keys:\n"
              << key->public_base64() << '\n';
  return 0;
}

int SignPlugin(const CommandLine& line, const Console& console) {
  if (line.key.empty()) {
    return console.Fail(
        Status::InvalidArgument("tutti plugin sign needs --key FILE; `tutti plugin keygen FILE` makes one"));
  }
  const Result<SigningKey> key = SigningKey::Read(line.key);
  if (!key.ok()) {
    return console.Fail(key.status());
  }
  const Result<PluginFolder> folder = ReadPluginFolder(line.operands.at(0));
  if (!folder.ok()) {
    return console.Fail(folder.status());
  }
  const std::filesystem::path file = std::filesystem::path(folder->manifest.directory) / kSignatureFile;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << Sign(folder->facts(), *key) << std::flush;
  if (!out) {
    return console.Fail(Status::Internal(file.string() + " cannot be written; is the folder writable?"));
  }
  console.out << "signed " << folder->manifest.id << " " << folder->manifest.version.ToString() << " with key "
              << key->public_base64() << ": " << file.string() << '\n';
  return 0;
}

}  // namespace tutti::host
