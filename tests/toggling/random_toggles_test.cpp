// Random changes while clients call what is not switched off: no request fails. Once with the plugins in the host, once
// with each in a process of its own.
//
// The seed is printed; TUTTI_TOGGLE_SEED replays it, TUTTI_TOGGLES sets the number.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/live_server.h"

namespace tutti::test {
namespace {

constexpr int kClients = 2;

struct Place {
  const char* isolation;
  int toggles;
};

std::uint64_t FromEnvironment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

class RandomToggles : public LiveServer, public testing::WithParamInterface<Place> {
 protected:
  ~RandomToggles() override { EndLoad(); }

  void SetUp() override {
    LiveServer::SetUp();
    SetIsolation(GetParam().isolation);
    for (const char* name : {"steady", "gate", "model"}) {
      Install(name, name);
    }
    Install("echo1", "echo");
    List("org.example.model");
    List("org.example.gate");
    List("org.example.steady", "grants: {services: [models]}");
    List("org.example.echo");
    Start();
  }

  void BeginLoad() {
    for (int i = 0; i < kClients; ++i) {
      clients_.emplace_back([this, i] { CallAndCall(i); });
    }
  }

  void EndLoad() {
    is_over_ = true;
    for (std::thread& client : clients_) {
      client.join();
    }
    clients_.clear();
  }

  std::string Failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

  std::atomic<std::uint64_t> calls_{0};

 private:
  void CallAndCall(int client) {
    const std::string n = std::to_string(client);

    const struct {
      const char* command;
      std::string args;
      std::string expected;
    } calls[] = {
        {"steady.echo", "{\"n\":" + n + "}", "{\"n\":" + n + "}"},
        {"steady.ask", "{}", R"({"model":"same","content":[],"stop_reason":"end_turn","usage":{},"cost_usd":0})"},
        {"steady.wait", R"({"ms":5})", R"({"waited":5})"},
    };

    while (!is_over_) {
      for (const auto& call : calls) {
        std::string failure;
        try {
          const HttpAnswer answer = Run(call.command, call.args);
          if (answer.status != 200 || answer.body != call.expected) {
            failure = std::to_string(answer.status) + " " + answer.body;
          }
        } catch (const std::exception& error) {
          failure = error.what();
        }
        ++calls_;
        if (!failure.empty()) {
          const std::lock_guard lock(mutex_);
          failures_ += std::string(call.command) + ": " + failure + "\n";
        }
      }
    }
  }

  std::atomic<bool> is_over_{false};
  std::vector<std::thread> clients_;
  std::mutex mutex_;
  std::string failures_;  // guarded by mutex_
};

TEST_P(RandomToggles, NoRequestFailsOnWhatIsNotSwitchedOff) {
  const std::uint64_t seed = FromEnvironment("TUTTI_TOGGLE_SEED", std::random_device()());
  const auto toggles = static_cast<int>(FromEnvironment("TUTTI_TOGGLES", GetParam().toggles));
  std::cout << "TUTTI_TOGGLE_SEED=" << seed << std::endl;
  std::mt19937_64 random(seed);
  bool gate_is_on = true;
  bool echo_is_on = true;
  bool echo_is_new = false;
  BeginLoad();
  for (int i = 0; i < toggles && !HasFailure(); ++i) {
    HttpAnswer answer;
    std::string expected = "reloaded";
    const int what = static_cast<int>(random() % 100);
    if (what < 25) {
      answer = Manage(gate_is_on ? "disable" : "enable", "org.example.gate");
      expected = gate_is_on ? "disabled" : "enabled";
      gate_is_on = !gate_is_on;
    } else if (what < 45) {
      answer = Manage(echo_is_on ? "disable" : "enable", "org.example.echo");
      expected = echo_is_on ? "disabled" : "enabled";
      echo_is_on = !echo_is_on;
    } else if (what < 60) {
      answer = Manage("reload", "org.example.model");
    } else if (what < 75) {
      answer = Manage("reload", "org.example.steady");
    } else if (what < 85 && gate_is_on) {
      answer = Manage("reload", "org.example.gate");
    } else if (what < 95 && echo_is_on) {
      echo_is_new = !echo_is_new;
      Install(echo_is_new ? "echo2" : "echo1", "echo");
      answer = Manage("reload", "org.example.echo");
      expected = "upgraded";
    } else {
      answer = Manage("reload", "tutti.storage.sqlite");
    }
    ASSERT_EQ(answer.status, 200) << i << ": " << answer.body << server().output();
    ASSERT_EQ(What(answer), expected) << i << ": " << answer.body;
    ASSERT_EQ(Failures(), "") << "after change " << i << ": " << answer.body;
  }
  EndLoad();
  EXPECT_EQ(Failures(), "");
  EXPECT_GT(calls_.load(), 0U);
  std::cout << calls_.load() << " calls during " << toggles << " changes" << std::endl;
  EXPECT_EQ(Metric("tutti_plugins{state=\"zombie\"}"), 0);
  EXPECT_EQ(Metric("tutti_gate_seen_late_total{plugin=\"org.example.gate\"}"), 0);
  EXPECT_EQ(Stop(), 0) << server().output();
}

// Fewer with processes: each of their changes starts one.
INSTANTIATE_TEST_SUITE_P(Places, RandomToggles, testing::Values(Place{"host", 500}, Place{"process", 100}),
                         [](const auto& place) { return std::string(place.param.isolation); });

}  // namespace
}  // namespace tutti::test
