// POST /api/open-file with a script in the editor's place.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class OpenFile : public Orchestrator {
 protected:
  void SetUp() override {
    Orchestrator::SetUp();
    // It writes down what it was called with.
    Write("ide.sh",
          "case \"$1\" in\n"
          "  *bad.txt) echo 'no display' >&2; exit 3;;\n"
          "  *slow.txt) sleep 1000;;\n"
          "esac\n"
          "printf '%s|' \"$@\" > \"$(dirname \"$0\")/opened\"\n");
    for (const char* file : {"good.txt", "bad.txt", "slow.txt", "a b;$(id).txt"}) {
      Write(file, "text");
    }
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(working_directory_ + "/" + name) << text;
  }

  [[nodiscard]] std::string Opened() const {
    std::ostringstream text;
    text << std::ifstream(working_directory_ + "/opened").rdbuf();
    return text.str();
  }

  Json Open(const std::string& path) {
    const HttpAnswer answer = Post("/api/open-file", JsonObject()("file_path", path).Take());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }

  void ExpectError(const std::string& path, const std::string& part) {
    const Json answer = Open(path);
    EXPECT_EQ(answer["status"].AsString(), "error") << path;
    EXPECT_NE(answer["message"].AsString().find(part), std::string_view::npos) << answer["message"].AsString();
  }

  // Starts the server again with `from` of its manifest replaced.
  void Restart(const std::string& from, const std::string& to) {
    const std::string file = directory_.path() + "/tutti.yaml";
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    std::string manifest = text.str();
    const std::size_t at = manifest.find(from);
    ASSERT_NE(at, std::string::npos) << manifest;
    EXPECT_EQ(server().Stop(), 0);
    std::ofstream(file) << manifest.replace(at, from.size(), to);
    StartServer(id_);
  }
};

TEST_F(OpenFile, O44_FileOfTheProjectIsOpenedByItsCanonicalPath) {
  const std::string path = working_directory_ + "/good.txt";
  const Json answer = Open(path);
  EXPECT_EQ(answer["status"].AsString(), "success") << answer.view().Dump();
  EXPECT_EQ(answer["file_path"].AsString(), path);
  const std::string canonical = std::filesystem::canonical(path).string();
  EXPECT_EQ(Opened(), canonical + "|");
  EXPECT_EQ(Open("./good.txt")["status"].AsString(), "success");
  EXPECT_EQ(Opened(), canonical + "|");
}

TEST_F(OpenFile, O44_NameIsOneArgumentAndNothingForAShell) {
  EXPECT_EQ(Open("a b;$(id).txt")["status"].AsString(), "success");
  EXPECT_TRUE(Opened().ends_with("/a b;$(id).txt|")) << Opened();
}

TEST_F(OpenFile, O44_EachFailureAnswers200WithItsReason) {
  ExpectError("missing.txt", "not found");
  ExpectError("bad.txt", "no display");
  ExpectError("slow.txt", "timed out");
  ExpectError("/etc/passwd", "working directory");
  ExpectError("../../../../etc/passwd", "working directory");
  ExpectError("-good.txt", "dash");
  std::filesystem::create_symlink("/etc/passwd", working_directory_ + "/link.txt");
  ExpectError("link.txt", "working directory");
  EXPECT_EQ(Opened(), "");
  EXPECT_EQ(Post("/api/open-file", "{}").status, 422);
}

TEST_F(OpenFile, O44_DisabledAndMissingEditorSaySo) {
  const std::string command = "command: \"sh ${TUTTI_CWD}/ide.sh\"";
  Restart(command, "command: no-such-editor-anywhere");
  ExpectError("good.txt", "Command not found");
  Restart("command: no-such-editor-anywhere", "enabled: \"no\"");
  ExpectError("good.txt", "disabled");
  ExpectError("missing.txt", "disabled");
}

TEST_F(OpenFile, O44_SlowEditorKeepsNobodyWaiting) {
  std::thread slow([&] { ExpectError("slow.txt", "timed out"); });
  EXPECT_EQ(Get("/list_agents").status, 200);
  SayAndWait("say hello");
  EXPECT_EQ(LastLine(), "hello");
  slow.join();
}

}  // namespace
}  // namespace tutti::test
