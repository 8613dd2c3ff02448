#include "host/cli/running_host.h"

#include <signal.h>

#include <cerrno>
#include <filesystem>

#include "host/cli/chat_watch.h"
#include "host/trust/digest.h"

namespace tutti::host {
namespace {

constexpr std::uint64_t kMaxFileBytes = 64 << 10;
// A switch may wait until running calls have ended.
constexpr std::chrono::seconds kPatience{180};

// A wildcard is no address to connect to; whoever listens on all of them listens on loopback.
std::string Reachable(std::string address) {
  for (const auto& [any, loopback] : {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
    if (address.starts_with(any)) {
      address.replace(0, std::string_view(any).size(), loopback);
    }
  }
  return address;
}

bool IsAlive(int pid) {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

}  // namespace

Result<std::optional<RunningHost>> RunningHost::Find(const std::string& data_dir) {
  const std::filesystem::path file = std::filesystem::path(data_dir) / "host.json";
  std::error_code ignored;
  if (data_dir.empty() || !std::filesystem::exists(file, ignored)) {
    return std::optional<RunningHost>();
  }
  const Result<std::string> text = ReadFile(file, kMaxFileBytes);
  if (!text.ok()) {
    return Status::FailedPrecondition(std::string(text.status().message()) +
                                      "; only the user who runs the server can reach it this way");
  }
  const Result<Json> json = Json::Parse(*text);
  const int pid = json.ok() ? static_cast<int>((*json)["pid"].AsInt(0)) : 0;
  const std::string address(json.ok() ? (*json)["addresses"][0].AsString() : "");
  if (pid <= 0 || address.empty()) {
    return Status::FailedPrecondition(file.string() +
                                      ": expected a process id and an address, found something else; if no server runs "
                                      "on this directory, remove the file");
  }
  // What a crash left behind.
  if (!IsAlive(pid)) {
    return std::optional<RunningHost>();
  }
  HttpClient client({.url = "http://" + Reachable(address),
                     .token = std::string((*json)["token"].AsString()),
                     .token_hint = "the token in " + file.string() + " is not this server's",
                     .timeout = kPatience});
  return std::optional(RunningHost(pid, std::move(client), file.string()));
}

Result<Json> RunningHost::Run(const std::string& command, const std::string& arguments) const {
  return Ask("POST", "/v1/commands/" + command, arguments, command, "tutti.commands.plugins");
}

Result<Json> RunningHost::Ask(const std::string& method, const std::string& route, const std::string& body,
                              const std::string& what, const std::string& plugin) const {
  Result<Json> answer = client_.Request(method, route, body);
  if (answer.ok()) {
    return answer;
  }
  const Result<Json> problem = Json::Parse(answer.status().details());
  // What the server says of a path it does not have: an unknown plugin, say, comes with a sentence of its own.
  if (problem.ok() && (*problem)["detail"].AsString() == "Not Found") {
    const std::string overlay = (std::filesystem::path(file_).parent_path() / "plugins.yaml").string();
    return Status::FailedPrecondition(
        "the server in process " + std::to_string(pid_) + " has no command " + what + ": the plugin " + plugin +
        ", which serves it, does not run there; enable it under `plugins` in the "
        "manifest, take it out of " +
        overlay + " if it is switched off there, then: kill -HUP " + std::to_string(pid_));
  }
  if (problem.ok() && (*problem)["detail"].is_string()) {
    return Status::FailedPrecondition(TerminalText((*problem)["detail"].AsString()));
  }
  return Status::Unavailable(std::string(answer.status().message()) + " (" + file_ + " names process " +
                             std::to_string(pid_) + "; if that is no tutti any more, remove the file)");
}

}  // namespace tutti::host
