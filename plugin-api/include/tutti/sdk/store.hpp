// Batch: storage operations written as code; StoreReply: their results cut out of the answer without parsing the rows.
// The language is that of tutti/abi/storage.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti {

// One operation: Op("update", "orchestrator.agents").Raw("where", ...).Raw("set", ...).
class Op {
 public:
  Op(std::string_view verb, std::string_view table) {
    object_("op", verb);
    if (!table.empty()) {
      object_(verb == "query" ? "from" : "table", table);
    }
  }

  static Op Insert(std::string_view table, std::string_view row) {
    return std::move(Op("insert", table).Raw("row", row));
  }

  static Op Update(std::string_view table, std::string_view where) {
    return std::move(Op("update", table).Raw("where", where));
  }

  static Op Delete(std::string_view table, std::string_view where) {
    return std::move(Op("delete", table).Raw("where", where));
  }

  static Op Query(std::string_view table) { return Op("query", table); }

  // A journal event.
  static Op Append(std::string_view stream, std::string_view type, std::string_view data) {
    return std::move(Op("append", {})("stream", stream)("type", type).Raw("data", data));
  }

  template <typename T>
  Op& operator()(std::string_view key, const T& value) {
    object_(key, value);
    return *this;
  }

  Op& Raw(std::string_view key, std::string_view json) {
    object_.Raw(key, json);
    return *this;
  }

  [[nodiscard]] std::string Take() { return object_.Take(); }

 private:
  JsonObject object_;
};

class Batch {
 public:
  Batch& Add(Op& op) { return AddJson(op.Take()); }

  Batch& Add(Op&& op) { return AddJson(op.Take()); }

  Batch& AddJson(std::string_view op) {
    text_ += text_.empty() ? "" : ",";
    text_ += op;
    return *this;
  }

  [[nodiscard]] bool empty() const { return text_.empty(); }

  // The operations as a JSON array, for HookReply::Record.
  [[nodiscard]] std::string Ops() const { return "[" + text_ + "]"; }

  // For Host::Execute.
  [[nodiscard]] std::string Take() const { return "{\"ops\":[" + text_ + "]}"; }

  // The same for what recovery depends on: it is tried also while the host refuses others because the database is away.
  [[nodiscard]] std::string TakeUrgent() const { return "{\"urgent\":true,\"ops\":[" + text_ + "]}"; }

 private:
  std::string text_;
};

// {"results": [...]} of a batch. Owns the text; views live as long as it.
class StoreReply {
 public:
  explicit StoreReply(std::string text) : text_(std::move(text)) {
    JsonElements(JsonMember(text_, "results"), [this](std::string_view result) {
      results_.emplace_back(static_cast<std::size_t>(result.data() - text_.data()), result.size());
    });
  }

  [[nodiscard]] std::size_t size() const { return results_.size(); }

  // The result of operation `index` as JSON text; "{}" when there is none.
  [[nodiscard]] std::string_view operator[](std::size_t index) const {
    return index < results_.size() ? std::string_view(text_).substr(results_[index].first, results_[index].second)
                                   : std::string_view("{}");
  }

  // A member of that result as raw JSON, such as "rows" or "count"; empty when absent. Skips, does not parse.
  [[nodiscard]] std::string_view Member(std::size_t index, std::string_view name) const {
    return JsonMember((*this)[index], name);
  }

  [[nodiscard]] std::string_view Rows(std::size_t index) const { return Member(index, "rows"); }

 private:
  std::string text_;
  std::vector<std::pair<std::size_t, std::size_t>> results_;
};

}  // namespace tutti
