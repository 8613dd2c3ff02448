#include "host/containment/last_crash.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string_view>
#include <vector>

namespace tutti::host {

namespace {

namespace fs = std::filesystem;

// The text between `before` and the next of `ends`, or nothing.
std::string Between(std::string_view text, std::string_view before, std::string_view ends) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + before.size());
  return std::string(text.substr(0, text.find_first_of(ends)));
}

std::string TimeOf(const fs::path& file) {
  struct stat status {};

  const std::time_t when = ::stat(file.c_str(), &status) == 0 ? status.st_mtime : std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%SZ", &parts)};
}

void RemoveOldest(const fs::path& directory, std::size_t keep) {
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    if (entry.path().extension() == ".txt") {
      files.push_back(entry.path());
    }
  }
  // Their names are their times.
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + keep < files.size(); ++i) {
    fs::remove(files[i], failed);
  }
}

}  // namespace

fs::path CrashRecord(const fs::path& data_dir) {
  return data_dir / "crash.log";
}

std::optional<LastCrash> TakeLastCrash(const fs::path& data_dir, std::size_t keep) {
  const fs::path record = CrashRecord(data_dir);
  std::string line;
  if (std::ifstream in(record); !in || !std::getline(in, line) || line.empty()) {
    return std::nullopt;
  }
  LastCrash crash;
  constexpr std::string_view kPrefix = "tutti: ";
  crash.sentence = line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line;
  crash.plugin = Between(line, " in plugin ", " ,;");
  crash.operation = Between(line, ", operation ", ",;");
  std::error_code failed;
  const fs::path directory = data_dir / "crashes";
  fs::create_directories(directory, failed);
  // Two crashes within one second have names of their own.
  fs::path kept = directory / (TimeOf(record) + ".txt");
  for (int i = 2; fs::exists(kept, failed); ++i) {
    kept = directory / (TimeOf(record) + "-" + std::to_string(i) + ".txt");
  }
  fs::rename(record, kept, failed);
  if (failed) {
    // It is told once all the same.
    fs::resize_file(record, 0, failed);
  } else {
    crash.kept = kept;
  }
  RemoveOldest(directory, keep);
  return crash;
}

}  // namespace tutti::host
