#include "host/containment/last_crash.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
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

// A name that sorts behind those there are: the time, and a number for several crashes within one second.
std::string NewName(const fs::path& directory, const std::string& time) {
  int number = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(time + "-")) {
      number = std::max(number, std::atoi(name.c_str() + time.size() + 1));
    }
  }
  char digits[8];
  std::snprintf(digits, sizeof digits, "%03d", (number + 1) % 1000);
  return time + "-" + digits + ".txt";
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
  const fs::path kept = directory / NewName(directory, TimeOf(record));
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
