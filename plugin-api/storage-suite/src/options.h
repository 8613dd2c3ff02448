// The command line of tutti-storage-suite.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::storage_suite {

struct Options {
  std::string directory;  // with plugin.yaml and the library
  std::string level = "full";
  std::string config = "{}";  // laid over the defaults of the plugin's schema
  std::string reset;          // a shell command that empties the database; before every case
  std::vector<std::string> cases;
  bool is_list = false;
  bool is_help = false;
  std::string problem;  // not empty: a sentence about what is wrong with it
};

Options ReadOptions(const std::vector<std::string>& arguments);

std::string_view Usage();

// What GoogleTest calls the chosen cases.
std::string Filter(const Options& options);

}  // namespace tutti::storage_suite
