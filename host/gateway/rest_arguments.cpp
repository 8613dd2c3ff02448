#include "host/gateway/rest_arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "host/gateway/json_depth.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using Type = ArgumentTypes::Type;

Type TypeOf(JsonView schema) {
  std::string_view name = schema["type"].AsString();
  for (const char* choices : {"type", "anyOf", "oneOf"}) {
    schema[choices].ForEach([&](JsonView choice) {
      const std::string_view chosen = choice.is_string() ? choice.AsString() : choice["type"].AsString();
      if (name.empty() && chosen != "null") {
        name = chosen;
      }
    });
  }
  if (name == "integer") {
    return Type::kInteger;
  }
  if (name == "number") {
    return Type::kNumber;
  }
  if (name == "boolean") {
    return Type::kBoolean;
  }
  return name == "object" || name == "array" ? Type::kOther : Type::kString;
}

std::optional<std::string> ParseNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return JsonWriter().Value(value).Take();
}

std::optional<std::string> ParseInteger(std::string_view text) {
  if (text.size() > 1 && text.front() == '+') {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return std::to_string(value);
}

std::optional<std::string> ParseBoolean(std::string_view text) {
  for (const char* yes : {"true", "1", "yes", "on"}) {
    if (EqualsIgnoreCase(text, yes)) {
      return "true";
    }
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    if (EqualsIgnoreCase(text, no)) {
      return "false";
    }
  }
  return std::nullopt;
}

// JSON of `text` as this type; empty when it cannot be one.
std::optional<std::string> Convert(Type type, std::string_view text) {
  switch (type) {
    case Type::kInteger:
      return ParseInteger(text);
    case Type::kNumber:
      return ParseNumber(text);
    case Type::kBoolean:
      return ParseBoolean(text);
    case Type::kOther:
      return Json::Parse(text).ok() ? std::optional(std::string(text)) : std::nullopt;
    case Type::kString:
      break;
  }
  return JsonQuote(text);
}

struct Fault {
  const char* type;
  const char* message;
};

Fault FaultOf(Type type) {
  switch (type) {
    case Type::kInteger:
      return {"int_parsing", "Input should be a valid integer, unable to parse string as an integer"};
    case Type::kNumber:
      return {"float_parsing", "Input should be a valid number, unable to parse string as a number"};
    case Type::kBoolean:
      return {"bool_parsing", "Input should be a valid boolean, unable to interpret input"};
    default:
      return {"json_invalid", "Input should be valid JSON"};
  }
}

class Collector {
 public:
  explicit Collector(const ArgumentTypes& types) : types_(types) {}

  void Add(std::string_view place, const std::string& name, std::string_view text, bool keep_unknown) {
    const ArgumentTypes::Property* property = types_.Find(name);
    if (property == nullptr && !keep_unknown) {
      return;
    }
    const Type type = property == nullptr ? Type::kString : property->type;
    const std::optional<std::string> json = Convert(type, text);
    if (!json) {
      Complain(place, name, text, type);
      return;
    }
    Argument& argument = At(name);
    argument.is_array = property != nullptr && property->is_array;
    if (!argument.is_array) {
      argument.values.clear();
    }
    argument.values.push_back(*json);
  }

  // The arguments as one object, or what did not convert.
  [[nodiscard]] Result<std::string> Take() {
    if (fault_count_ > 0) {
      return Status::InvalidArgument(first_fault_)
          .WithDetails(JsonObject().Raw("errors", faults_.EndArray().view()).Take());
    }
    JsonWriter writer;
    writer.BeginObject();
    for (const Argument& argument : arguments_) {
      writer.Key(argument.name);
      if (argument.is_array) {
        writer.BeginArray();
      }
      for (const std::string& value : argument.values) {
        writer.Raw(value);
      }
      if (argument.is_array) {
        writer.EndArray();
      }
    }
    return writer.EndObject().Take();
  }

 private:
  struct Argument {
    std::string name;
    bool is_array = false;
    std::vector<std::string> values;
  };

  Argument& At(const std::string& name) {
    const auto found =
        std::find_if(arguments_.begin(), arguments_.end(), [&](const Argument& held) { return held.name == name; });
    return found != arguments_.end() ? *found : arguments_.emplace_back(Argument{name, false, {}});
  }

  void Complain(std::string_view place, const std::string& name, std::string_view text, Type type) {
    const Fault fault = FaultOf(type);
    if (fault_count_++ == 0) {
      faults_.BeginArray();
      first_fault_ = std::string(place) + " argument '" + name + "': " + fault.message;
    }
    faults_.BeginObject().Key("type").Value(fault.type).Key("loc").BeginArray().Value(place).Value(name).EndArray();
    faults_.Key("msg").Value(fault.message).Key("input").Value(text).EndObject();
  }

  const ArgumentTypes& types_;
  std::vector<Argument> arguments_;
  JsonWriter faults_;
  int fault_count_ = 0;
  std::string first_fault_;
};

}  // namespace

ArgumentTypes::ArgumentTypes(std::string_view schema) {
  const Result<Json> parsed = Json::Parse(schema);
  if (!parsed.ok()) {
    return;
  }
  (*parsed)["properties"].ForEachMember([&](std::string_view name, JsonView property) {
    const bool is_array = property["type"].AsString() == "array";
    properties_.push_back({std::string(name), TypeOf(is_array ? property["items"] : property), is_array});
  });
}

const ArgumentTypes::Property* ArgumentTypes::Find(std::string_view name) const {
  for (const Property& property : properties_) {
    if (property.name == name) {
      return &property;
    }
  }
  return nullptr;
}

Result<std::string> QueryArguments(const ArgumentTypes& types, const PathCaptures& captures, std::string_view query,
                                   bool keep_unknown) {
  Collector collector(types);
  for (const auto& [name, text] : ParseQuery(query)) {
    const bool is_captured = std::any_of(captures.begin(), captures.end(),
                                         [&name = name](const auto& capture) { return capture.first == name; });
    if (!is_captured) {
      collector.Add("query", name, text, keep_unknown);
    }
  }
  for (const auto& [name, text] : captures) {
    collector.Add("path", name, text, true);
  }
  return collector.Take();
}

Result<std::string> WordArguments(const ArgumentTypes& types, const PathCaptures& words) {
  Collector collector(types);
  for (const auto& [name, text] : words) {
    collector.Add("text", name, text, true);
  }
  return collector.Take();
}

Result<std::string> BodyArguments(const ArgumentTypes& types, const PathCaptures& captures, std::string_view body) {
  if (captures.empty()) {
    return std::string(body);
  }
  Result<std::string> captured = QueryArguments(types, captures, {}, false);
  if (!captured.ok() || body.empty()) {
    return captured;
  }
  const Result<Json> parsed = Json::Parse(body);
  if (IsNestedDeeper(body, kMaxJsonDepth) || !parsed.ok() || !parsed->view().is_object()) {
    return std::string(body);
  }
  const Result<Json> members = Json::Parse(*captured);
  JsonWriter writer;
  writer.BeginObject();
  const auto write = [&](std::string_view key, JsonView value) { writer.Key(key).Value(*value.raw()); };
  members->view().ForEachMember(write);
  parsed->view().ForEachMember([&](std::string_view key, JsonView value) {
    if (!(*members)[key]) {
      write(key, value);
    }
  });
  return writer.EndObject().Take();
}

}  // namespace tutti::host
