// Context: what every part of the orchestrator refers to while it is active.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "accepted_run.h"
#include "settings.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {

// The labels of the run a call belongs to; an empty object outside a run.
Json LabelsOf(const Call& call);

// Who stands behind a call: its principal, or within a run whoever that run is for. Empty: the local user.
std::string PrincipalOf(const Call& call);

// The row this process works as.
struct Session {
  std::string id;            // of orchestrator_agents; also the journal stream
  std::string conversation;  // what the session is resumed by
  runs::Holder holder;       // in whose name its runs are accepted
};

// Threads: any.
class Context {
 public:
  Context(const Host& to_host, const Settings& from_settings, Session of)
      : host(to_host), settings(from_settings), session(std::move(of)), conversation_(session.conversation) {}

  // The model to use for a request: aliases resolved, empty = `fallback`, and when that is empty the model plugin's
  // own.
  [[nodiscard]] std::string ResolveModel(std::string_view requested, const std::string& fallback) const;

  // The orchestrator on whose behalf a tool is called: this process's, unless an agent of an earlier session goes on.
  [[nodiscard]] std::string OrchestratorOf(const Call& call) const;

  // What the next message continues.
  [[nodiscard]] std::string conversation() const;
  void BeginConversation(std::string conversation);

  const Host host;
  const Settings settings;
  const Session session;  // as it was opened

 private:
  mutable std::mutex mutex_;
  std::string conversation_;  // guarded by mutex_
};

}  // namespace tutti::orchestrator
