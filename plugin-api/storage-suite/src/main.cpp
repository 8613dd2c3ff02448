// tutti-storage-suite: runs the cases against the storage plugin of a folder.
#include <cstdio>
#include <string>
#include <vector>

#include "library.h"
#include "options.h"
#include "plugin_backend.h"
#include "printer.h"
#include "suite.h"

namespace tutti::storage_suite {
namespace {

constexpr int kUsageError = 2;

PluginUnderTest& Chosen() {
  static PluginUnderTest plugin;
  return plugin;
}

const BackendFactory kFactory{"Plugin", [] { return MakePluginBackend(Chosen()); }};

INSTANTIATE_TEST_SUITE_P(Suite, BasicStorage, ::testing::Values(kFactory), NameOf());
INSTANTIATE_TEST_SUITE_P(Suite, FullStorage, ::testing::Values(kFactory), NameOf());

int Refuse(const std::string& problem) {
  std::fprintf(stderr, "tutti-storage-suite: %s\n", problem.c_str());
  return kUsageError;
}

int Run(const Options& options) {
  if (!options.is_list) {
    Result<validator::PluginFolder> folder = validator::ReadFolder(options.directory);
    if (!folder.ok()) {
      return Refuse(std::string(folder.status().message()));
    }
    if (!folder->Serves("storage")) {
      return Refuse(folder->id + " is no storage: plugin.yaml does not list it in `kinds`");
    }
    const Result<const tutti_entry*> entry = validator::LoadUsableEntry(*folder);
    if (!entry.ok()) {
      return Refuse(std::string(entry.status().message()));
    }
    Chosen() = {std::move(*folder), *entry, options.config, options.reset};
  }
  std::vector<std::string> arguments{"tutti-storage-suite", "--gtest_filter=" + Filter(options)};
  if (options.is_list) {
    arguments.emplace_back("--gtest_list_tests");
  }
  std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  int count = static_cast<int>(pointers.size());
  ::testing::InitGoogleTest(&count, pointers.data());
  ::testing::UnitTest& unit = *::testing::UnitTest::GetInstance();
  if (!options.is_list) {
    ::testing::TestEventListeners& listeners = unit.listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new Printer);  // which GoogleTest deletes
  }
  const int status = RUN_ALL_TESTS();
  if (options.is_list) {
    return status;
  }
  if (unit.test_to_run_count() == 0) {
    return Refuse("no case of this level has such a name; --list shows them");
  }
  std::printf("%s %s: %d of %d cases of level %s passed\n", Chosen().folder.id.c_str(), Chosen().folder.version.c_str(),
              unit.successful_test_count(), unit.test_to_run_count(), options.level.c_str());
  return status;
}

}  // namespace
}  // namespace tutti::storage_suite

int main(int argc, char** argv) {
  using namespace tutti::storage_suite;
  const Options options = ReadOptions(std::vector<std::string>(argv + 1, argv + argc));
  if (!options.problem.empty()) {
    std::fprintf(stderr, "tutti-storage-suite: %s\n%.*s", options.problem.c_str(), static_cast<int>(Usage().size()),
                 Usage().data());
    return 2;
  }
  if (options.is_help) {
    std::printf("%.*s", static_cast<int>(Usage().size()), Usage().data());
    return 0;
  }
  return Run(options);
}
