#include "template_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

std::string Reason(int error) {
  return std::system_category().message(error);
}

std::int64_t Nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

std::string ToJson(const TemplateFile& file, const std::string& path, const std::string& error, bool with_prompt) {
  JsonObject object;
  object("name", file.name)("description", file.description);
  if (with_prompt) {
    object("system_prompt", file.prompt);
  }
  if (file.tools) {
    JsonWriter tools;
    tools.BeginArray();
    for (const std::string& tool : *file.tools) {
      tools.Value(tool);
    }
    object.Raw("tools", tools.EndArray().Take());
  } else {
    object("tools", nullptr);
  }
  object.OrNull("model", file.model).OrNull("color", file.color)("source", CleanUtf8(path));
  if (!error.empty()) {
    object("error", error);
  }
  return object.Take();
}

}  // namespace

Result<std::string> TemplateFolder::List() {
  const std::lock_guard lock(mutex_);
  if (Status status = Refresh(); !status.ok()) {
    return status;
  }
  JsonWriter writer;
  writer.BeginObject().Key("templates").BeginArray();
  for (const auto& [name, json] : ByName(false)) {
    writer.Raw(json);
  }
  return writer.EndArray().EndObject().Take();
}

Result<std::string> TemplateFolder::Get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (Status status = Refresh(); !status.ok()) {
    return status;
  }
  const auto by_name = ByName(true);
  const auto found = by_name.find(name);
  if (found == by_name.end()) {
    return Status::NotFound("no file in " + directory_.string() + " has a template named '" + std::string(name) + "'");
  }
  const Result<Json> json = Json::Parse(found->second);
  if (json.ok() && (*json)["error"]) {
    return Status::FailedPrecondition(std::string((*json)["error"].AsString()));
  }
  return found->second;
}

Status TemplateFolder::Refresh() {
  Result<std::vector<std::string>> names = FileNames();
  if (!names.ok()) {
    return names.status();
  }
  const std::set<std::string> present(names->begin(), names->end());
  std::erase_if(entries_, [&](const auto& entry) { return !present.contains(entry.first); });
  for (const std::string& name : *names) {
    RefreshFile(name);
  }
  return {};
}

Result<std::vector<std::string>> TemplateFolder::FileNames() {
  std::error_code error;
  std::filesystem::directory_iterator at(directory_, error);
  if (error == std::errc::no_such_file_or_directory) {
    return std::vector<std::string>();
  }
  std::vector<std::string> names;
  std::string problem;
  std::size_t seen = 0;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (++seen > limits_.entries) {
      problem = "holds more than " + std::to_string(limits_.entries) +
                " entries; those beyond are not looked at (max_entries)";
      break;
    }
    if (at->path().extension() == ".md") {
      names.push_back(at->path().filename().string());
    }
  }
  if (error) {
    return Status::Unavailable(directory_.string() +
                               ": expected a directory of templates that can be read, found: " + error.message());
  }
  std::sort(names.begin(), names.end());
  if (names.size() > limits_.files) {
    problem = "holds " + std::to_string(names.size()) + " files, of which the first " + std::to_string(limits_.files) +
              " are read (max_files)";
    names.resize(limits_.files);
  }
  ReportOnce(problem);
  return names;
}

void TemplateFolder::RefreshFile(const std::string& name) {
  const std::string path = (directory_ / name).string();
  // Not blocking: a pipe of that name must not hold the thread.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const int open_error = errno;

  struct stat status {};

  const bool is_known = file.get() >= 0 && ::fstat(file.get(), &status) == 0;
  Stamp stamp;
  if (is_known) {
    stamp = {status.st_dev, status.st_ino, status.st_size, Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim)};
  }
  const auto found = entries_.find(name);
  if (found != entries_.end() && found->second.stamp == stamp) {
    return;
  }
  Entry entry;
  entry.stamp = stamp;
  Result<TemplateFile> read = Status::Unavailable(
      path + ": expected a file that can be read, found: " + Reason(file.get() < 0 ? open_error : errno));
  if (is_known) {
    read = S_ISREG(status.st_mode) ? Read(file.get(), static_cast<std::uint64_t>(status.st_size), path)
                                   : Status::InvalidArgument(path + ": expected a regular file, found something else");
  }
  if (read.ok()) {
    entry.file = std::move(*read);
  } else {
    entry.error = CleanUtf8(read.status().message());
    report_(path, entry.error);
  }
  entries_.insert_or_assign(name, std::move(entry));
}

Result<TemplateFile> TemplateFolder::Read(int descriptor, std::uint64_t size, const std::string& path) const {
  if (size > limits_.file_bytes) {
    return Status::InvalidArgument(path + ": expected at most " + std::to_string(limits_.file_bytes) +
                                   " bytes (max_file_bytes), found " + std::to_string(size));
  }
  // One byte more than there should be, so that a file that grows meanwhile is noticed rather than cut.
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = ::read(descriptor, text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return Status::Unavailable(path + ": expected a file that can be read, found: " + Reason(errno));
    }
    if (count == 0) {
      break;
    }
    filled += static_cast<std::size_t>(count);
  }
  if (filled > size) {
    return Status::Unavailable(path + ": the file grew while it was read; it is read again at the next call");
  }
  return ParseTemplateFile(std::string_view(text).substr(0, filled), path);
}

std::map<std::string, std::string, std::less<>> TemplateFolder::ByName(bool with_prompt) const {
  std::map<std::string, std::string, std::less<>> by_name;
  std::map<std::string, std::string> first;  // template name -> the file that has it
  std::vector<std::pair<TemplateFile, std::string>> broken;
  std::vector<std::string> paths;
  const auto add_broken = [&](const std::string& file_name, const std::string& error) {
    TemplateFile named;
    named.name = CleanUtf8(std::filesystem::path(file_name).stem().string());
    broken.emplace_back(std::move(named), error);
    paths.push_back((directory_ / file_name).string());
  };
  for (const auto& [file_name, entry] : entries_) {
    const std::string path = (directory_ / file_name).string();
    if (!entry.error.empty()) {
      add_broken(file_name, entry.error);
    } else if (const auto [taken, is_first] = first.emplace(entry.file.name, file_name); !is_first) {
      add_broken(file_name, CleanUtf8(path) + ":1: expected a name of its own, found '" + entry.file.name +
                                "', which is that of " + CleanUtf8(taken->second));
    } else {
      by_name.emplace(entry.file.name, ToJson(entry.file, path, {}, with_prompt));
    }
  }
  // Last: a file that works is not hidden by the stem of one that does not.
  for (std::size_t i = 0; i < broken.size(); ++i) {
    by_name.emplace(broken[i].first.name, ToJson(broken[i].first, paths[i], broken[i].second, with_prompt));
  }
  return by_name;
}

void TemplateFolder::ReportOnce(const std::string& problem) {
  if (!problem.empty() && problem != directory_problem_) {
    report_(directory_.string(), problem);
  }
  directory_problem_ = problem;
}

}  // namespace tutti::markdown
