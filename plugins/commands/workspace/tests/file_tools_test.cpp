#include "file_tools.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "temporary_directory.h"

namespace tutti::workspace {
namespace {

struct FileToolsTest : testing::Test {
  FileToolsTest() {
    limits.max_lines = 100;
    limits.max_line_bytes = 50;
    limits.max_file_bytes = 100'000;
  }

  ToolResult Read(std::string_view path, std::int64_t offset = 1, std::int64_t limit = 0) {
    return FileTools(directory, limits).Read({.file_path = path, .offset = offset, .limit = limit}, [] {
      return false;
    });
  }

  TemporaryDirectory inside;
  TemporaryDirectory outside;
  Result<WorkingDirectory> opened = WorkingDirectory::Open(inside.path());
  const WorkingDirectory& directory = opened.value();
  FileLimits limits;
};

TEST_F(FileToolsTest, ReadNumbersLines) {
  inside.Put("notes", "one\ntwo\nthree");
  EXPECT_EQ(Read("notes").text, "     1\tone\n     2\ttwo\n     3\tthree\n");
  EXPECT_EQ(Read(inside.path() + "/notes").text, Read("notes").text);
}

TEST_F(FileToolsTest, ReadWindowSaysWhereItGoesOn) {
  inside.Put("notes", "1\n2\n3\n4\n");
  EXPECT_EQ(Read("notes", 2, 2).text, "     2\t2\n     3\t3\n[the file goes on: read from offset 4]\n");
  EXPECT_EQ(Read("notes", 3, 2).text, "     3\t3\n     4\t4\n");
  EXPECT_NE(Read("notes", 9).text.find("has 4 lines"), std::string::npos);
}

TEST_F(FileToolsTest, ReadCutsLongLinesBetweenCharacters) {
  std::string line;
  for (int i = 0; i < 40; ++i) {
    line += "\xC3\xA4";
  }
  limits.max_line_bytes = 51;
  inside.Put("long", line + "\nnext\n");
  const ToolResult result = Read("long");
  EXPECT_EQ(CleanUtf8(result.text), result.text);
  EXPECT_EQ(result.text.find("\xEF\xBF\xBD"), std::string::npos);
  EXPECT_NE(result.text.find("[line cut after 51 bytes]\n     2\tnext"), std::string::npos) << result.text;
}

TEST_F(FileToolsTest, ReadShowsInvalidUtf8AsReplacementAndSaysSo) {
  inside.Put("mixed", "ok\nbad \xFF\xFE end\n");
  const ToolResult result = Read("mixed");
  EXPECT_FALSE(result.is_error);
  EXPECT_NE(result.text.find("bad \xEF\xBF\xBD\xEF\xBF\xBD end"), std::string::npos);
  EXPECT_NE(result.text.find("not UTF-8"), std::string::npos);
}

TEST_F(FileToolsTest, ReadRefusesWhatIsNoText) {
  inside.Put("binary", std::string_view("\x7f"
                                        "ELF\0\0",
                                        6));
  ASSERT_EQ(::mkfifo((inside / "pipe").c_str(), 0600), 0);
  for (const auto& [path, reason] : {std::pair{"binary", "binary file of 6 bytes"},
                                     {"pipe", "named pipe"},
                                     {".", "a directory"},
                                     {"missing", "found nothing"},
                                     {"../x", "leads out"},
                                     {"/dev/zero", "outside the working directory"}}) {
    const ToolResult result = Read(path);
    EXPECT_TRUE(result.is_error) << path;
    EXPECT_NE(result.text.find(reason), std::string::npos) << path << ": " << result.text;
  }
}

TEST_F(FileToolsTest, ReadOfAnEmptyFileSaysSo) {
  inside.Put("empty", "");
  EXPECT_EQ(Read("empty").text, "[the file is empty]");
}

TEST_F(FileToolsTest, ReadStopsWhenCancelled) {
  inside.Put("notes", "one\n");
  EXPECT_TRUE(FileTools(directory, limits).Read({.file_path = "notes"}, [] { return true; }).is_error);
}

TEST_F(FileToolsTest, ReadOfAHugeSparseFileEndsAtItsBound) {
  inside.Put("huge", "x");
  std::filesystem::resize_file(inside / "huge", 1ULL << 40U);
  limits.max_scanned_bytes = 1 << 20;
  inside.Put("lines", "first\n" + std::string(3 << 20, 'x'));
  EXPECT_TRUE(Read("huge").is_error);
  EXPECT_NE(Read("lines", 2).text.find("sed -n"), std::string::npos);
}

TEST_F(FileToolsTest, WriteCreatesDirectoriesAndReplacesKeepingTheMode) {
  FileTools tools(directory, limits);
  EXPECT_EQ(tools.Write("a/b/script.sh", "one").text, "Created a/b/script.sh (3 bytes)");
  std::filesystem::permissions(inside / "a/b/script.sh", std::filesystem::perms(0751));
  EXPECT_EQ(tools.Write("a/b/script.sh", "three").text, "Replaced a/b/script.sh (5 bytes)");
  EXPECT_EQ(inside.Get("a/b/script.sh"), "three");
  EXPECT_EQ(std::filesystem::status(inside / "a/b/script.sh").permissions(), std::filesystem::perms(0751));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(inside / "a/b"), {}), 1) << "a temporary file was left";
}

TEST_F(FileToolsTest, WriteGoesThroughALinkThatStaysInside) {
  inside.Put("real", "old");
  std::filesystem::create_symlink("real", inside / "link");
  EXPECT_FALSE(FileTools(directory, limits).Write("link", "new").is_error);
  EXPECT_EQ(inside.Get("real"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(inside / "link"));
}

TEST_F(FileToolsTest, WriteIsRefusedWhereItWouldLeaveTheDirectoryOrHitSomethingElse) {
  outside.Put("file", "untouched");
  std::filesystem::create_symlink(outside / "file", inside / "file_link");
  std::filesystem::create_symlink(outside.path(), inside / "link");
  std::filesystem::create_symlink("nowhere", inside / "dangling");
  std::filesystem::create_directory(inside / "sub");
  ASSERT_EQ(::mkfifo((inside / "pipe").c_str(), 0600), 0);
  FileTools tools(directory, limits);
  for (const char* path : {"file_link", "link/file", "link/new/deep", "../x", "sub", "sub/", ".", "..", "dangling",
                           "pipe", "/etc/tutti-test", "sub/.."}) {
    EXPECT_TRUE(tools.Write(path, "changed").is_error) << path;
  }
  EXPECT_EQ(outside.Get("file"), "untouched");
  EXPECT_EQ(outside.Get("new/deep"), "<missing>");
  EXPECT_TRUE(tools.Write("big", std::string(100'001, 'x')).is_error);
}

TEST_F(FileToolsTest, WriteNeverEscapesWhileADirectoryIsSwappedForALink) {
  std::filesystem::create_directory(inside / "real");
  std::filesystem::create_symlink(outside.path(), inside / "bait");
  std::atomic<bool> stop{false};
  std::thread attacker([&] {
    const std::string target = (inside / "target").string();
    const std::string real = (inside / "real").string();
    const std::string bait = (inside / "bait").string();
    while (!stop) {
      ::rename(real.c_str(), target.c_str());
      ::rename(target.c_str(), real.c_str());
      ::rename(bait.c_str(), target.c_str());
      ::rename(target.c_str(), bait.c_str());
    }
  });
  FileTools tools(directory, limits);
  int written = 0;
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    (tools.Write("target/sub/file", "content").is_error ? refused : written) += 1;
  }
  stop = true;
  attacker.join();
  EXPECT_EQ(written + refused, 3000);
  EXPECT_TRUE(std::filesystem::is_empty(outside.path()));
}

TEST_F(FileToolsTest, EditReplacesTheOnlyOccurrence) {
  inside.Put("code", "int a = 1;\nint b = 2;\n");
  FileTools tools(directory, limits);
  EXPECT_FALSE(tools.Edit({.file_path = "code", .old_string = "b = 2", .new_string = "b = 3"}).is_error);
  EXPECT_EQ(inside.Get("code"), "int a = 1;\nint b = 3;\n");
}

TEST_F(FileToolsTest, EditReplacesAllWhenAsked) {
  inside.Put("code", "x x x");
  FileTools tools(directory, limits);
  const auto result = tools.Edit({.file_path = "code", .old_string = "x", .new_string = "xx", .replace_all = true});
  EXPECT_EQ(result.text, "Replaced 3 occurrences in code");
  EXPECT_EQ(inside.Get("code"), "xx xx xx");
}

TEST_F(FileToolsTest, EditExplainsWhatItCannotDo) {
  inside.Put("code", "if (a)\n\treturn 1;\nif (b)\n\treturn 1;\n");
  inside.Put("windows", "one\r\ntwo\r\n");
  FileTools tools(directory, limits);

  struct Case {
    const char* path;
    const char* from;
    const char* to;
    const char* reason;
  };

  for (const Case& c : {Case{"code", "return 1;", "x", "found it 2 times"},
                        {"code", "if (a)\n    return 1;", "x", "other white space"},
                        {"code", "nothing of it", "x", "read the file again"},
                        {"windows", "one\ntwo", "x", "Windows line ends"},
                        {"code", "", "x", "use Write"},
                        {"code", "if (a)", "if (a)", "the same"},
                        {"missing", "a", "b", "found nothing"}}) {
    const ToolResult result = tools.Edit({.file_path = c.path, .old_string = c.from, .new_string = c.to});
    EXPECT_TRUE(result.is_error) << c.reason;
    EXPECT_NE(result.text.find(c.reason), std::string::npos) << result.text;
  }
  EXPECT_EQ(inside.Get("code"), "if (a)\n\treturn 1;\nif (b)\n\treturn 1;\n");
}

TEST_F(FileToolsTest, ConcurrentEditsAreAllKept) {
  std::string content;
  for (int i = 0; i < 40; ++i) {
    content += "<" + std::to_string(i) + ">";
  }
  inside.Put("shared", content);
  FileTools tools(directory, limits);
  const auto edit = [&](int first) {
    for (int i = first; i < 40; i += 2) {
      const std::string old_string = "<" + std::to_string(i) + ">";
      EXPECT_FALSE(tools.Edit({.file_path = "shared", .old_string = old_string, .new_string = "."}).is_error);
    }
  };
  std::thread even(edit, 0);
  std::thread odd(edit, 1);
  even.join();
  odd.join();
  EXPECT_EQ(inside.Get("shared"), std::string(40, '.'));
}

TEST(ToolResult, IsJsonWithMembersBesideTheText) {
  ToolResult result = ToolResult::Error("bad \xFF \"quote\"");
  result.Set("exit_code", 3).Set("name", "x");
  const auto json = Json::Parse(result.ToJson());
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  EXPECT_EQ((*json)["content"][0]["text"].AsString(), "bad \xEF\xBF\xBD \"quote\"");
  EXPECT_TRUE((*json)["is_error"].AsBool());
  EXPECT_EQ((*json)["exit_code"].AsInt(), 3);
}

}  // namespace
}  // namespace tutti::workspace
