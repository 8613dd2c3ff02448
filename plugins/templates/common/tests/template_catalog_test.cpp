#include "template_catalog.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::templates {
namespace {

class TemplateCatalogTest : public ::testing::Test {
 protected:
  using Document = documents::DocumentStore<AgentTemplate, TemplateCatalog>::Document;

  // `error` empty: it can be used.
  void Add(std::size_t root, const std::string& relative, const std::string& name, const std::string& error = {}) {
    places_.push_back({root, relative, "/" + std::to_string(root) + "/" + relative});
    AgentTemplate content;
    content.name = name;
    content.description = "d";
    content.prompt = "You are in " + places_.back().path;
    content.error = error;
    contents_.push_back(std::move(content));
  }

  TemplateCatalog Make() {
    std::vector<Document> documents;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      documents.push_back({&places_[i], &contents_[i]});
    }
    return TemplateCatalog::Make(documents, roots_);
  }

  static std::string Names(const TemplateCatalog& catalog) {
    std::string names;
    (*Json::Parse(catalog.List()))["templates"].ForEach(
        [&](JsonView item) { names += std::string(item["name"].AsString()) + (item["error"] ? "! " : " "); });
    return names;
  }

  std::vector<documents::DocumentRoot> roots_ = {*documents::DocumentRoot::Make({"/0", "project", ""}, ""),
                                                 *documents::DocumentRoot::Make({"/1", "user", ""}, "")};
  std::vector<documents::FoundFile> places_;
  std::vector<AgentTemplate> contents_;
};

TEST_F(TemplateCatalogTest, TheEarlierDirectoryCounts) {
  Add(0, "a.md", "scout");
  Add(1, "a.md", "scout");
  Add(1, "b.md", "builder");
  const TemplateCatalog catalog = Make();
  EXPECT_EQ(Names(catalog), "builder scout ");
  EXPECT_NE(catalog.Get("scout")->find("You are in /0/a.md"), std::string::npos);
  EXPECT_EQ(catalog.List().find("You are"), std::string::npos);
}

TEST_F(TemplateCatalogTest, ABrokenOverrideIsNotReplacedByWhatItOverrides) {
  Add(0, "anything.md", "scout", "/0/anything.md:3: bad");
  Add(0, "builder.md", "", "/0/builder.md:1: bad");
  Add(1, "a.md", "scout");
  Add(1, "b.md", "builder");
  const TemplateCatalog catalog = Make();
  EXPECT_EQ(Names(catalog), "builder! scout! ");
  EXPECT_EQ(catalog.Get("scout").status().ToString(), "FAILED_PRECONDITION: /0/anything.md:3: bad");
}

TEST_F(TemplateCatalogTest, InOneDirectoryTheFirstFileCountsAndWorkingOnesAreNotHidden) {
  Add(0, "a.md", "scout");
  Add(0, "b.md", "scout");
  Add(0, "deep/other.md", "", "broken");
  Add(0, "z.md", "other");
  const TemplateCatalog catalog = Make();
  EXPECT_EQ(Names(catalog), "b! other scout ");
  EXPECT_NE(catalog.Get("scout")->find("You are in /0/a.md"), std::string::npos);
  EXPECT_EQ(catalog.Get("b").status().message(),
            "/0/b.md:1: expected a name of its own, found 'scout', which is that of /0/a.md");
}

TEST_F(TemplateCatalogTest, AnUnknownNameIsNotFound) {
  EXPECT_EQ(Make().Get("x").status().ToString(), "NOT_FOUND: no file in /0, /1 has a template named 'x'");
}

}  // namespace
}  // namespace tutti::templates
