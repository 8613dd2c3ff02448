#include "bash_tool.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tutti::workspace {
namespace {

std::string Seconds(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

std::string HowItEnded(const ChildOutcome& outcome, std::chrono::milliseconds timeout) {
  switch (outcome.end) {
    case ChildOutcome::End::kExited:
      return outcome.code == 0 ? "" : "Exit code " + std::to_string(outcome.code);
    case ChildOutcome::End::kSignalled:
      return "Ended by signal " + std::to_string(outcome.code) + " (" + ::strsignal(outcome.code) + ")";
    case ChildOutcome::End::kTimedOut:
      return "Ended after its time limit of " + Seconds(timeout) +
             ", with everything it had started; give a longer timeout or do less at once";
    case ChildOutcome::End::kCancelled:
      return "Cancelled; the command and everything it had started was ended";
    case ChildOutcome::End::kTooManyProcesses:
      return "Ended because it had " + std::to_string(outcome.code) + " processes at once, more than allowed";
    case ChildOutcome::End::kNotStarted:
      return "The command could not be started: " + outcome.reason;
    case ChildOutcome::End::kLost:
      return "The end of the command is unknown: " + outcome.reason;
  }
  return "";
}

void AppendParagraph(std::string* text, std::string_view paragraph) {
  if (paragraph.empty()) {
    return;
  }
  if (!text->empty() && text->back() != '\n') {
    text->push_back('\n');
  }
  text->append(paragraph);
}

}  // namespace

ToolResult DescribeOutcome(const ChildOutcome& outcome, std::chrono::milliseconds timeout, const char* confinement) {
  const bool is_success = outcome.end == ChildOutcome::End::kExited && outcome.code == 0;
  ToolResult result;
  result.is_error = !is_success;
  result.text = HowItEnded(outcome, timeout);
  AppendParagraph(&result.text, outcome.output);
  if (is_success && outcome.ended_descendants > 0) {
    AppendParagraph(&result.text, "[" + std::to_string(outcome.ended_descendants) +
                                      " processes still running when the command ended were ended with it]");
  }
  if (result.text.empty()) {
    result.text = "[no output]";
  }
  if (outcome.end == ChildOutcome::End::kExited) {
    result.Set("exit_code", outcome.code);
  } else if (outcome.end == ChildOutcome::End::kSignalled) {
    result.Set("signal", outcome.code);
  }
  result.Set("timed_out", outcome.end == ChildOutcome::End::kTimedOut)
      .Set("output_bytes", outcome.bytes)
      .Set("dropped_bytes", outcome.dropped)
      .Set("ended_descendants", outcome.ended_descendants)
      .Set("duration_ms", outcome.duration.count())
      .Set("confinement", confinement);
  return result;
}

std::vector<std::string> SelectEnvironment(const std::vector<std::string>& names) {
  std::vector<std::string> environment;
  for (const std::string& name : names) {
    if (const char* value = std::getenv(name.c_str()); value != nullptr) {
      environment.push_back(name + "=" + value);
    }
  }
  return environment;
}

Result<std::uint64_t> BashTool::Start(std::string_view command, std::chrono::milliseconds timeout,
                                      std::function<void(ToolResult)> done) {
  if (command.find_first_not_of(" \t\n") == std::string_view::npos || command.find('\0') != std::string_view::npos) {
    return Status::InvalidArgument("expected a command without NUL bytes, found " +
                                   std::string(command.find('\0') == std::string_view::npos ? "none" : "one"));
  }
  const auto limit = timeout.count() > 0 ? std::min(timeout, settings_.max_timeout) : settings_.default_timeout;
  ChildCommand child;
  child.arguments = {"/bin/bash", "-c", std::string(command)};
  child.environment = settings_.environment;
  child.directory = directory_.fd();
  child.ruleset = confinement_.ruleset_fd();
  child.timeout = limit;
  child.max_output_bytes = settings_.max_output_bytes;
  child.max_file_bytes = settings_.max_file_bytes;
  child.max_user_processes = settings_.max_user_processes;
  child.max_processes = settings_.max_processes;
  return runner_.Start(std::move(child),
                       [done = std::move(done), limit, name = confinement_.name()](const ChildOutcome& outcome) {
                         done(DescribeOutcome(outcome, limit, name));
                       });
}

}  // namespace tutti::workspace
