#include "turn.h"

#include <algorithm>
#include <utility>

namespace tutti::file_tracker {

std::optional<Touch> Touch::FromCall(JsonView payload) {
  const std::string_view tool = payload["tool_name"].AsString();
  const bool is_read = tool == "Read";
  if (!is_read && tool != "Write" && tool != "Edit" && tool != "MultiEdit") {
    return std::nullopt;
  }
  if (payload["is_error"].AsBool(payload["tool_response"]["is_error"].AsBool())) {
    return std::nullopt;
  }
  const std::string_view path = payload["tool_input"]["file_path"].AsString();
  if (path.empty()) {
    return std::nullopt;
  }
  return Touch{.tool = std::string(tool), .path = std::string(path), .is_read = is_read};
}

void Turn::SetText(std::string id) {
  const std::lock_guard lock(mutex_);
  state_.text_id = std::move(id);
}

void Turn::AddChanged(TouchedFile file) {
  const std::lock_guard lock(mutex_);
  Add(std::move(file), state_.changed);
}

void Turn::AddRead(TouchedFile file) {
  const std::lock_guard lock(mutex_);
  Add(std::move(file), state_.read);
}

void Turn::CountUnlisted() {
  const std::lock_guard lock(mutex_);
  ++state_.calls_not_listed;
}

void Turn::SetBase(const std::string& repository, const std::string& commit) {
  const std::lock_guard lock(mutex_);
  state_.bases.try_emplace(repository, commit);
}

bool Turn::EnterDirectory(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  return entered_.size() < max_files_ && entered_.insert(directory).second;
}

Turn::State Turn::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Turn::Add(TouchedFile file, std::vector<TouchedFile>& files) {
  if (std::any_of(files.begin(), files.end(), [&](const TouchedFile& known) { return known.path == file.path; })) {
    return;
  }
  if (files.size() >= max_files_) {
    ++state_.calls_not_listed;
    return;
  }
  files.push_back(std::move(file));
}

std::shared_ptr<Turn> Turns::At(const std::string& run) {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(run);
  if (found != turns_.end()) {
    return found->second.second;
  }
  if (turns_.size() >= max_turns_) {
    turns_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
  auto turn = std::make_shared<Turn>(max_files_);
  turns_.emplace(run, std::pair(next_, turn));
  by_age_.emplace(next_++, run);
  return turn;
}

std::shared_ptr<Turn> Turns::Take(const std::string& run) {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(run);
  if (found == turns_.end()) {
    return nullptr;
  }
  std::shared_ptr<Turn> turn = std::move(found->second.second);
  by_age_.erase(found->second.first);
  turns_.erase(found);
  return turn;
}

std::size_t Turns::size() const {
  const std::lock_guard lock(mutex_);
  return turns_.size();
}

}  // namespace tutti::file_tracker
