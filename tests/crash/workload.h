// Workload: what users do to a server that may die under them, and what it acknowledged.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/crash_server.h"

namespace tutti::test {

// What the server has promised.
struct Ledger {
  std::set<std::string> acknowledged;           // texts of chat messages that were answered with success
  std::map<std::string, std::string> answered;  // approval -> allow or deny, as acknowledged
  std::set<std::string> sent;                   // texts that may have arrived
};

class Workload {
 public:
  Workload(CrashServer& server, unsigned seed) : server_(server), random_(seed) {}

  // How long the server may live next.
  CrashServer::Life NextLife();

  // Does things until the server dies.
  void RunUntilDeath();

  // Sends again what got no answer, with the key it was first sent with, and answers what waits for a person, until all
  // work has ended. Findings when that takes too long.
  std::vector<std::string> Finish();

  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

  static constexpr int kAgents = 3;

 private:
  struct Message {
    std::string text;
    std::string key;
  };

  // false: no answer came.
  bool Act();
  bool WaitForChat();
  bool CreateAgents();
  bool Send(const Message& message);
  bool SendUnanswered();
  bool AnswerApprovals(bool all);
  Message NewMessage();

  int Pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  CrashServer& server_;
  std::mt19937 random_;
  Ledger ledger_;
  std::string orchestrator_;
  std::vector<Message> unanswered_;
  int number_ = 0;
};

}  // namespace tutti::test
