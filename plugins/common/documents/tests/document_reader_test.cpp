#include "document_reader.h"

#include <gtest/gtest.h>

#include "document_store.h"
#include "temporary_tree.h"

namespace tutti::documents {
namespace {

struct Parsed {
  std::string text, error;
};

std::string Joined(const std::vector<DocumentStore<Parsed, std::string>::Document>& documents,
                   const std::vector<DocumentRoot>&) {
  std::string all;
  for (const auto& document : documents) {
    all += document.place->relative + "=" + (document.parsed->error.empty() ? document.parsed->text : "!") + " ";
  }
  return all;
}

// Everything with watches, and without: what is seen must be the same.
class DocumentReaderTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  DocumentReaderTest() { limits_.watches = GetParam(); }

  using Store = DocumentStore<Parsed, std::string>;

  std::unique_ptr<Store> Make(const std::vector<DocumentRoot::Settings>& settings) {
    std::vector<DocumentRoot> roots;
    for (const DocumentRoot::Settings& one : settings) {
      roots.push_back(std::move(*DocumentRoot::Make(one, "")));
    }
    return std::make_unique<Store>(
        std::move(roots), std::vector<std::string>{".md"}, limits_,
        [this](const FoundFile&, const Result<std::string>& text) {
          ++parses_;
          return text.ok() ? Parsed{*text, *text == "bad" ? "bad text" : ""}
                           : Parsed{"", std::string(text.status().message())};
        },
        &Joined,
        [this](const std::string& path, std::string_view problem) {
          reports_ +=
              path.substr(std::min(path.size(), tree_.path().string().size())) + " " + std::string(problem) + "\n";
        });
  }

  std::unique_ptr<Store> Make() { return Make({{tree_.PathOf("agents"), "project", ""}}); }

  TemporaryTree tree_;
  ReaderLimits limits_;
  int parses_ = 0;
  std::string reports_;
};

TEST_P(DocumentReaderTest, EveryChangeShowsInTheNextLook) {
  const auto store = Make();
  EXPECT_EQ(*store->Look(), "");
  tree_.Write("agents/a.md", "1");
  EXPECT_EQ(*store->Look(), "a.md=1 ");
  for (const char* text : {"2", "3", "4", "5"}) {
    tree_.Write("agents/a.md", text);  // of one size, within one step of the clock
    EXPECT_EQ(*store->Look(), "a.md=" + std::string(text) + " ");
  }
  tree_.Write("agents/deep/er/b.md", "1");
  EXPECT_EQ(*store->Look(), "a.md=5 deep/er/b.md=1 ");
  tree_.Write("agents/deep/er/b.md", "2");
  EXPECT_EQ(*store->Look(), "a.md=5 deep/er/b.md=2 ");
  tree_.Rename("agents/deep", "agents/far");
  EXPECT_EQ(*store->Look(), "a.md=5 far/er/b.md=2 ");
  tree_.Write("agents/far/er/b.md", "3");
  EXPECT_EQ(*store->Look(), "a.md=5 far/er/b.md=3 ");
  tree_.Rename("agents", "away");
  EXPECT_EQ(*store->Look(), "");
  tree_.Write("agents/c.md", "1");
  EXPECT_EQ(*store->Look(), "c.md=1 ");
  tree_.Remove("agents");
  EXPECT_EQ(*store->Look(), "");
  EXPECT_EQ(reports_, "");
}

TEST_P(DocumentReaderTest, WhatDoesNotChangeIsParsedOnceAndCollectedOnce) {
  tree_.Write("agents/a.md", "1");
  tree_.Write("agents/b.md", "1");
  const auto store = Make();
  const auto first = store->Look();
  if (GetParam() > 0) {
    EXPECT_EQ(store->Look(), first);
    EXPECT_EQ(parses_, 2);
  }
  EXPECT_EQ(*store->Look(), *first);
}

TEST_P(DocumentReaderTest, TargetsOfLinksAreSeenToChange) {
  tree_.Write("shared/a.md", "1");
  tree_.MakeDirectory("agents");
  tree_.Link("agents/link.md", "../shared/a.md");
  tree_.Link("agents/all", "../shared");
  const auto store = Make();
  EXPECT_EQ(*store->Look(), "all/a.md=1 link.md=1 ");
  tree_.Write("shared/a.md", "2");
  EXPECT_EQ(*store->Look(), "all/a.md=2 link.md=2 ");
  tree_.Write("other.md", "3");
  tree_.Remove("shared");
  tree_.Link("shared", ".");
  EXPECT_EQ(*store->Look(), "link.md=! ");
}

TEST_P(DocumentReaderTest, WhatIsWrongIsReportedForAsLongAsItIsAndOnce) {
  tree_.Write("agents/a.md", "bad");
  tree_.Write("agents/large.md", std::string(2000, 'x'));
  limits_.file_bytes = 1000;
  const auto store = Make();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*store->Look(), "a.md=! large.md=! ");
  }
  EXPECT_EQ(reports_, "/agents/a.md bad text\n/agents/large.md " + tree_.PathOf("agents/large.md") +
                          ": expected at most 1000 bytes (max_file_bytes), found 2000\n");
  tree_.Write("agents/a.md", "good");
  EXPECT_EQ(*store->Look(), "a.md=good large.md=! ");
  reports_.clear();
  tree_.Write("agents/a.md", "bad");
  EXPECT_EQ(*store->Look(), "a.md=! large.md=! ");
  EXPECT_EQ(reports_, "/agents/a.md bad text\n");
}

TEST_P(DocumentReaderTest, FilesBeyondTheBytesOfAllAreSaidToBe) {
  for (const char* name : {"a", "b", "c"}) {
    tree_.Write("agents/" + std::string(name) + ".md", std::string(400, *name));
  }
  limits_.total_bytes = 1000;
  const auto store = Make();
  EXPECT_TRUE(store->Look()->ends_with("c.md=! ")) << *store->Look();
  EXPECT_NE(reports_.find("together at most 1000 are read (max_total_bytes)"), std::string::npos) << reports_;
  tree_.Remove("agents/a.md");
  EXPECT_TRUE(store->Look()->ends_with("c.md=" + std::string(400, 'c') + " ")) << *store->Look();
}

TEST_P(DocumentReaderTest, TheBytesOfAllHoldAlsoForFilesThatCameEarlier) {
  limits_.total_bytes = 1000;
  const auto store = Make();
  for (const char* name : {"c", "b", "a"}) {
    tree_.Write("agents/" + std::string(name) + ".md", std::string(400, *name));
    tree_.Age("agents/" + std::string(name) + ".md");
    (void)store->Look();
  }
  EXPECT_TRUE(store->Look()->ends_with("c.md=! "));
}

TEST_P(DocumentReaderTest, ALinkToAFileOutsideIsNotRead) {
  tree_.Write("secret.md", "secret");
  tree_.MakeDirectory("project/agents");
  tree_.Link("project/agents/x.md", "../../secret.md");
  tree_.Link("project/agents/y.md", tree_.PathOf("secret.md"));
  const auto store = Make({{tree_.PathOf("project/agents"), "project", tree_.PathOf("project")}});
  EXPECT_EQ(*store->Look(), "x.md=! y.md=! ");
  EXPECT_NE(reports_.find("leads out"), std::string::npos) << reports_;
}

TEST_P(DocumentReaderTest, FiveThousandFilesAreReadAndThenOnlyTheChangedOne) {
  constexpr int kFiles = 5000;
  tree_.MakeDirectory("agents");
  for (int i = 0; i < kFiles; ++i) {
    std::ofstream(tree_.PathOf("agents/" + std::to_string(i) + ".md")) << i;
  }
  const auto store = Make();
  EXPECT_NE(store->Look()->find("4999.md=4999 "), std::string::npos);
  EXPECT_EQ(parses_, kFiles);
  tree_.Write("agents/17.md", "new");
  EXPECT_NE(store->Look()->find("17.md=new "), std::string::npos);
  EXPECT_EQ(reports_, "");
}

INSTANTIATE_TEST_SUITE_P(Watches, DocumentReaderTest, ::testing::Values(1000, 0),
                         [](const auto& given) { return given.param == 0 ? "None" : "Many"; });

TEST(DocumentReader, WithoutEnoughWatchesItSaysSoAndReadsAgain) {
  const TemporaryTree tree;
  tree.Write("agents/deep/a.md", "1");
  std::string reports;
  ReaderLimits limits;
  limits.watches = 1;
  DocumentReader reader(
      {*DocumentRoot::Make({tree.PathOf("agents"), "project", ""}, "")}, {".md"}, limits,
      [](const FoundFile&, const Result<std::string>& text) {
        return DocumentReader::Parsed{std::make_shared<std::string>(*text), ""};
      },
      [&](const std::string&, std::string_view problem) { reports += problem; });
  EXPECT_TRUE(reader.Refresh());
  tree.Write("agents/deep/a.md", "2");
  EXPECT_TRUE(reader.Refresh());
  EXPECT_EQ(*static_cast<const std::string*>(reader.entries().front().document.get()), "2");
  EXPECT_EQ(reports,
            "is read again at every question, because directories cannot be watched: there are more than 1 directories "
            "(max_watches)");
}

TEST(DocumentReader, WithWatchesNothingIsGoneThroughUntilSomethingChanges) {
  const TemporaryTree tree;
  tree.Write("agents/a.md", "1");
  DocumentReader reader(
      {*DocumentRoot::Make({tree.PathOf("agents"), "project", ""}, "")}, {".md"}, {},
      [](const FoundFile&, const Result<std::string>& text) {
        return DocumentReader::Parsed{std::make_shared<std::string>(*text), ""};
      },
      [](const std::string&, std::string_view) {});
  EXPECT_TRUE(reader.Refresh());
  EXPECT_FALSE(reader.Refresh());
  EXPECT_FALSE(reader.Refresh());
  EXPECT_EQ(reader.scans(), 1U);
  tree.Write("agents/a.md", "2");
  EXPECT_TRUE(reader.Refresh());
  EXPECT_EQ(reader.scans(), 2U);
}

}  // namespace
}  // namespace tutti::documents
