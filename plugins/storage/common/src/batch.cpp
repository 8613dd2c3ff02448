#include "batch.h"

#include <rapidjson/pointer.h>

#include <algorithm>
#include <unordered_map>

#include "compiler.h"
#include "encoding.h"
#include "journal.h"
#include "journal_reader.h"
#include "journal_trimmer.h"
#include "names.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kDeepest = 200;

std::string Shown(std::string_view text) {
  return CleanUtf8(Utf8Prefix(text, 80));
}

bool IsAppend(const rapidjson::Value& op) {
  return JsonView(&op)["op"].AsString() == "append";
}

bool IsRead(std::string_view name) {
  return name == "get" || name == "query" || name == "journal" || name == "heads";
}

void AppendRows(const std::vector<std::string>& rows, bool reversed, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    out += rows[reversed ? rows.size() - 1 - i : i];
  }
  out += ']';
}

}  // namespace

Result<std::unique_ptr<Batch>> Batch::Parse(const std::string& caller, std::string_view text,
                                            std::shared_ptr<const Catalog> catalog, const Dialect& dialect,
                                            const BatchLimits& limits) {
  if (text.size() > limits.batch_bytes) {
    return Status::ResourceExhausted("the batch has " + std::to_string(text.size()) + " bytes, at most " +
                                     std::to_string(limits.batch_bytes) + " are taken (batch_bytes); split it");
  }
  if (JsonDepth(text) > kDeepest) {
    return Status::InvalidArgument("the batch is nested deeper than " + std::to_string(kDeepest) + " levels");
  }
  std::unique_ptr<Batch> batch(new Batch(std::move(catalog), dialect, limits));
  batch->bytes_ = text.size();
  auto document = Json::Parse(text);
  if (!document.ok()) {
    document = Json::Parse(RepairJson(text));
  }
  if (!document.ok()) {
    return Status::InvalidArgument("batch: " + std::string(document.status().message()));
  }
  batch->document_ = std::move(*document);
  if (text.find("\\u0000") != std::string_view::npos) {
    CleanStrings(batch->document_.document(), batch->document_.document().GetAllocator());
  }
  batch->id_ = batch->document_["id"].AsString();
  if (Status status = batch->ReadParts(caller); !status.ok()) {
    return status;
  }
  return batch;
}

bool Batch::one_statement() const {
  return operations_.size() == 1 && operations_[0].compiled && operations_[0].compiled->kind == OpKind::kRows;
}

Status Batch::ReadParts(const std::string& caller) {
  auto& root = document_.document();
  const JsonView parts = document_["parts"];
  if (!parts.is_array() || parts.size() == 0) {
    return Status::InvalidArgument(
        "a batch is {\"parts\": [{\"by\": plugin id, \"ops\": [...]}, ...]} with at least one part");
  }
  parts_ = parts.size();
  for (rapidjson::SizeType p = 0; p < parts_; ++p) {
    auto& part = root["parts"][p];
    const JsonView view(&part);
    if (!view["ops"].is_array()) {
      return Status::InvalidArgument("part " + std::to_string(p) + " of the batch has no array `ops`");
    }
    auto& ops = part["ops"];
    for (rapidjson::SizeType i = 0; i < ops.Size(); ++i) {
      if (operations_.size() == limits_.operations) {
        return Status::ResourceExhausted("the batch has more than " + std::to_string(limits_.operations) +
                                         " operations; split it");
      }
      Operation operation;
      operation.part = p;
      operation.index = i;
      operation.json = &ops[i];
      operation.plugin = view["by"].AsString(caller);
      if (Status status = ReadOperation(std::move(operation)); !status.ok()) {
        return status;
      }
    }
  }
  return {};
}

Status Batch::ReadOperation(Operation operation) {
  const JsonView view(operation.json);
  if (!view.is_object()) {
    return Located(operation, Status::InvalidArgument("an operation is an object {\"op\": ...}"));
  }
  operation.label = view["label"].AsString();
  if (view["label"] && (!IsName(operation.label) || FindLabel(operation, operation.label) != nullptr)) {
    return Located(operation, Status::InvalidArgument("`label` expects a name of lower-case letters, digits and "
                                                      "underscores that no earlier operation of the part has"));
  }
  if (Status status = ReadRefs(operation); !status.ok()) {
    return Located(operation, status);
  }
  if (operation.refs.empty()) {
    auto compiled = Compiler(*catalog_, dialect_, operation.plugin).Compile(view);
    if (!compiled.ok()) {
      return Located(operation, compiled.status());
    }
    operation.compiled = std::move(*compiled);
  }
  read_only_ = read_only_ && IsRead(view["op"].AsString());
  operations_.push_back(std::move(operation));
  return {};
}

Status Batch::ReadRefs(Operation& operation) {
  const JsonView refs = JsonView(operation.json)["refs"];
  if (refs && !refs.is_object()) {
    return Status::InvalidArgument("`refs` expects {\"/pointer/into/this/op\": \"label.path\"}");
  }
  Status status;
  refs.ForEachMember([&](std::string_view pointer, JsonView reference) {
    const std::string_view text = reference.AsString();
    const std::string_view label = text.substr(0, text.find('.'));
    const Operation* source = FindLabel(operation, label);
    const bool reserved = pointer == "/op" || pointer.starts_with("/refs") || pointer == "/label";
    if (!pointer.starts_with("/") || reserved || label.size() == text.size()) {
      status = Status::InvalidArgument(
          "`refs`: expected a pointer such as /set/status (not to op, label or refs) and "
          "\"label.path\", found \"" +
          Shown(pointer) + "\": " + Shown(reference.Dump()));
      return;
    }
    if (source == nullptr || (IsAppend(*source->json) && !IsAppend(*operation.json))) {
      std::vector<std::string> labels;
      for (const Operation& candidate : operations_) {
        labels.push_back(candidate.label);
      }
      status = Status::InvalidArgument("`refs`: no earlier operation of this part that has run by then is labelled '" +
                                       Shown(label) + "'" + Hint(label, labels));
      return;
    }
    operation.refs.emplace_back(pointer, text);
  });
  return status;
}

Batch::Operation* Batch::FindLabel(const Operation& operation, std::string_view label) {
  for (Operation& candidate : operations_) {
    if (candidate.part == operation.part && !candidate.label.empty() && candidate.label == label) {
      return &candidate;
    }
  }
  return nullptr;
}

Status Batch::Located(const Operation& operation, const Status& status) const {
  const JsonView op(operation.json);
  JsonObject details;
  details("part", operation.part)("op", operation.index);
  const std::string_view table = op["table"] ? op["table"].AsString() : op["from"].AsString();
  if (!table.empty()) {
    details("table", table);
  }
  if (!status.details().empty()) {
    details("constraint", catalog_->ConstraintName(status.details()));
  }
  return status.WithDetails(details.Take());
}

Result<const rapidjson::Value*> Batch::Referred(Operation& operation, const std::string& reference) {
  const std::size_t dot = reference.find('.');
  Operation* source = FindLabel(operation, reference.substr(0, dot));
  if (!source->parsed_result) {
    auto parsed = Json::Parse(source->result);
    if (!parsed.ok()) {
      return Status::Internal("the result of '" + source->label + "' is not JSON");
    }
    source->parsed_result = std::move(*parsed);
  }
  const rapidjson::Pointer pointer("/" + reference.substr(dot + 1));
  const rapidjson::Value* found = pointer.IsValid() ? pointer.Get(source->parsed_result->document()) : nullptr;
  if (found == nullptr) {
    return Status::FailedPrecondition("`refs`: the result of '" + source->label + "' has no " +
                                      Shown(reference.substr(dot + 1)) + "; it is " + Shown(source->result));
  }
  return found;
}

Status Batch::ResolveRefs(Operation& operation) {
  auto& allocator = document_.document().GetAllocator();
  for (const auto& [target, reference] : operation.refs) {
    auto value = Referred(operation, reference);
    if (!value.ok()) {
      return value.status();
    }
    const std::size_t slash = target.rfind('/');
    const rapidjson::Pointer parent_pointer(target.substr(0, slash));
    const rapidjson::Pointer last(target.substr(slash));
    rapidjson::Value* parent =
        parent_pointer.IsValid() && last.IsValid() ? parent_pointer.Get(*operation.json) : nullptr;
    // A place is made only as a new member: growing an array to any index would be memory without a bound.
    const bool fits =
        parent != nullptr && (parent->IsObject() || (parent->IsArray() && last.GetTokens()[0].index < parent->Size()));
    if (!fits) {
      return Status::InvalidArgument("`refs`: there is no place " + Shown(target) + " in this operation");
    }
    last.Set(*parent, **value, allocator);
  }
  return {};
}

Status Batch::Charge(std::size_t bytes) {
  result_bytes_ += bytes;
  return result_bytes_ <= limits_.result_bytes
             ? Status()
             : Status::ResourceExhausted("the result is larger than " + std::to_string(limits_.result_bytes) +
                                         " bytes (result_bytes); use `limit` and `after`");
}

Result<std::string> Batch::Run(Connection& connection) {
  result_bytes_ = 0;
  for (Operation& operation : operations_) {
    operation.result.clear();
    operation.parsed_result.reset();
  }
  for (const bool appends : {false, true}) {
    for (Operation& operation : operations_) {
      if (IsAppend(*operation.json) != appends) {
        continue;
      }
      if (Status status = RunOne(connection, operation); !status.ok()) {
        return Located(operation, status);
      }
    }
  }
  return Assembled([](const Operation& operation, std::size_t) -> const std::string& { return operation.result; });
}

template <typename ResultOf>
std::string Batch::Assembled(ResultOf result_of) const {
  std::string out = "{\"results\":[";
  std::size_t i = 0;
  for (std::size_t part = 0; part < parts_; ++part) {
    out += part == 0 ? "[" : ",[";
    for (bool first = true; i < operations_.size() && operations_[i].part == part; ++i, first = false) {
      out.append(first ? "" : ",").append(result_of(operations_[i], i));
    }
    out += ']';
  }
  return out += "]}";
}

std::vector<const CompiledOp*> Batch::MergeablePlans() const {
  std::vector<const CompiledOp*> plans;
  for (const Operation& operation : operations_) {
    const CompiledOp* op = operation.compiled ? &*operation.compiled : nullptr;
    const bool mergeable =
        op != nullptr && (op->kind == OpKind::kAppend ||
                          (op->kind == OpKind::kInsert && !op->insert.ignore_conflict && !op->expect.affected));
    if (!mergeable) {
      return {};
    }
    plans.push_back(op);
  }
  return plans;
}

std::string Batch::MergedResult(const std::vector<std::string>& results) const {
  return Assembled([&](const Operation&, std::size_t i) -> const std::string& { return results[i]; });
}

Status Batch::RunOne(Connection& connection, Operation& operation) {
  std::optional<CompiledOp> late;
  if (!operation.refs.empty()) {
    if (Status status = ResolveRefs(operation); !status.ok()) {
      return status;
    }
    auto compiled = Compiler(*catalog_, dialect_, operation.plugin).Compile(JsonView(operation.json));
    if (!compiled.ok()) {
      return compiled.status();
    }
    late = std::move(*compiled);
  }
  const CompiledOp& op = late ? *late : *operation.compiled;
  switch (op.kind) {
    case OpKind::kRows:
      return RunRows(connection, op, operation.result);
    case OpKind::kAppend: {
      auto events = AppendEvents(connection, dialect_, {&op.append});
      operation.result = events.ok() ? std::move(events->front()) : "";
      return events.ok() ? Charge(operation.result.size()) : events.status();
    }
    case OpKind::kJournal:
    case OpKind::kHeads:
    case OpKind::kTrim:
      return RunJournal(connection, op, operation.result);
    default:
      return RunWrite(connection, op, operation.result);
  }
}

Status Batch::RunRows(Connection& connection, const CompiledOp& op, std::string& result) {
  std::vector<std::string> rows;
  std::string total;
  auto run = connection.Run(op.main, [&](std::span<const std::string_view> fields) {
    if (op.with_total && total.empty()) {
      total = fields[0];
      return Status();
    }
    rows.emplace_back(fields[0]);
    return Charge(fields[0].size());
  });
  if (!run.ok()) {
    return run.status();
  }
  result = "{\"count\":" + std::to_string(rows.size()) + (op.with_total ? ",\"total\":" + total : "") + ",\"rows\":";
  AppendRows(rows, op.reversed, result);
  result += '}';
  return {};
}

Result<std::int64_t> Batch::ReturnedRows(Connection& connection, const CompiledOp& op, std::vector<std::string>& rows) {
  const bool update = op.kind == OpKind::kUpdate;
  const auto pair = [](std::string_view former, std::string_view current) {
    return std::string("{\"old\":").append(former).append(",\"new\":").append(current).append("}");
  };
  if (!op.before) {
    return connection.Run(op.main, [&](std::span<const std::string_view> fields) {
      rows.push_back(update ? pair(fields[0], fields[1]) : std::string(fields[0]));
      return Charge(rows.back().size());
    });
  }
  std::vector<std::pair<std::string, std::string>> former;
  auto run = connection.Run(*op.before, [&](std::span<const std::string_view> fields) {
    former.emplace_back(fields[0], update ? fields[1] : std::string_view());
    return Charge(former.back().second.size());
  });
  if (!run.ok() || former.empty()) {
    return run.ok() ? Result<std::int64_t>(std::int64_t{0}) : run;
  }
  std::unordered_map<std::string, std::string> current;
  run = connection.Run(op.main, [&](std::span<const std::string_view> fields) {
    current.emplace(fields[0], fields[1]);
    return Charge(fields[1].size());
  });
  for (const auto& [identity, old_row] : former) {
    rows.push_back(update ? pair(old_row, current[identity]) : current[identity]);
  }
  return run;
}

Status Batch::RunWrite(Connection& connection, const CompiledOp& op, std::string& result) {
  std::vector<std::string> rows;
  auto affected = op.kind == OpKind::kInsert ? InsertRows(connection, op.insert)
                  : op.returns_rows          ? ReturnedRows(connection, op, rows)
                                             : connection.Run(op.main, nullptr);
  if (!affected.ok()) {
    return affected.status();
  }
  const Expectation& expect = op.expect;
  if (expect.affected && *expect.affected != *affected) {
    return {expect.code, expect.message.empty()
                             ? op.name + " on " + op.table + ": expected " + std::to_string(*expect.affected) +
                                   " rows to be affected, found " + std::to_string(*affected)
                             : expect.message};
  }
  if (expect.version && !expect.affected && *affected == 0) {
    return {expect.code, expect.message.empty() ? op.name + " on " + op.table + ": no matching row has version " +
                                                      std::to_string(*expect.version) + "; read it again"
                                                : expect.message};
  }
  result = "{\"affected\":" + std::to_string(*affected);
  if (op.returns_rows) {
    result += ",\"rows\":";
    AppendRows(rows, false, result);
  }
  result += '}';
  return {};
}

Status Batch::RunJournal(Connection& connection, const CompiledOp& op, std::string& result) {
  JournalReader reader(connection, dialect_);
  // Half of what is left, so that a page of large events is a short page and other operations have room beside it.
  const JournalReader::Bounds bounds{limits_.journal_scan, (limits_.result_bytes - result_bytes_) / 2};
  auto text = op.kind == OpKind::kHeads  ? reader.Heads(op.heads)
              : op.kind == OpKind::kTrim ? JournalTrimmer(connection, dialect_).Trim(op.trim)
                                         : reader.Page(op.journal, bounds);
  if (!text.ok()) {
    return text.status();
  }
  result = std::move(*text);
  return Charge(result.size());
}

}  // namespace tutti::storage
