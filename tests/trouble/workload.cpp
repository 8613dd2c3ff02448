#include "tests/trouble/workload.h"

#include <Poco/Exception.h>

#include <chrono>

#include "tests/support/server_process.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::test {
namespace {

constexpr std::chrono::milliseconds kLook{5};
constexpr std::size_t kMostStrange = 20;

}  // namespace

void Workload::Start(int clients) {
  is_stopping_ = false;
  for (int i = 0; i < clients; ++i) {
    clients_.emplace_back([this] {
      while (!is_stopping_) {
        if (Put().status == 503) {
          std::this_thread::sleep_for(kLook);
        }
      }
    });
  }
}

void Workload::Stop() {
  is_stopping_ = true;
  for (std::thread& client : clients_) {
    client.join();
  }
  clients_.clear();
}

HttpAnswer Workload::Put() {
  const std::string id = NewUuid();
  HttpAnswer answer;
  try {
    answer = Request(port_, "POST", "/v1/commands/ledger.put", JsonObject()("id", id)("text", text_).Take());
  } catch (const Poco::Exception& error) {
    answer.body = error.displayText();
  }
  const std::lock_guard lock(mutex_);
  const auto retry = answer.headers.find("Retry-After");
  if (answer.status == 200) {
    ids_.insert(id);
    ++acknowledged_;
  } else if (answer.status == 503 && retry != answer.headers.end() && std::atoi(retry->second.c_str()) > 0) {
    ++refused_;
  } else if (strange_.size() < kMostStrange) {
    strange_.push_back(std::to_string(answer.status) + " " + answer.body);
  }
  return answer;
}

bool Workload::WaitFor(const std::atomic<int>& count, int more) const {
  const int until = count + more;
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (count < until) {
    if (std::chrono::steady_clock::now() >= give_up) {
      return false;
    }
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

bool Workload::WaitForAcknowledged(int more) {
  return WaitFor(acknowledged_, more);
}

bool Workload::WaitForRefused(int more) {
  return WaitFor(refused_, more);
}

void Workload::ReadAll(std::uint16_t port, std::multiset<std::string>& rows, std::multiset<std::string>& events) {
  std::int64_t last = 0;
  for (bool is_first = true;; is_first = false) {
    const HttpAnswer answer = Request(port, "POST", "/v1/commands/ledger.read", JsonObject()("since", last).Take());
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json json = answer.json();
    if (is_first) {
      json["results"][0]["rows"].ForEach([&](JsonView row) { rows.insert(std::string(row["id"].AsString())); });
    }
    const JsonView page = json["results"][1]["events"];
    if (page.size() == 0) {
      return;
    }
    page.ForEach([&](JsonView event) {
      EXPECT_EQ(event["seq"].AsInt(), last + 1) << "the journal has a gap, or a number twice";
      last = event["seq"].AsInt();
      events.insert(std::string(event["data"]["id"].AsString()));
    });
  }
}

void Workload::CheckKept(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  std::multiset<std::string> rows;
  std::multiset<std::string> events;
  ReadAll(port, rows, events);
  EXPECT_EQ(rows, events) << "every row has its one event";
  for (const std::string& id : ids_) {
    EXPECT_EQ(rows.count(id), 1U) << "acknowledged and not there: " << id;
  }
  EXPECT_GT(ids_.size(), 0U);
}

void Workload::Check(std::uint16_t port) {
  CheckKept(port);
  const std::lock_guard lock(mutex_);
  for (const std::string& answer : strange_) {
    ADD_FAILURE() << "expected 200, or 503 with Retry-After, found " << answer;
  }
}

}  // namespace tutti::test
