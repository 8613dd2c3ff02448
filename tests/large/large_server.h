// LargeServer: what is asked of a server on a database with 1,000,000 rows of agent logs, whichever database it is.
//
// Three sessions: "busy" (agents 0 to 49) and "other" (50 to 99) share the newest 990,000 rows evenly, "early" (100 to
// 104, of which one is archived) has the 10,000 before all of them. Ids are SessionId(n) and AgentId(n). Of each
// session there are 5,000 chat lines, and of "busy" 5,000 blocks of each kind.
#pragma once

#include <string>
#include <vector>

#include "tests/system/running_server.h"

namespace tutti::test {

inline constexpr int kRows = 1000000;
inline constexpr int kChatLines = 5000;

class LargeServer : public RunningServer {
 protected:
  enum Session { kBusy = 0, kOther = 1, kEarly = 2 };

  static std::string SessionId(int session);

  // The server goes on with this session, which is stored; checks its answers to all three questions and their pages.
  void CheckSession(Session session);

  // A new session has nothing, and says so without looking through what others have.
  void CheckNewSession();

  // Starts a server on the database.
  virtual void StartOn(const std::string& session) = 0;

  // One field of the only row.
  virtual std::string Ask(const std::string& sql) = 0;

  // Everything that the server had the database do between two calls.
  virtual void BeginWatching() = 0;

  struct Seen {
    std::vector<std::string> statements;
    std::vector<std::string> plans;  // of those that read rows
    std::int64_t work = 0;           // pages or steps of the costliest
  };

  virtual Seen EndWatching() = 0;

  // Whether a statement or plan is what a server asks for beside its requests: its journal, its leases, and what frames
  // both. Not counted.
  static bool IsTheServersOwn(const std::string& statement_or_plan);

  // What `work` may be for answers that need no count of all rows, and for that count.
  std::int64_t most_work_ = 0;
  std::int64_t most_counting_ = 0;

  // Texts by which a plan gives away that it reads all rows of agent_logs.
  std::vector<std::string> full_scans_;

 private:
  HttpAnswer AskOnce(const std::string& what, const std::string& target, const std::string& body, bool is_bounded);
  void CheckPages(Session session);
};

}  // namespace tutti::test
