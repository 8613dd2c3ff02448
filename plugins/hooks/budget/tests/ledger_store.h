// LedgerStore: answers the few kinds of operations that the plugin uses, from memory.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "amounts.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::budget {

class LedgerStore {
 public:
  // A batch {"ops": [...]}, applied whole or not at all.
  Result<std::string> Execute(std::string_view batch) {
    const std::lock_guard lock(mutex_);
    if (is_away_) {
      return Status::Unavailable("the database is away");
    }
    const Result<Json> json = Json::Parse(batch);
    JsonWriter results;
    results.BeginObject().Key("results").BeginArray();
    Status status;
    (*json)["ops"].ForEach([&](JsonView op) {
      if (status.ok()) {
        status = Apply(op, results);
      }
    });
    if (!status.ok()) {
      return status;
    }
    return results.EndArray().EndObject().Take();
  }

  void SetAway(bool is_away) {
    const std::lock_guard lock(mutex_);
    is_away_ = is_away;
  }

  // Of one scope and day; of all days when `day` is empty.
  Amounts Spent(const std::string& kind, const std::string& id, const std::string& day = "") {
    const std::lock_guard lock(mutex_);
    return Sum(kind, id, day);
  }

  std::vector<std::string> Events(const std::string& type) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& [name, data] : events_) {
      if (name == type) {
        found.push_back(data);
      }
    }
    return found;
  }

 private:
  using Key = std::vector<std::string>;  // kind, id, day

  static Key KeyOf(JsonView row) {
    return {std::string(row["kind"].AsString()), std::string(row["id"].AsString()), std::string(row["day"].AsString())};
  }

  Amounts Sum(const std::string& kind, const std::string& id, const std::string& day) const {
    Amounts sum;
    for (const auto& [key, amounts] : spent_) {
      if (key[0] == kind && key[1] == id && (day.empty() || key[2] == day)) {
        sum += amounts;
      }
    }
    return sum;
  }

  Status Apply(JsonView op, JsonWriter& results) {
    const std::string_view verb = op["op"].AsString();
    const std::string_view table = op["table"].AsString(op["from"].AsString());
    std::string rows = "[]";
    if (verb == "upsert") {
      spent_[KeyOf(op["row"])];
    } else if (verb == "update") {
      Amounts& amounts = spent_.at(KeyOf(op["where"]));
      for (std::size_t i = 0; i < kStoredResources; ++i) {
        amounts.values[i] += op["add"][ColumnOf(static_cast<Resource>(i))].AsInt();
      }
    } else if (verb == "insert" && table == "budget.calls") {
      if (!calls_.insert(std::string(op["row"]["id"].AsString())).second) {
        return Status::AlreadyExists("the call is charged already");
      }
    } else if (verb == "insert") {
      if (!raises_.emplace(op["row"]["id"].AsString(), op["row"].Dump()).second) {
        return Status::AlreadyExists("the limit is raised already");
      }
    } else if (verb == "append") {
      events_.emplace_back(op["type"].AsString(), op["data"].Dump());
    } else if (verb == "query" && table == "budget.spent") {
      const Key key = KeyOf(op["where"]);
      const Amounts sum = Sum(key[0], key[1], key[2]);
      JsonObject row;
      for (std::size_t i = 0; i < kStoredResources; ++i) {
        row(ColumnOf(static_cast<Resource>(i)), sum.values[i]);
      }
      rows = "[" + row.Take() + "]";
    } else if (verb == "query" && table == "budget.raises") {
      rows = Raises(op["where"]["scope_id"]["in"]);
    }
    results.BeginObject().Key("rows").Raw(rows).EndObject();
    return {};
  }

  std::string Raises(JsonView ids) const {
    std::map<Key, std::int64_t> sums;
    for (const auto& [id, text] : raises_) {
      const Result<Json> row = Json::Parse(text);
      bool is_wanted = false;
      ids.ForEach(
          [&](JsonView wanted) { is_wanted = is_wanted || wanted.AsString() == (*row)["scope_id"].AsString(); });
      if (is_wanted) {
        Key key;
        for (const char* name : {"limit_id", "kind", "scope_id", "day", "resource"}) {
          key.emplace_back((*row)[name].AsString());
        }
        sums[key] += (*row)["amount"].AsInt();
      }
    }
    JsonWriter rows;
    rows.BeginArray();
    for (const auto& [key, amount] : sums) {
      rows.Raw(JsonObject()("limit_id", key[0])("kind", key[1])("scope_id", key[2])("day", key[3])("resource", key[4])(
                   "amount", amount)
                   .Take());
    }
    return rows.EndArray().Take();
  }

  std::mutex mutex_;
  bool is_away_ = false;
  std::map<Key, Amounts> spent_;
  std::set<std::string> calls_;
  std::map<std::string, std::string> raises_;
  std::vector<std::pair<std::string, std::string>> events_;
};

}  // namespace tutti::budget
