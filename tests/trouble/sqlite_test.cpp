// The server while its SQLite file has no room, is locked, or was damaged.
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "tests/support/live_server.h"
#include "tests/trouble/workload.h"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;

class SqliteTrouble : public LiveServer {
 protected:
  void SetUp() override {
    LiveServer::SetUp();
    file_ = data_ + "/tutti.db";
    SetHost("  storage: {breaker: {pause_ms: 100}}\n");
    Install("ledger", "ledger");
    List("org.example.ledger", "grants: {services: [store]}");
  }

  void Storage(const std::string& more = {}) {
    List("tutti.storage.sqlite", "required: true, config: {file: \"" + file_ + "\", busy_timeout_ms: 100" + more + "}");
  }

  // Starts it, and makes sure that entries can be stored.
  void Begin() {
    Start();
    Workload first(server().port());
    const HttpAnswer answer = first.Put();
    ASSERT_EQ(answer.status, 200) << answer.body << server().output();
  }

  HttpAnswer Ready() { return Request(server().port(), "GET", "/health/ready"); }

  // No model runs here, so that the whole is never ready.
  bool WaitForStorage(bool is_ready) {
    return WaitUntil([&] { return Ready().json()["dependencies"]["storage"]["ready"].AsBool() == is_ready; });
  }

  // Fills until nothing fits, says so everywhere, makes room, and goes on.
  void FillAndFree(const std::function<void()>& free, const std::string& expected) {
    Workload load(server().port(), 20000);
    load.Start(3);
    ASSERT_TRUE(load.WaitForRefused(10)) << Ready().body;
    ASSERT_TRUE(WaitForStorage(false)) << Ready().body;
    const HttpAnswer ready = Ready();
    EXPECT_NE(ready.body.find(expected), std::string::npos) << ready.body;
    // What is stored can be read meanwhile.
    EXPECT_EQ(Run("ledger.read").status, 200);
    EXPECT_EQ(Request(server().port(), "GET", "/health").status, 200);
    free();
    EXPECT_TRUE(load.WaitForAcknowledged(10)) << Ready().body << server().output();
    load.Stop();
    EXPECT_TRUE(WaitForStorage(true)) << Ready().body;
    load.Check(server().port());
    EXPECT_EQ(Stop(), 0) << server().output();
  }

  // A server that stored under load and was killed; what it acknowledged.
  std::unique_ptr<Workload> KilledUnderLoad() {
    Storage();
    Begin();
    auto load = std::make_unique<Workload>(server().port());
    load->Start(3);
    EXPECT_TRUE(load->WaitForAcknowledged(60));
    // While the clients still ask: their last answers may be lost, which is none of what is tried here.
    EXPECT_EQ(::kill(server().pid(), SIGSTOP), 0);
    server().Kill();
    load->Stop();
    return load;
  }

  std::string file_;
};

TEST_F(SqliteTrouble, AFullFileSystemIsToldAndRoomMadeIsEnough) {
  const std::string small = directory_.MakeDirectory("small");
  if (mount("tutti", small.c_str(), "tmpfs", 0, "size=6m") != 0) {
    GTEST_SKIP() << "mounting needs rights: " << std::strerror(errno) << "; the next case tries the same with a limit";
  }
  { std::ofstream(small + "/ballast") << std::string(2 << 20, 'x'); }
  file_ = small + "/tutti.db";
  Storage();
  Begin();
  FillAndFree([&] { fs::remove(small + "/ballast"); }, "free space");
  umount2(small.c_str(), MNT_DETACH);
}

TEST_F(SqliteTrouble, AFileThatMayNotGrowIsToldAndAHigherLimitIsEnough) {
  Storage();
  Begin();
  rlimit before{};
  ASSERT_EQ(prlimit(server().pid(), RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit narrow{1 << 20, before.rlim_max};
  ASSERT_EQ(prlimit(server().pid(), RLIMIT_FSIZE, &narrow, nullptr), 0);
  FillAndFree([&] { ASSERT_EQ(prlimit(server().pid(), RLIMIT_FSIZE, &before, nullptr), 0); }, "sqlite");
}

TEST_F(SqliteTrouble, AnotherProcessThatHoldsTheLockIsWaitedFor) {
  Storage();
  Begin();
  Workload load(server().port());
  load.Start(3);
  ASSERT_TRUE(load.WaitForAcknowledged(20));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &other), SQLITE_OK);
  sqlite3_busy_timeout(other, 20000);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_TRUE(load.WaitForRefused(20));
  ASSERT_TRUE(WaitForStorage(false)) << Ready().body;
  EXPECT_NE(Ready().body.find("locked"), std::string::npos) << Ready().body;
  EXPECT_EQ(Run("ledger.read").status, 200);
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(load.WaitForAcknowledged(20)) << Ready().body;
  load.Stop();
  EXPECT_TRUE(WaitForStorage(true)) << Ready().body;
  load.Check(server().port());
  EXPECT_EQ(Stop(), 0);
}

constexpr std::uintmax_t kFrame = 24 + 4096;

TEST_F(SqliteTrouble, GarbageBehindTheLastCommitOfTheLogLosesNothing) {
  for (const bool is_half_a_frame : {false, true}) {
    const auto load = KilledUnderLoad();
    const std::string log = file_ + "-wal";
    ASSERT_GT(fs::file_size(log), 2 * kFrame);
    std::string tail(kFrame / 2, '\x5a');
    if (is_half_a_frame) {  // as a write that was torn leaves it
      std::ifstream in(log, std::ios::binary);
      in.seekg(32);
      in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    }
    std::ofstream(log, std::ios::binary | std::ios::app) << tail;
    Start();
    // Refused connections are none of the server's answers.
    Workload after(server().port());
    EXPECT_EQ(after.Put().status, 200);
    after.Check(server().port());
    load->CheckKept(server().port());
    EXPECT_EQ(Stop(), 0);
  }
}

TEST_F(SqliteTrouble, DamageInTheLastFramesOfTheLogTakesTheTailAndLeavesNoGap) {
  for (const bool is_cut : {false, true}) {
    (void)KilledUnderLoad();
    const std::string log = file_ + "-wal";
    const std::uintmax_t size = fs::file_size(log);
    ASSERT_GT(size, 4 * kFrame);
    if (is_cut) {
      fs::resize_file(log, size - kFrame - kFrame / 3);
    } else {
      std::fstream io(log, std::ios::binary | std::ios::in | std::ios::out);
      io.seekp(static_cast<std::streamoff>(size - kFrame / 2));
      io.put('\x5a').put('\xa5');
    }
    Start();
    Workload after(server().port());
    EXPECT_EQ(after.Put().status, 200);
    after.Check(server().port());
    EXPECT_EQ(Stop(), 0);
  }
}

TEST_F(SqliteTrouble, ADamagedFileIsRefusedWithASentence) {
  Storage();
  Begin();
  {
    Workload load(server().port(), 3000);
    load.Start(2);
    ASSERT_TRUE(load.WaitForAcknowledged(60));
  }
  EXPECT_EQ(Stop(), 0);
  const std::string whole = file_ + ".whole";
  fs::copy_file(file_, whole);
  for (const bool is_header : {false, true}) {
    fs::copy_file(whole, file_, fs::copy_options::overwrite_existing);
    {
      std::fstream io(file_, std::ios::binary | std::ios::in | std::ios::out);
      io.seekp(is_header ? 0 : 4096);
      io << std::string(is_header ? 100 : 20000, '\x5a');
    }
    const std::uintmax_t size = fs::file_size(file_);
    Launch();
    EXPECT_EQ(server().WaitForExit(), 1) << server().output();
    EXPECT_NE(server().output().find("is damaged"), std::string::npos) << server().output();
    EXPECT_NE(server().output().find("restore"), std::string::npos) << server().output();
    EXPECT_EQ(fs::file_size(file_), size);
  }
  fs::copy_file(whole, file_, fs::copy_options::overwrite_existing);
  Start();
  EXPECT_EQ(Run("ledger.read").status, 200);
  EXPECT_EQ(Stop(), 0);
}

TEST_F(SqliteTrouble, ALogThatCannotBeWrittenCostsLinesOnly) {
  SetHost("  log: {file: /dev/full, level: debug}\n");
  Storage();
  Begin();
  Workload load(server().port());
  load.Start(2);
  ASSERT_TRUE(load.WaitForAcknowledged(30));
  load.Stop();
  EXPECT_TRUE(WaitUntil([&] { return Metric("tutti_log_lines_dropped_total") > 0; }));
  EXPECT_TRUE(WaitForStorage(true)) << Ready().body;
  load.Check(server().port());
  EXPECT_EQ(Stop(), 0);
}

}  // namespace
}  // namespace tutti::test
