// `tutti storage copy`: an archive on the way, so that neither side waits for the other and no memory holds more than a
// few rows.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "host/house/storage_commands.h"

namespace tutti::host {
namespace {

// Removed at the end; for its owner alone.
class Waypoint {
 public:
  Waypoint() = default;

  ~Waypoint() {
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }

  Waypoint(const Waypoint&) = delete;
  Waypoint& operator=(const Waypoint&) = delete;

  Status Make(const std::string& directory) {
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    std::string pattern = (std::filesystem::path(directory) / "copy-XXXXXX.archive").string();
    constexpr int kSuffix = 8;
    const int file = ::mkstemps(pattern.data(), kSuffix);
    if (file < 0) {
      return Status::FailedPrecondition("no file can be made in " + directory +
                                        ", through which the copy goes; name another directory with --data");
    }
    ::close(file);
    path_ = std::move(pattern);
    return {};
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

int CopyStorage(const CommandLine& line, const LoadOptions& options, const Console& console) {
  if (line.from.empty() || line.to.empty()) {
    return console.Fail(Status::InvalidArgument(
        "tutti storage copy needs --from and --to, each a postgresql:// URL or the file of an SQLite database"));
  }
  const StoragePlace to = ReadStoragePlace(line.to);
  const Result<StorageEntry> target = FindStorage(options, to);
  if (!target.ok()) {
    return console.Fail(target.status());
  }
  Waypoint between;
  if (Status status = between.Make(target->host.data_dir); !status.ok()) {
    return console.Fail(status);
  }
  const Result<Json> read =
      MaintainAt(options, ReadStoragePlace(line.from),
                 JsonObject()("do", "archive")("file", between.path())("by", "tutti " TUTTI_VERSION).Take(), console);
  if (!read.ok()) {
    return console.Fail(read.status());
  }
  console.err << "read: " << CountsOf(*read) << "; now into " << target->shown << '\n';
  const Result<Json> written =
      MaintainAt(options, to, JsonObject()("do", "load")("file", between.path()).Take(), console);
  if (!written.ok()) {
    return console.Fail(written.status());
  }
  console.out << "copied into " << target->shown << ", and compared row by row: " << CountsOf(*written) << '\n';
  return 0;
}

}  // namespace tutti::host
