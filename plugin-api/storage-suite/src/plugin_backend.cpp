#include "plugin_backend.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::storage_suite {
namespace {

using testing::CallContext;
using testing::FakeHost;
using testing::LoadedPlugin;

// Longer than any batch of the suite takes, on any machine.
constexpr std::chrono::milliseconds kPatience{60000};

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The members of `over` replace those of `defaults`.
std::string Overlaid(const std::string& defaults, const std::string& over) {
  Result<Json> base = Json::Parse(defaults);
  const Result<Json> top = Json::Parse(over);
  if (!base.ok() || !top.ok()) {
    return over;
  }
  JsonObject object;
  base->view().ForEachMember([&](std::string_view key, JsonView value) {
    if (!(*top)[key]) {
      object.Raw(key, value.Dump());
    }
  });
  top->view().ForEachMember([&](std::string_view key, JsonView value) { object.Raw(key, value.Dump()); });
  return object.Take();
}

class PluginStorage final : public Storage {
 public:
  explicit PluginStorage(const PluginUnderTest& plugin) : plugin_(host_, plugin.entry->create) {}

  Status Start(const std::string& config) { return plugin_.Start(config); }

  Result<std::string> Execute(const std::string& caller, const std::string& batch) override {
    CallContext context;
    context.caller = caller;
    return plugin_.BeginExecute(batch, context).Wait(kPatience);
  }

  Result<std::string> EnsureSchema(const std::string& schema) override {
    return plugin_.BeginEnsureSchema(schema).Wait(kPatience);
  }

 private:
  FakeHost host_;
  LoadedPlugin plugin_;
};

class PluginBackend final : public Backend {
 public:
  explicit PluginBackend(const PluginUnderTest& plugin)
      : plugin_(plugin), former_(std::filesystem::current_path()), directory_(MakeDirectory()) {
    std::filesystem::current_path(directory_);
  }

  ~PluginBackend() override {
    std::error_code ignored;
    std::filesystem::current_path(former_, ignored);
    std::filesystem::remove_all(directory_, ignored);
  }

  // Empty, or why the database is not empty.
  [[nodiscard]] std::string Reset() const {
    const int status = plugin_.reset.empty() ? 0 : ::system(plugin_.reset.c_str());
    return status == 0 ? "" : "the command of --reset ended with status " + std::to_string(status);
  }

  Result<std::unique_ptr<Storage>> Open() override {
    const std::string quoted = JsonQuote(directory_.string());
    const std::string config = Replaced(plugin_.config, "{directory}", quoted.substr(1, quoted.size() - 2));
    auto storage = std::make_unique<PluginStorage>(plugin_);
    if (Status started = storage->Start(Overlaid(plugin_.folder.config, config)); !started.ok()) {
      return started;
    }
    return std::unique_ptr<Storage>(std::move(storage));
  }

 private:
  static std::filesystem::path MakeDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-storage-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw std::system_error(errno, std::system_category(), "no temporary directory " + pattern);
    }
    return pattern;
  }

  const PluginUnderTest& plugin_;
  const std::filesystem::path former_;
  const std::filesystem::path directory_;
};

}  // namespace

std::unique_ptr<Backend> MakePluginBackend(const PluginUnderTest& plugin) {
  auto backend = std::make_unique<PluginBackend>(plugin);
  const std::string problem = backend->Reset();
  if (!problem.empty()) {
    ADD_FAILURE() << problem;
    return nullptr;
  }
  return backend;
}

}  // namespace tutti::storage_suite
