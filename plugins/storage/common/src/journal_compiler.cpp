// The operations on the journal, checked: append, journal, heads, trim.
#include "compiler.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::int64_t kPage = 1000;
constexpr std::int64_t kLargestPage = 10000;
constexpr std::size_t kLongestStreamName = 200;
constexpr std::size_t kMostNames = 1000;  // types of a filter, streams whose heads are asked for

// Whose numbers they are: only the host takes events away.
constexpr std::string_view kHost = "tutti.host";

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

std::string Stream(JsonView op) {
  return std::string(op["stream"].AsString());
}

bool IsStream(const std::string& stream) {
  return !stream.empty() && stream.size() <= kLongestStreamName;
}

// -1 when it is not a page's size.
std::int64_t Limit(JsonView op) {
  const std::int64_t limit = op["limit"].is_null() ? kPage : op["limit"].AsInt(-1);
  return limit <= kLargestPage ? limit : -1;
}

// The texts of an array that need not be there; a failure names `what`.
Result<std::vector<std::string>> Names(JsonView names, const char* what) {
  std::vector<std::string> texts;
  if (names.is_null()) {
    return texts;
  }
  bool is_text = names.is_array();
  names.ForEach([&](JsonView name) {
    is_text = is_text && name.is_string() && !name.AsString().empty();
    texts.emplace_back(name.AsString());
  });
  if (!is_text || texts.empty() || texts.size() > kMostNames) {
    return Bad(std::string(what) + " expects an array of 1 to " + std::to_string(kMostNames) + " texts");
  }
  return texts;
}

}  // namespace

Result<CompiledOp> Compiler::Append(JsonView op) const {
  if (Status status = CheckMembers(op, {"stream", "type", "run", "agent", "tree", "data"}); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kAppend;
  compiled.append = {Stream(op),
                     std::string(op["type"].AsString()),
                     std::string(op["run"].AsString()),
                     std::string(op["agent"].AsString()),
                     std::string(op["tree"].AsString()),
                     op["data"] ? op["data"].Dump() : "{}"};
  if (!IsStream(compiled.append.stream) || compiled.append.type.empty()) {
    return Bad("append expects `stream` (1 to " + std::to_string(kLongestStreamName) + " bytes) and `type`");
  }
  if (op["data"] && !op["data"].is_object()) {
    return Bad("append expects `data` to be an object");
  }
  return compiled;
}

Result<CompiledOp> Compiler::Journal(JsonView op) const {
  if (Status status = CheckMembers(op, {"stream", "since", "limit", "run", "agent", "tree", "types"}); !status.ok()) {
    return status;
  }
  auto types = Names(op["types"], "journal: `types`");
  if (!types.ok()) {
    return types.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kJournal;
  JournalPlan& plan = compiled.journal;
  plan.stream = Stream(op);
  plan.since = op["since"].AsInt(0);
  plan.limit = Limit(op);
  plan.run = op["run"].AsString();
  plan.agent = op["agent"].AsString();
  plan.tree = op["tree"].AsString();
  plan.types = std::move(*types);
  if (plan.stream.empty() || plan.since < 0 || plan.limit < 0) {
    return Bad("journal expects `stream`, `since` from 0 on and `limit` from 0 to " + std::to_string(kLargestPage));
  }
  for (const char* filter : {"run", "agent", "tree"}) {
    if (!op[filter].is_null() && op[filter].AsString().empty()) {
      return Bad(std::string("journal: `") + filter + "` expects a text that is not empty");
    }
  }
  return compiled;
}

Result<CompiledOp> Compiler::Heads(JsonView op) const {
  if (Status status = CheckMembers(op, {"streams", "after", "limit"}); !status.ok()) {
    return status;
  }
  auto streams = Names(op["streams"], "heads: `streams`");
  if (!streams.ok()) {
    return streams.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kHeads;
  compiled.heads = {std::move(*streams), std::string(op["after"].AsString()), Limit(op)};
  if (compiled.heads.limit < 0 || (!op["after"].is_null() && !op["after"].is_string())) {
    return Bad("heads expects `limit` from 0 to " + std::to_string(kLargestPage) +
               " and `after` to be the name of a stream");
  }
  return compiled;
}

Result<CompiledOp> Compiler::Trim(JsonView op) const {
  if (plugin_ != kHost) {
    return Status::PermissionDenied("trim takes events away for everybody: only the host may, not " + plugin_);
  }
  if (Status status = CheckMembers(op, {"stream", "before", "older_than", "keep", "limit"}); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kTrim;
  TrimPlan& plan = compiled.trim;
  plan.stream = Stream(op);
  plan.limit = Limit(op);
  int given = 0;
  for (const char* name : {"before", "keep"}) {
    if (op[name]) {
      ++given;
      plan.until = *name == 'b' ? TrimPlan::Until::kBefore : TrimPlan::Until::kKeep;
      plan.number = op[name].AsInt(-1);
    }
  }
  if (op["older_than"]) {
    ++given;
    plan.until = TrimPlan::Until::kOlderThan;
    plan.time = CanonicalTime(op["older_than"].AsString()).value_or("");
  }
  const bool is_clear =
      given == 1 && (plan.until == TrimPlan::Until::kOlderThan ? !plan.time.empty() : plan.number >= 0);
  if (!IsStream(plan.stream) || plan.limit < 1 || !is_clear) {
    return Bad(
        "trim expects `stream`, one of `before` (a number of the stream), `keep` (how many) and `older_than` "
        "(a time), and `limit` from 1 to " +
        std::to_string(kLargestPage));
  }
  return compiled;
}

}  // namespace tutti::storage
