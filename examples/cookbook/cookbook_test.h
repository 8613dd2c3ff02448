// What the tests of the cookbook share: a built plugin in a host in memory, and a folder for it to work in.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tutti/sdk/testing/library.hpp"

// Where the build puts them; from the folder of the cookbook when nobody says.
#ifndef COOKBOOK_PLUGINS
#define COOKBOOK_PLUGINS "build/plugins/cookbook"
#endif

inline std::string PluginLibrary(const std::string& name) {
  return std::string(COOKBOOK_PLUGINS) + "/" + name + "/" + name + ".so";
}

// The plugin, started with a configuration as its schema would have accepted it.
struct Cook {
  explicit Cook(const std::string& name, const std::string& config = "{}")
      : plugin(tutti::testing::LoadLibrary(host, PluginLibrary(name))) {
    const tutti::Status started = plugin.Start(config);
    EXPECT_TRUE(started.ok()) << started.ToString();
  }

  tutti::testing::FakeHost host;
  tutti::testing::LoadedPlugin plugin;
};

// Removed with everything in it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cookbook-XXXXXX").string();
    path = mkdtemp(name.data()) == nullptr ? "" : name;
    EXPECT_FALSE(path.empty());
  }

  ~Folder() { std::filesystem::remove_all(path); }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void Write(const std::string& name, const std::string& text) const { std::ofstream(path + "/" + name) << text; }

  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream in(path + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string path;
};
