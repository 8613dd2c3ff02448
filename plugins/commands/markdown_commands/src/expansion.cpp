#include "expansion.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "arguments.h"
#include "command_body.h"
#include "front_matter.h"
#include "shell_permission.h"
#include "texts_json.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown_commands {
namespace {

constexpr std::size_t kMostShown = 2000;  // characters of a failed command's output in a message

Status Refused(const CatalogedCommand& command, const std::string& why) {
  return Status::FailedPrecondition("/" + command.name + ": " + why);
}

Status CheckUse(const CatalogedCommand& command, const ExpansionRequest& request, const ExpansionLimits& limits) {
  const CommandFile& file = command.file;
  if (!file.error.empty()) {
    return Refused(command, "the file cannot be used: " + file.error);
  }
  if (request.is_by_model && file.disable_model_invocation) {
    return Status::PermissionDenied("/" + command.name +
                                    " is for users only: its file says `disable-model-invocation: true`");
  }
  if (!request.is_by_model && !file.is_user_invocable) {
    return Status::PermissionDenied("/" + command.name + " is not for users: its file says `user-invocable: false`");
  }
  if (request.arguments.size() > limits.argument_bytes) {
    return Status::InvalidArgument("/" + command.name + ": expected at most " + std::to_string(limits.argument_bytes) +
                                   " bytes of arguments (max_argument_bytes), found " +
                                   std::to_string(request.arguments.size()));
  }
  return {};
}

// All of them, before the first one runs.
Status CheckShell(const CatalogedCommand& command, const ExpandedBody& body, const ExpansionLimits& limits) {
  const CommandFile& file = command.file;
  const ShellPermission permission(file.allowed_tools, file.disallowed_tools);
  std::size_t count = 0;
  for (const ExpandedPart& part : body.parts) {
    if (!part.is_shell) {
      continue;
    }
    if (++count > limits.shell_commands) {
      return Refused(command, "expected at most " + std::to_string(limits.shell_commands) +
                                  " shell commands (max_shell_commands), found more");
    }
    if (!file.shell.empty() && file.shell != "bash") {
      return Refused(command, "it asks for the shell `" + file.shell + "`; there is only bash");
    }
    if (const auto refusal = permission.Refusal(part.text)) {
      return Refused(command, *refusal);
    }
  }
  return {};
}

// What a tool's result says.
std::string TextOf(JsonView result) {
  std::string text;
  result["content"].ForEach([&](JsonView item) { text += item["text"].AsString(); });
  return text;
}

// "[no output]" stands for no output; a result without the member keeps its text.
std::string OutputOf(JsonView result) {
  const bool is_empty = result["output_bytes"].is_int() && result["output_bytes"].AsInt() == 0;
  return is_empty ? std::string() : std::string(documents::Trimmed(TextOf(result)));
}

Task<Result<std::string>> RunShell(Host host, tutti_call parent, std::string line) {
  std::string args = JsonObject()("command", documents::Trimmed(line)).Take();
  Pending pending = host.InvokeTool(parent, "Bash", std::move(args), "slash_" + NewUuid(), R"(["Bash"])");
  const Result<std::string> answer = co_await std::move(pending);
  if (answer.status().code() == Code::kNotFound) {
    co_return Status::FailedPrecondition(
        "there is no tool Bash here to run it; enable the plugin tutti.commands.workspace");
  }
  if (!answer.ok()) {
    co_return answer.status();
  }
  const Result<Json> json = Json::Parse(*answer);
  if (!json.ok()) {
    co_return json.status();
  }
  if ((*json)["is_error"].AsBool()) {
    co_return Status::FailedPrecondition(std::string(Utf8Prefix(TextOf(json->view()), kMostShown)));
  }
  co_return OutputOf(json->view());
}

// What the model sees before the text.
std::string Tags(const CatalogedCommand& command, const ExpansionRequest& request) {
  std::string tags =
      "<command-message>" + command.name + "</command-message>\n<command-name>/" + command.name + "</command-name>\n";
  if (!request.arguments.empty()) {
    tags += "<command-args>" + request.arguments + "</command-args>\n";
  }
  return tags + "\n";
}

}  // namespace

Task<Result<std::string>> Expand(Host host, tutti_call parent, std::shared_ptr<const CommandCatalog> catalog,
                                 ExpansionRequest request, ExpansionLimits limits) {
  const std::string_view name = std::string_view(request.name).substr(request.name.starts_with('/') ? 1 : 0);
  const Result<const CatalogedCommand*> found = catalog->Find(name);
  if (!found.ok()) {
    co_return found.status();
  }
  const CatalogedCommand& command = **found;
  request.arguments = documents::Trimmed(CleanUtf8(request.arguments));
  if (const Status status = CheckUse(command, request, limits); !status.ok()) {
    co_return status;
  }
  const std::string directory = std::filesystem::path(command.path).parent_path().string();
  const CommandBody parsed(command.file.body, command.file.argument_names);
  Invocation invocation;
  invocation.typed = request.arguments;
  invocation.arguments = SplitArguments(request.arguments);
  invocation.session = request.session;
  invocation.directory = directory;
  const Result<ExpandedBody> body = parsed.Expand(invocation, limits.text_bytes);
  if (!body.ok()) {
    co_return Status::InvalidArgument("/" + command.name + ": " + std::string(body.status().message()));
  }
  if (const Status status = CheckShell(command, *body, limits); !status.ok()) {
    co_return status;
  }
  std::string text = Tags(command, request);
  for (const ExpandedPart& part : body->parts) {
    if (!part.is_shell) {
      text += part.text;
      continue;
    }
    const Result<std::string> output = co_await RunShell(host, parent, part.text);
    if (!output.ok() && output.status().code() == Code::kCancelled) {
      co_return output.status();
    }
    if (!output.ok()) {
      co_return Refused(command, "the command `" + std::string(documents::Trimmed(part.text)) +
                                     "` failed: " + std::string(output.status().message()));
    }
    text += *output;
    if (text.size() > limits.text_bytes) {
      co_return Status::InvalidArgument("/" + command.name + ": expected at most " + std::to_string(limits.text_bytes) +
                                        " bytes (max_text_bytes) with the outputs of its commands, found more");
    }
  }
  if (!body->used_arguments && !request.arguments.empty()) {
    text += "\n\n\nARGUMENTS: " + request.arguments;
  }
  JsonObject answer;
  answer("name", command.name)("text", text)("model", command.file.model);
  answer.Raw("allowed_tools", documents::TextsJson(command.file.allowed_tools));
  co_return answer.Raw("disallowed_tools", documents::TextsJson(command.file.disallowed_tools)).Take();
}

}  // namespace tutti::markdown_commands
