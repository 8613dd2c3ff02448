#include "tutti/sdk/plugin.hpp"

#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "agent_turns.h"
#include "bookkeeper.h"
#include "built_in_commands.h"
#include "chat.h"
#include "chat_blocks.h"
#include "chat_turns.h"
#include "context.h"
#include "management_tools.h"
#include "routes.h"
#include "session.h"
#include "tool_definitions.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::chrono::seconds kStartLimit{60};

std::vector<std::string> ChatTools(const Settings& settings) {
  std::vector<std::string> names;
  for (const ToolDefinition& tool : kTools) {
    names.push_back(ToolName(tool));
  }
  names.insert(names.end(), settings.chat_tools.begin(), settings.chat_tools.end());
  return names;
}

// Everything that exists only while the plugin is active.
struct Active {
  Active(const Host& host, const Settings& settings, Session session)
      : context(host, settings, std::move(session)),
        books(context, ChatTools(settings)),
        turns(context, ChatTools(settings)),
        agents(context),
        chat(context, turns, books),
        built_ins(context, turns),
        tools(context, agents),
        routes(context, chat) {}

  Context context;
  Bookkeeper books;
  ChatTurns turns;
  AgentTurns agents;
  Chat chat;
  BuiltInCommands built_ins;
  ManagementTools tools;
  Routes routes;
};

}  // namespace

class OrchestratorPlugin {
 public:
  explicit OrchestratorPlugin(Host host) : host_(host) {
    for (const RouteDefinition& route : kRoutes) {
      commands_.Add(route.json, [this, name = route.name](Call call, JsonView args) {
        return active_->routes.Invoke(name, std::move(call), args);
      });
    }
    commands_.AddDirect(kHealthRoute, [this](const Call&, JsonView) { return active_->routes.Health(); });
    commands_.AddDirect(kHeadersRoute, [this](const Call&, JsonView) { return active_->routes.Headers(); });
    commands_.AddDirect(kConnectRoute, [this](const Call&, JsonView args) { return active_->routes.Connect(args); });
    commands_.AddDirect(kFollowRoute, [this](const Call&, JsonView args) { return active_->routes.Follow(args); });
    for (const BuiltInDefinition& command : kBuiltIns) {
      commands_.Add(command.json, [this, name = command.name](Call call, JsonView args) {
        return active_->built_ins.Invoke(name, std::move(call), args);
      });
    }
    for (const ToolDefinition& tool : kTools) {
      commands_.Add(CommandDefinition(tool), [this, name = tool.name](Call call, JsonView args) {
        return active_->tools.Invoke(name, std::move(call), args);
      });
    }
  }

  Status Init(const Config& config) {
    Result<Settings> settings = Settings::FromConfig(config.view());
    if (settings.ok()) {
      settings_ = std::move(*settings);
    }
    return settings.status();
  }

  Status Activate() {
    if (!session_) {
      Result<Session> session = Open();
      if (!session.ok()) {
        return session.status();
      }
      session_ = std::move(*session);
    }
    active_ = std::make_unique<Active>(host_, settings_, *session_);
    active_->chat.Begin();
    TellHowToResume();
    return {};
  }

  // Runs go on, or are suspended, without this plugin: they are not its own.
  void Deactivate() {
    const bool have_ended = active_->chat.Stop();
    session_->conversation = active_->context.conversation();
    TellHowToResume();
    if (have_ended) {
      active_.reset();
      return;
    }
    host_.Log(TUTTI_LOG_ERROR, "typed commands were still running when the orchestrator had to stop");
    // What still runs refers to it; it goes with the process.
    (void)active_.release();  // NOLINT(bugprone-unused-return-value)
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

  // The orchestrator's own blocks, for those of its agents are the recorder's; and the states of all runs.
  Task<HookReply> OnPoint(const Point& point, std::string_view payload, const Call& call) {
    const Point at = point;
    const std::string name(point.name);
    const Result<Json> parsed = Json::Parse(CleanJson(payload));
    if (!parsed.ok()) {
      co_return HookReply::Fail(parsed.status());
    }
    if (name == "RunState") {
      RunChange change = RunChange::Read(parsed->view());
      const std::string operations = co_await active_->books.Record(std::move(change));
      co_return operations.empty() ? HookReply::Allow() : HookReply::Record(operations);
    }
    if (LabelsOf(call)["role"].AsString() != "orchestrator") {
      co_return HookReply::Allow();
    }
    const auto operations = BlockOperations(call.stream(), name, parsed->view(), at.time_us);
    co_return operations ? HookReply::Record(*operations) : HookReply::Allow();
  }

 private:
  Result<Session> Open() {
    auto answer = std::make_shared<std::promise<Result<Session>>>();
    std::future<Result<Session>> opened = answer->get_future();
    auto open = [](Host host, Settings settings, std::shared_ptr<std::promise<Result<Session>>> to) -> Task<void> {
      Result<Session> session = co_await OpenSession(host, settings);
      to->set_value(std::move(session));
    };
    Spawn(open(host_, settings_, answer),
          [answer](const std::exception_ptr& thrown) { answer->set_exception(thrown); });
    if (opened.wait_for(kStartLimit) != std::future_status::ready) {
      return Status::DeadlineExceeded("the storage did not answer within 60 s when the session was to be opened");
    }
    return opened.get();
  }

  void TellHowToResume() const {
    host_.Log(TUTTI_LOG_NOTICE, "resume with: tutti run --session " + session_->conversation,
              JsonObject()("orchestrator", session_->id).Take());
  }

  Host host_;
  CommandSet commands_;
  Settings settings_;
  std::optional<Session> session_;
  std::unique_ptr<Active> active_;
};

}  // namespace tutti::orchestrator

TUTTI_PLUGIN(tutti::orchestrator::OrchestratorPlugin, "tutti.commands.orchestrator", "0.1.0")
