#include "chat.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "chat_lines.h"
#include "file_command.h"
#include "result_text.h"
#include "tool_texts.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

// They store the line together with what they do, and say in the chat what came of them.
constexpr std::array<std::string_view, 2> kTurns = {"orchestrator.compact", "orchestrator.clear"};

constexpr std::int64_t kMostCutOff = 100;

std::string Accepted() {
  return JsonObject()("status", "success")("message", "Message received, the answer is streamed").Take();
}

std::string WithTyped(const std::string& args, const std::string& text) {
  const Result<Json> json = Json::Parse(args.empty() ? std::string_view("{}") : std::string_view(args));
  JsonObject object;
  if (json.ok()) {
    json->view().ForEachMember([&](std::string_view name, JsonView value) { object.Raw(name, value.Dump()); });
  }
  return object("typed", text).Take();
}

}  // namespace

Task<Result<std::string>> Chat::Send(Call call, std::string text) {
  text = CleanUtf8(text);
  const std::optional<TypedCommand> typed = TypedCommand::Parse(text);
  Status begun;
  if (typed) {
    TypedCommand command = *typed;
    begun = co_await Start(call, std::move(command), std::move(text));
  } else {
    ChatTurns::Prompt prompt;
    prompt.text = text;
    begun = co_await turns_.Say(call.id(), PrincipalOf(call), std::move(text), std::move(prompt));
  }
  if (!begun.ok()) {
    co_return begun;
  }
  co_return Accepted();
}

Task<Status> Chat::Start(Call call, TypedCommand typed, std::string text) {
  const Result<std::string> parsed = context_.host.ParseSlash(text);
  std::string refusal(parsed.status().message());
  if (parsed.status().code() == Code::kNotFound) {
    co_return co_await StartFileCommand(std::move(call), std::move(typed), std::move(text), std::move(refusal));
  }
  if (!parsed.ok()) {
    co_return co_await Refuse(call.id(), std::move(text), std::move(refusal));
  }
  const Result<Json> json = Json::Parse(*parsed);
  std::string command(json.ok() ? (*json)["command"].AsString() : std::string_view());
  std::string args(json.ok() ? (*json)["args"].AsString() : std::string_view());
  if (std::find(kTurns.begin(), kTurns.end(), command) != kTurns.end()) {
    co_return co_await StartTurn(std::move(call), std::move(command), std::move(args), std::move(text));
  }
  co_return co_await StartCommand(std::move(call), std::move(command), std::move(args), std::move(text));
}

// `unknown` is what the registry said.
Task<Status> Chat::StartFileCommand(Call call, TypedCommand typed, std::string text, std::string unknown) {
  std::string conversation = context_.conversation();
  std::string by = "user";
  const Result<ExpandedCommand> expanded =
      co_await ExpandCommand(context_.host, call.id(), typed, std::move(conversation), std::move(by));
  if (expanded.ok()) {
    ChatTurns::Prompt prompt{expanded->text, expanded->model, expanded->tools};
    co_return co_await turns_.Say(call.id(), PrincipalOf(call), std::move(text), std::move(prompt));
  }
  if (expanded.status().code() != Code::kNotFound) {
    co_return co_await Refuse(call.id(), std::move(text),
                              "`/" + typed.name + "` could not be used: " + CleanUtf8(expanded.status().message()));
  }
  std::vector<std::string> names;
  const std::vector<FileCommand> commands = co_await ListFileCommands(context_.host, call.id());
  for (const FileCommand& command : commands) {
    names.push_back("/" + command.name);
  }
  const std::string nearest = Nearest("/" + typed.name, names);
  std::string reply = nearest.empty()
                          ? std::move(unknown)
                          : "there is no slash command '/" + typed.name + "'" + DidYouMean("/" + typed.name, names);
  reply += reply.ends_with('?') ? " `/help` lists them all" : "; `/help` lists them all";
  co_return co_await Refuse(call.id(), std::move(text), std::move(reply));
}

// A command that is accepted as a whole, with the line.
Task<Status> Chat::StartTurn(Call call, std::string command, std::string args, std::string text) {
  std::string with_line = WithTyped(args, text);
  Pending pending =
      context_.host.InvokeCommand(call.id(), std::move(command), std::move(with_line), TUTTI_SURFACE_SLASH);
  const Result<std::string> result = co_await std::move(pending);
  if (result.ok() || result.status().code() == Code::kResourceExhausted ||
      result.status().code() == Code::kUnavailable) {
    co_return result.status();
  }
  co_return co_await Refuse(call.id(), std::move(text), CleanUtf8(result.status().message()));
}

Task<Status> Chat::StartCommand(Call call, std::string command, std::string args, std::string text) {
  Batch batch;
  Invocation invocation;
  invocation.line = AddCommandLine(batch, context_.session.id, text);
  const Result<StoreReply> stored = co_await Execute(context_.host, call.id(), batch.Take());
  if (!stored.ok()) {
    co_return stored.status();
  }
  invocation.is_shown = !books_.IsChatBusy();
  if (invocation.is_shown) {
    ShowTyping(context_.host, context_.session.id);
  }
  Enter();
  // Begun while the message's call is there, whose rights it has; it may end after that.
  (void)tutti::Begin(context_.host.InvokeCommand(call.id(), std::move(command), std::move(args), TUTTI_SURFACE_SLASH),
                     [this, invocation](Result<std::string> result) {
                       Spawn(Finish(invocation, std::move(result)), [](const std::exception_ptr&) {});
                     });
  co_return Status();
}

Task<void> Chat::Finish(Invocation invocation, Result<std::string> result) {
  std::string text = result.ok() ? ResultText(*result) : CleanUtf8(result.status().message());
  if (text.empty() && !result.ok()) {
    text = result.status().ToString();
  }
  if (text.empty()) {
    text = "Done.";
  }
  Batch answer;
  AddReplyLine(answer, context_.session.id, text);
  answer.Add(CloseCommandLine(invocation.line));
  std::string what = "an answer could not be stored in the chat";
  (void)co_await StorePatiently(context_.host, answer.Take(), std::move(what));
  if (invocation.is_shown && !books_.IsChatBusy()) {
    ShowEnd(context_.host, context_.session.id);
  }
  if (invocation.is_shown) {
    Batch figures;
    AddFigures(figures, context_.session.id);
    std::string figures_what = "the figures of the chat could not be announced";
    (void)co_await StorePatiently(context_.host, figures.Take(), std::move(figures_what));
  }
  Leave();
}

// In the order of a turn, unless there is one whose dots these would put out.
Task<Status> Chat::Refuse(tutti_call parent, std::string text, std::string reply) {
  Batch typed;
  (void)AddUserLine(typed, context_.session.id, text);
  const Result<StoreReply> stored = co_await Execute(context_.host, parent, typed.Take());
  if (!stored.ok()) {
    co_return stored.status();
  }
  const bool is_shown = !books_.IsChatBusy();
  if (is_shown) {
    ShowTyping(context_.host, context_.session.id);
  }
  if (!reply.empty() && reply.front() >= 'a' && reply.front() <= 'z') {
    reply.front() = static_cast<char>(reply.front() - 'a' + 'A');
  }
  reply += reply.ends_with('.') || reply.ends_with('?') ? "" : ".";
  Batch answer;
  AddReplyLine(answer, context_.session.id, reply);
  std::string what = "an answer could not be stored in the chat";
  (void)co_await StorePatiently(context_.host, answer.Take(), std::move(what));
  if (is_shown) {
    ShowEnd(context_.host, context_.session.id);
    Batch figures;
    AddFigures(figures, context_.session.id);
    std::string figures_what = "the figures of the chat could not be announced";
    (void)co_await StorePatiently(context_.host, figures.Take(), std::move(figures_what));
  }
  co_return Status();
}

void Chat::Begin() {
  Enter();
  Spawn(CloseCutOffCommands(), [](const std::exception_ptr&) {});
}

Task<void> Chat::CloseCutOffCommands() {
  Batch query;
  query.Add(OpenCommandLines(context_.session.id, kMostCutOff));
  const Result<StoreReply> open = co_await Execute(context_.host, 0, query.Take());
  const Result<Json> rows = Json::Parse(open.ok() ? open->Rows(0) : std::string_view("[]"));
  Batch batch;
  if (rows.ok()) {
    rows->view().ForEach([&](JsonView row) {
      AddReplyLine(batch, context_.session.id, texts::CutOff(row["message"].AsString()));
      batch.Add(CloseCommandLine(row["id"].AsString()));
    });
  }
  if (!batch.empty()) {
    std::string what = "commands that were cut off could not be answered";
    (void)co_await StorePatiently(context_.host, batch.Take(), std::move(what));
  }
  Leave();
}

void Chat::Enter() {
  const std::lock_guard lock(mutex_);
  ++running_;
}

void Chat::Leave() {
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

bool Chat::Stop() {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, context_.settings.stop_timeout, [this] { return running_ == 0; });
}

}  // namespace tutti::orchestrator
