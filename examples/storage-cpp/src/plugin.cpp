#include "tutti/sdk/plugin.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tutti/sdk/text.hpp"

// A storage with the least that is of use: insert, get, delete, query by equality, append. What it cannot do it refuses
// with a sentence. The whole language: tutti/abi/storage.h; `tutti-storage-suite` says how much of it a storage speaks.
class StorageCpp {
 public:
  explicit StorageCpp(tutti::Host /*host*/) {}

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    max_rows_ = static_cast<std::size_t>(config["max_rows"].AsInt());
    return {};
  }

  tutti::Result<std::string> EnsureSchema(std::string_view text, const tutti::Call& /*call*/) {
    const tutti::Result<tutti::Json> schema = tutti::Json::Parse(text);
    if (!schema.ok()) {
      return schema.status();
    }
    const std::lock_guard lock(mutex_);
    const std::string space((*schema)["namespace"].AsString());
    (*schema)["tables"].ForEachMember([&](std::string_view name, tutti::JsonView table) {
      std::vector<std::string>& key = keys_[space + "." + std::string(name)];
      key.clear();
      table["columns"].ForEachMember([&](std::string_view column, tutti::JsonView about) {
        if (about["primary"].AsBool()) {
          key.emplace_back(column);
        }
      });
    });
    return tutti::JsonObject()("namespace", space)("version", (*schema)["version"].AsInt())
        .Raw("created", "[]")
        .Raw("changed", "[]")
        .Take();
  }

  // All or nothing: a copy takes the operations, and becomes the data when none has failed.
  tutti::Result<std::string> Execute(std::string_view text, const tutti::Call& /*call*/) {
    const tutti::Result<tutti::Json> batch = tutti::Json::Parse(text);
    if (!batch.ok()) {
      return batch.status();
    }
    const std::lock_guard lock(mutex_);
    Data data = data_;
    tutti::Status failure;
    tutti::JsonWriter results;
    results.BeginObject().Key("results").BeginArray();
    (*batch)["parts"].ForEach([&](tutti::JsonView part) {
      results.BeginArray();
      part["ops"].ForEach([&](tutti::JsonView op) {
        tutti::Result<std::string> result = failure.ok() ? Apply(op, data) : failure;
        failure = result.status();
        results.Raw(result.ok() ? *result : "null");
      });
      results.EndArray();
    });
    if (!failure.ok()) {
      return failure;
    }
    data_ = std::move(data);
    return results.EndArray().EndObject().Take();
  }

  std::string Stats() const { return R"({"healthy":true,"reason":"","engine":"memory","version":"0.1.0"})"; }

 private:
  using Row = std::map<std::string, std::string>;  // column to JSON value

  struct Data {
    std::map<std::string, std::map<std::string, Row>> tables;  // by name, then by primary key
    std::map<std::string, std::int64_t> streams;               // last number
    std::size_t rows = 0;
  };

  // REQUIRES for all below: mutex_ held.

  tutti::Result<std::string> Apply(tutti::JsonView op, Data& data) const {
    const std::string verb(op["op"].AsString());
    if (const std::string unknown = FirstUnknown(op); !unknown.empty()) {
      return tutti::Status::Unimplemented("this storage does not know " + unknown + ", found it in an op " + verb);
    }
    if (verb == "append") {
      return Append(op, data);
    }
    const std::string table(op[verb == "query" ? "from" : "table"].AsString());
    const auto key = keys_.find(table);
    if (key == keys_.end()) {
      return tutti::Status::InvalidArgument("expected a table of the schema, found '" + table + "' in an op " + verb);
    }
    std::map<std::string, Row>& rows = data.tables[table];
    if (verb == "insert") {
      return Insert(op, key->second, rows, data.rows);
    }
    if (verb == "get" || verb == "query") {
      return Select(op, op[verb == "get" ? "key" : "where"], rows);
    }
    if (verb == "delete") {
      const std::size_t gone = std::erase_if(rows, [&](const auto& row) { return Matches(row.second, op["where"]); });
      data.rows -= gone;
      return tutti::JsonObject()("affected", gone).Take();
    }
    return tutti::Status::Unimplemented("this storage knows insert, get, query, delete and append, found " + verb);
  }

  // What would be passed over silently: a member of the op, or a condition that is more than `column equals value`.
  static std::string FirstUnknown(tutti::JsonView op) {
    static const std::set<std::string_view> kKnown = {"op",    "table", "from",  "row",  "rows", "ignore_conflict",
                                                      "where", "key",   "limit", "type", "data", "stream",
                                                      "run",   "agent", "label"};
    std::string unknown;
    op.ForEachMember([&](std::string_view name, tutti::JsonView value) {
      unknown = unknown.empty() && kKnown.count(name) == 0 ? std::string(name) : unknown;
      if (name == "where") {
        value.ForEachMember([&](std::string_view column, tutti::JsonView wanted) {
          const bool is_plain = !wanted.is_object() && !wanted.is_array();
          unknown = unknown.empty() && !is_plain ? "where/" + std::string(column) : unknown;
        });
      }
    });
    return unknown;
  }

  tutti::Result<std::string> Insert(tutti::JsonView op, const std::vector<std::string>& key,
                                    std::map<std::string, Row>& rows, std::size_t& count) const {
    tutti::Status failure;
    std::size_t added = 0;
    const auto insert = [&](tutti::JsonView given) {
      Row row;
      given.ForEachMember([&](std::string_view column, tutti::JsonView value) { row.emplace(column, value.Dump()); });
      std::string name;
      for (const std::string& column : key) {
        name += row[column] + "\n";
      }
      if (count >= max_rows_) {
        failure =
            tutti::Status::ResourceExhausted("expected at most max_rows = " + std::to_string(max_rows_) + " rows");
      } else if (rows.emplace(name, std::move(row)).second) {
        ++count;
        ++added;
      } else if (!op["ignore_conflict"].AsBool()) {
        failure = tutti::Status::AlreadyExists("a row with this key is there already");
      }
    };
    op["row"] ? insert(op["row"]) : op["rows"].ForEach(insert);
    return failure.ok() ? tutti::Result<std::string>(tutti::JsonObject()("affected", added).Take()) : failure;
  }

  static tutti::Result<std::string> Select(tutti::JsonView op, tutti::JsonView where,
                                           const std::map<std::string, Row>& rows) {
    const auto limit = static_cast<std::size_t>(op["limit"].AsInt(10000));
    std::size_t count = 0;
    tutti::JsonWriter found;
    found.BeginArray();
    for (const auto& [key, row] : rows) {
      if (count < limit && Matches(row, where)) {
        ++count;
        found.BeginObject();
        for (const auto& [column, value] : row) {
          found.Key(column).Raw(value);
        }
        found.EndObject();
      }
    }
    return tutti::JsonObject()("count", count).Raw("rows", found.EndArray().Take()).Take();
  }

  static bool Matches(const Row& row, tutti::JsonView where) {
    bool matches = true;
    where.ForEachMember([&](std::string_view column, tutti::JsonView value) {
      const auto found = row.find(std::string(column));
      matches = matches && (found == row.end() ? value.is_null() : found->second == value.Dump());
    });
    return matches;
  }

  static std::string Append(tutti::JsonView op, Data& data) {
    const std::string stream(op["stream"].AsString());
    const std::string event = tutti::JsonObject()("stream", stream)("seq", ++data.streams[stream])(
                                  "time", tutti::NowIso())("type", op["type"].AsString())
                                  .OrNull("run", op["run"].AsString())
                                  .OrNull("agent", op["agent"].AsString())
                                  .Raw("data", op["data"].Dump())
                                  .Take();
    return tutti::JsonObject().Raw("event", event).Take();
  }

  std::size_t max_rows_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> keys_;  // table to the columns of its key; guarded by mutex_
  Data data_;                                             // guarded by mutex_
};

TUTTI_PLUGIN(StorageCpp, "org.example.storage_cpp", "0.1.0")
