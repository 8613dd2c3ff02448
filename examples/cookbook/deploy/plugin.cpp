// Runs a program for /deploy. Teaches: work that blocks on a thread of one's own, one at a time, ended when cancelled.
#include "tutti/sdk/plugin.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tutti/sdk/text.hpp"

class Deploy {
 public:
  explicit Deploy(tutti::Host /*host*/) {}

  tutti::Status Init(const tutti::Config& config) {
    config["command"].ForEach([this](tutti::JsonView word) { command_.emplace_back(word.AsString()); });
    return {};
  }

  void Deactivate() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Not for agents: no surface "tool". The pattern keeps a target from being taken for a flag.
  std::string Commands() const {
    return R"([{"name": "deploy.run", "summary": "Deploys a target.", "effects": "write", "timeout_ms": 600000,
      "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/deploy TARGET"},
      "input": {"type": "object", "required": ["target"], "additionalProperties": false, "properties":
        {"target": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 100}}}}])";
  }

  void Invoke(std::string_view /*name*/, std::string_view args, const tutti::Call& call) {
    const tutti::Result<tutti::Json> json = tutti::Json::Parse(args);
    const std::lock_guard lock(mutex_);
    if (is_busy_ || !json.ok()) {
      call.Finish(tutti::Status::ResourceExhausted("expected no deployment under way, found one; wait for its end")
                      .WithRetryAfter(std::chrono::seconds(10)));
      return;
    }
    Deactivate();  // the one before has ended
    is_busy_ = true;
    thread_ = std::thread([this, call, target = std::string((*json)["target"].AsString())] {
      const tutti::Result<std::string> result = Run(call, target);
      {
        const std::lock_guard done(mutex_);
        is_busy_ = false;
      }
      call.Finish(result);
    });
  }

 private:
  tutti::Result<std::string> Run(const tutti::Call& call, const std::string& target) const {
    std::vector<char*> words;
    for (const std::string& word : command_) {
      words.push_back(const_cast<char*>(word.c_str()));
    }
    words.insert(words.end(), {const_cast<char*>(target.c_str()), nullptr});
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      return tutti::Status::Unavailable("expected a pipe for the program's output, found no descriptor left");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // so that what it starts ends with it
    pid_t pid = 0;
    const int failed = posix_spawn(&pid, words[0], &actions, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed != 0) {
      close(ends[0]);
      return tutti::Status::NotFound("expected a program at " + command_[0] + ", found none that runs");
    }
    call.OnCancel([pid] { kill(-pid, SIGTERM); });
    std::string output;
    char chunk[4096];
    for (ssize_t count = 0; (count = read(ends[0], chunk, sizeof chunk)) > 0;) {
      const std::string text = tutti::CleanUtf8(std::string_view(chunk, static_cast<std::size_t>(count)));
      call.Emit(tutti::JsonObject()("output", text).Take());  // a slow reader loses it, not the deployment
      output = (output + text).substr(output.size() + text.size() > kKept ? output.size() + text.size() - kKept : 0);
    }
    close(ends[0]);
    siginfo_t ended;
    waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT);
    call.Forget();  // only now may the number be given to another process
    waitpid(pid, nullptr, 0);
    const bool has_exited = ended.si_code == CLD_EXITED;
    return tutti::JsonObject()("target", target)("exit_code", has_exited ? ended.si_status : 128 + ended.si_status)(
               "output", tutti::CleanUtf8(output))
        .Take();
  }

  static constexpr std::size_t kKept = 8192;  // bytes of the end of the output

  std::vector<std::string> command_;  // read only after Init
  std::mutex mutex_;
  bool is_busy_ = false;  // guarded by mutex_
  std::thread thread_;    // guarded by mutex_, while the plugin is active
};

TUTTI_PLUGIN(Deploy, "org.example.deploy", "1.0.0")
