#include "tests/crash/workload.h"

#include <stdexcept>
#include <thread>

#include "tutti/sdk/json.hpp"

namespace tutti::test {
namespace {

constexpr std::chrono::seconds kLongestFinish{90};
constexpr std::chrono::milliseconds kGlance{20};

}  // namespace

CrashServer::Life Workload::NextLife() {
  // One in eight dies while it starts and takes up what was left; the others in the middle of the work.
  if (Pick(8) == 0) {
    return {.of_start = (1 + Pick(100)) / 100.0};
  }
  return {.after_ready = std::chrono::milliseconds(1 + Pick(1500))};
}

void Workload::RunUntilDeath() {
  orchestrator_ = server_.Orchestrator();
  if (orchestrator_.empty()) {
    return;
  }
  while (CreateAgents() && SendUnanswered() && Act()) {
  }
}

bool Workload::Act() {
  const int what = Pick(10);
  if (what < 6) {
    // A message replaces the turn that is running: most are let go on to their end.
    return Send(NewMessage()) && (Pick(4) == 0 || WaitForChat());
  }
  if (what < 8) {
    return AnswerApprovals(false);
  }
  return server_.Ask("GET", what == 8 ? "/list_agents" : "/get_events").has_value();
}

bool Workload::WaitForChat() {
  while (true) {
    for (const char* status : {"queued", "running"}) {
      const std::optional<HttpAnswer> runs =
          server_.Ask("GET", std::string("/v1/runs?status=") + status + "&agent=" + orchestrator_);
      if (!runs) {
        return false;
      }
      if (runs->status == 200 && runs->json()["count"].AsInt() > 0) {
        break;
      }
      if (std::string_view(status) == "running") {
        return true;
      }
    }
  }
}

bool Workload::CreateAgents() {
  const std::optional<HttpAnswer> answer = server_.Ask("GET", "/list_agents");
  if (!answer) {
    return false;
  }
  std::set<std::string> there;
  answer->json()["agents"].ForEach([&](JsonView agent) { there.emplace(agent["name"].AsString()); });
  for (int i = 0; i < kAgents; ++i) {
    const std::string name = "worker" + std::to_string(i);
    if (!there.contains(name)) {
      const std::string body = JsonObject()("message", "create " + name)("orchestrator_agent_id", orchestrator_).Take();
      if (!server_.Ask("POST", "/send_chat", body)) {
        return false;
      }
      // The next message would replace the turn before it has done so.
      if (!WaitForChat()) {
        return false;
      }
    }
  }
  return true;
}

Workload::Message Workload::NewMessage() {
  const std::string id = "m" + std::to_string(++number_);
  const std::string agent = "worker" + std::to_string(Pick(kAgents));
  Message message{.key = "key-" + id};
  switch (Pick(5)) {
    case 0:
      message.text = id + " note";
      break;
    case 1:
      message.text = id + " mark " + id;
      break;
    case 2:
      message.text = id + " command " + agent + " risky " + id;
      break;
    default:
      message.text = id + " command " + agent + " mark " + id;
      break;
  }
  return message;
}

bool Workload::Send(const Message& message) {
  const std::string body = JsonObject()("message", message.text)("orchestrator_agent_id", orchestrator_).Take();
  ledger_.sent.insert(message.text);
  const std::optional<HttpAnswer> answer =
      server_.Ask("POST", "/send_chat", body, {{"Idempotency-Key", "\"" + message.key + "\""}});
  if (!answer) {
    unanswered_.push_back(message);
    return false;
  }
  // 409: the first request took effect, its answer was lost. 503 and 429: refused for now, so it is sent again later.
  if (answer->status == 200 || answer->status == 409) {
    ledger_.acknowledged.insert(message.text);
  } else if (answer->status == 503 || answer->status == 429) {
    unanswered_.push_back(message);
  } else {
    throw std::runtime_error("\"" + message.text + "\" was answered with " + std::to_string(answer->status) + ": " +
                             answer->body);
  }
  return true;
}

bool Workload::SendUnanswered() {
  const std::vector<Message> again = std::exchange(unanswered_, {});
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (!Send(again[i])) {
      unanswered_.insert(unanswered_.end(), again.begin() + static_cast<std::ptrdiff_t>(i) + 1, again.end());
      return false;
    }
  }
  return true;
}

bool Workload::AnswerApprovals(bool all) {
  const std::optional<HttpAnswer> listed = server_.Ask("GET", "/v1/approvals?status=pending");
  if (!listed) {
    return false;
  }
  std::vector<std::string> ids;
  const Json pending = listed->json();
  pending["approvals"].ForEach([&](JsonView approval) { ids.emplace_back(approval["id"].AsString()); });
  for (const std::string& id : ids) {
    if (!all && Pick(2) == 0) {
      continue;
    }
    const std::string verdict = Pick(3) == 0 ? "deny" : "allow";
    const std::optional<HttpAnswer> answer =
        server_.Ask("POST", "/v1/approvals/" + id, JsonObject()("answer", verdict).Take());
    if (!answer) {
      return false;
    }
    if (answer->status == 200) {
      ledger_.answered[id] = verdict;
    }
  }
  return true;
}

std::vector<std::string> Workload::Finish() {
  orchestrator_ = server_.Orchestrator();
  if (orchestrator_.empty() || !SendUnanswered() || !unanswered_.empty()) {
    return {"the server took no more messages after its last start:\n" + server_.output()};
  }
  const auto until = std::chrono::steady_clock::now() + kLongestFinish;
  while (true) {
    if (!AnswerApprovals(true)) {
      return {"the server gave no answer while it was to finish its work:\n" + server_.output()};
    }
    std::string open;
    for (const auto& row : server_.Rows("SELECT id, agent, status FROM runs_runs WHERE status IN ('queued', 'running', "
                                        "'waiting')")) {
      open += " " + row.at("id") + " (" + row.at("status") + ")";
    }
    if (open.empty()) {
      return {};
    }
    if (std::chrono::steady_clock::now() >= until) {
      return {"these runs did not come to an end:" + open + "\n" + server_.output()};
    }
    std::this_thread::sleep_for(kGlance);
  }
}

}  // namespace tutti::test
