#include "chat.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "chat_lines.h"
#include "file_command.h"
#include "result_text.h"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

// They take a turn of their own, which says what came of them.
constexpr std::array<std::string_view, 2> kTurns = {"orchestrator.compact", "orchestrator.clear"};

std::string Accepted() {
  return JsonObject()("status", "success")("message", "Message received, the answer is streamed").Take();
}

}  // namespace

Task<Result<std::string>> Chat::Send(Call call, std::string text) {
  text = CleanUtf8(text);
  if (Status room = turns_.CheckRoom(); !room.ok()) {
    co_return room;
  }
  std::string id = context_.session.id;
  const Status stored = co_await AddUserLine(context_.host, call.id(), std::move(id), text);
  if (!stored.ok()) {
    co_return stored;
  }
  const std::optional<TypedCommand> typed = TypedCommand::Parse(text);
  Status begun;
  if (typed) {
    TypedCommand command = *typed;
    begun = co_await Start(call, std::move(command), std::move(text));
  } else {
    ChatWork work;
    work.text = std::move(text);
    begun = turns_.Submit(std::move(work));
  }
  if (!begun.ok()) {
    co_return begun;
  }
  co_return Accepted();
}

Task<Status> Chat::Start(Call call, TypedCommand typed, std::string text) {
  const Result<std::string> parsed = context_.host.ParseSlash(text);
  if (parsed.ok()) {
    Invoke(call, *parsed);
    co_return Status();
  }
  std::string refusal(parsed.status().message());
  if (parsed.status().code() == Code::kNotFound) {
    co_return co_await StartFileCommand(std::move(call), std::move(typed), std::move(refusal));
  }
  co_await Reply(std::move(refusal));
  co_return Status();
}

// `unknown` is what the registry said.
Task<Status> Chat::StartFileCommand(Call call, TypedCommand typed, std::string unknown) {
  std::string conversation = context_.session.conversation;
  std::string by = "user";
  const Result<ExpandedCommand> expanded =
      co_await ExpandCommand(context_.host, call.id(), typed, std::move(conversation), std::move(by));
  if (expanded.ok()) {
    ChatWork work;
    work.text = expanded->text;
    work.model = expanded->model;
    work.tools = expanded->tools;
    co_return turns_.Submit(std::move(work));
  }
  if (expanded.status().code() != Code::kNotFound) {
    co_await Reply("`/" + typed.name + "` could not be used: " + CleanUtf8(expanded.status().message()));
    co_return Status();
  }
  std::vector<std::string> names;
  const std::vector<FileCommand> commands = co_await ListFileCommands(context_.host, call.id());
  for (const FileCommand& command : commands) {
    names.push_back("/" + command.name);
  }
  const std::string nearest = Nearest("/" + typed.name, names);
  std::string text = nearest.empty()
                         ? std::move(unknown)
                         : "there is no slash command '/" + typed.name + "'" + DidYouMean("/" + typed.name, names);
  text += text.ends_with('?') ? " `/help` lists them all" : "; `/help` lists them all";
  co_await Reply(std::move(text));
  co_return Status();
}

void Chat::Invoke(const Call& call, std::string_view parsed) {
  const Result<Json> json = Json::Parse(parsed);
  const std::string command(json.ok() ? (*json)["command"].AsString() : std::string_view());
  const std::string args(json.ok() ? (*json)["args"].AsString() : std::string_view());
  Invocation invocation;
  invocation.answers_itself = std::find(kTurns.begin(), kTurns.end(), command) != kTurns.end();
  invocation.is_shown = !invocation.answers_itself && !turns_.IsBusy();
  if (invocation.is_shown) {
    ShowTyping(context_.host, context_.session.id);
  }
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  // Begun while the message's call is there, whose rights it has; it may end after that.
  (void)Begin(context_.host.InvokeCommand(call.id(), command, args, TUTTI_SURFACE_SLASH),
              [this, invocation](Result<std::string> result) {
                Spawn(Finish(invocation, std::move(result)), [](const std::exception_ptr&) {});
              });
}

Task<void> Chat::Finish(Invocation invocation, Result<std::string> result) {
  std::string text = result.ok() ? ResultText(*result) : CleanUtf8(result.status().message());
  if (text.empty() && !result.ok()) {
    text = result.status().ToString();
  }
  if (text.empty()) {
    text = "Done.";
  }
  if (!invocation.answers_itself || !result.ok()) {
    std::string id = context_.session.id;
    co_await AddReply(context_.host, std::move(id), std::move(text));
  }
  if (invocation.is_shown && !turns_.IsBusy()) {
    ShowEnd(context_.host, context_.session.id);
  }
  if (invocation.is_shown) {
    std::string id = context_.session.id;
    ChatAccount nothing;
    (void)co_await StoreAccount(context_.host, std::move(id), std::move(nothing));
  }
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

// In the order of a turn, unless there is one whose dots these would put out.
Task<void> Chat::Reply(std::string text) {
  const bool is_shown = !turns_.IsBusy();
  std::string id = context_.session.id;
  if (is_shown) {
    ShowTyping(context_.host, id);
  }
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  text += text.ends_with('.') || text.ends_with('?') ? "" : ".";
  co_await AddReply(context_.host, id, std::move(text));
  if (!is_shown) {
    co_return;
  }
  ShowEnd(context_.host, id);
  ChatAccount nothing;
  (void)co_await StoreAccount(context_.host, std::move(id), std::move(nothing));
}

bool Chat::Stop() {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, context_.settings.stop_timeout, [this] { return running_ == 0; });
}

}  // namespace tutti::orchestrator
