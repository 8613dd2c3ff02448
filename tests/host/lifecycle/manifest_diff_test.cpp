#include "host/lifecycle/manifest_diff.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

PluginEntry Entry(const std::string& id, const std::string& config = "{}") {
  PluginEntry entry;
  entry.manifest.id = id;
  entry.manifest.library = id + ".so";
  entry.config_json = config;
  return entry;
}

std::string Text(const ManifestDiff& diff) {
  std::string text;
  for (const PluginChange& change : diff.changes()) {
    const char* kinds[] = {"+", "-", "~"};
    text += kinds[static_cast<int>(change.kind)] + change.id + " (" + change.reason + ")\n";
  }
  return text;
}

std::string SameDigest(const PluginEntry&) {
  return "sha";
}

TEST(ManifestDiff, WhatComesIsInLoadOrderAndWhatGoesIsInReverse) {
  const PluginEntry a = Entry("a"), b = Entry("b"), c = Entry("c"), d = Entry("d");
  Manifest next;
  next.plugins = {Entry("e"), Entry("b"), Entry("a", R"({"x":1})"), Entry("f")};
  const ManifestDiff diff({{&a, "sha", true}, {&b, "sha", true}, {&c, "sha", true}, {&d, "sha", true}}, next,
                          &SameDigest);
  EXPECT_EQ(Text(diff),
            "+e (listed and enabled)\n~a (configuration)\n+f (listed and enabled)\n-d (no longer enabled)\n"
            "-c (no longer enabled)\n");
  EXPECT_EQ(diff.unchanged(), 1U);
}

TEST(ManifestDiff, WhateverAnInstanceIsMadeOfMakesANewOne) {
  const PluginEntry now = Entry("a");
  const auto text = [&now](const std::function<void(PluginEntry&)>& change) {
    Manifest next;
    next.plugins = {Entry("a")};
    change(next.plugins.front());
    return Text(ManifestDiff({{&now, "sha", true}}, next, &SameDigest));
  };
  EXPECT_EQ(text([](PluginEntry& e) { e.order["PreToolUse"] = 5; }), "~a (hook order)\n");
  EXPECT_EQ(text([](PluginEntry& e) { e.limits.max_running = 1; }), "~a (limits)\n");
  EXPECT_EQ(text([](PluginEntry& e) { e.on_fault.allow.insert("Stop"); }), "~a (fault rules)\n");
  EXPECT_EQ(text([](PluginEntry& e) { e.storage_json = "{}"; }), "~a (tables and grants)\n");
  EXPECT_EQ(text([](PluginEntry& e) { e.manifest.points["Stop"] = {PointMode::kObserve}; }), "~a (hook points)\n");
  EXPECT_EQ(text([](PluginEntry& e) { e.required = true; }), "");
  EXPECT_EQ(text([](PluginEntry& e) { e.as = "other"; }), "");
}

TEST(ManifestDiff, OtherBytesAreAnotherLibraryAndWhatFailedIsTriedAgain) {
  const PluginEntry a = Entry("a"), b = Entry("b");
  Manifest next;
  next.plugins = {Entry("a"), Entry("b")};
  const ManifestDiff diff({{&a, "sha", true}, {&b, "", false}}, next, [](const PluginEntry&) { return "other"; });
  EXPECT_EQ(Text(diff), "~a (library)\n+b (it was not running)\n");
  EXPECT_FALSE(diff.changes().front().is_upgrade());
}

}  // namespace
}  // namespace tutti::host
