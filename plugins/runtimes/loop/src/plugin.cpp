#include "tutti/sdk/plugin.hpp"

#include "agent_loop.h"

namespace tutti::loop {
namespace {

class HostServices : public Services {
 public:
  HostServices(const Host& host, const Call& call) : host_(host), call_(call) {}

  Pending Complete(std::string request) override { return host_.Complete(call_.id(), std::move(request)); }

  Pending Fire(std::string entries) override { return host_.Fire(call_.id(), std::move(entries)); }

  Pending InvokeTool(std::string name, std::string input, std::string tool_use_id, std::string allowed) override {
    return host_.InvokeTool(call_.id(), std::move(name), std::move(input), std::move(tool_use_id), std::move(allowed));
  }

  void Warn(std::string_view message, const Status& error) override {
    host_.Log(TUTTI_LOG_WARNING, message, JsonObject()("run", call_.run())("error", error.ToString()).Take());
  }

  void Emit(std::string_view event) override { (void)call_.Emit(event); }

  bool cancelled() override { return call_.cancelled(); }

 private:
  const Host& host_;
  Call call_;
};

}  // namespace

class LoopPlugin {
 public:
  explicit LoopPlugin(Host host) : host_(host) {}

  Status Init(const Config& config) {
    limits_.parallel = static_cast<std::size_t>(config["parallel_tools"].AsInt(4));
    limits_.max_result_bytes = static_cast<std::size_t>(config["max_tool_result_bytes"].AsInt(400000));
    compaction_.at_percent = config["compact_at_percent"].AsInt(compaction_.at_percent);
    compaction_.context_tokens = config["context_tokens"].AsInt();
    return {};
  }

  Task<Result<std::string>> Start(std::string_view text, Call call) {
    Result<RunRequest> request = RunRequest::Parse(text);
    if (!request.ok()) {
      co_return request.status();
    }
    HostServices services(host_, call);
    CompactionLimits compaction = compaction_;
    if (compaction.context_tokens == 0) {
      compaction.context_tokens = ContextOf(host_.Models(), request->model);
    }
    AgentLoop run(services, std::move(*request), host_.Tools(), limits_, compaction);
    co_return co_await run.Run();
  }

 private:
  Host host_;
  ToolLimits limits_;
  CompactionLimits compaction_;
};

}  // namespace tutti::loop

TUTTI_PLUGIN(tutti::loop::LoopPlugin, "tutti.runtimes.loop", "0.1.0")
