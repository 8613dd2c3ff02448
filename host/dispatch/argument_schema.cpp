#include "host/dispatch/argument_schema.h"

#include <rapidjson/document.h>

#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace tutti::host {

namespace {

constexpr std::size_t kReportedFaults = 20;

std::string TypeOf(JsonView property) {
  const JsonView type = property["type"];
  if (type.is_string()) {
    return std::string(type.AsString());
  }
  std::string single;
  type.ForEach([&](JsonView item) {
    if (item.AsString() != "null") {
      single = single.empty() ? std::string(item.AsString()) : "?";
    }
  });
  return single == "?" ? "" : single;
}

struct Fault {
  std::string type, message;
  std::vector<std::string> path;
  JsonView input;
};

// What is wrong with one property, in the words of the contract; valijson's own words otherwise.
void CheckProperty(JsonView schema, JsonView value, const std::string& name, std::vector<Fault>& faults) {
  const std::string type = TypeOf(schema);
  const bool nullable = schema["type"].is_array();
  if (value.is_null() && nullable) {
    return;
  }
  const auto wrong = [&](const char* code, const char* message) { faults.push_back({code, message, {name}, value}); };
  if (type == "string" && !value.is_string()) {
    wrong("string_type", "Input should be a valid string");
  } else if (type == "integer" && !value.is_int()) {
    wrong("int_type", "Input should be a valid integer");
  } else if (type == "number" && !value.is_number()) {
    wrong("float_type", "Input should be a valid number");
  } else if (type == "boolean" && !value.is_bool()) {
    wrong("bool_type", "Input should be a valid boolean");
  } else if (type == "object" && !value.is_object()) {
    wrong("dict_type", "Input should be a valid dictionary");
  } else if (type == "array" && !value.is_array()) {
    wrong("list_type", "Input should be a valid list");
  } else if (type == "integer" && schema["minimum"].is_int() && value.AsInt() < schema["minimum"].AsInt()) {
    faults.push_back(
        {"greater_than_equal", "Input should be greater than or equal to " + schema["minimum"].Dump(), {name}, value});
  }
}

// Where the text stops being JSON, in the form of the contract.
std::string SyntaxDetails(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  JsonWriter writer;
  writer.BeginObject().Key("errors").BeginArray().BeginObject().Key("type").Value("json_invalid");
  writer.Key("loc").BeginArray().Value(document.GetErrorOffset()).EndArray().Key("msg").Value("JSON decode error");
  writer.Key("input").BeginObject().EndObject().Key("ctx").BeginObject().Key("error");
  writer.Value(rapidjson::GetParseError_En(document.GetParseError())).EndObject();
  return writer.EndObject().EndArray().EndObject().Take();
}

std::string Details(const std::vector<Fault>& faults) {
  JsonWriter writer;
  writer.BeginObject().Key("errors").BeginArray();
  for (const Fault& fault : faults) {
    writer.BeginObject().Key("type").Value(fault.type).Key("loc").BeginArray();
    for (const std::string& step : fault.path) {
      writer.Value(step);
    }
    writer.EndArray().Key("msg").Value(fault.message).Key("input").Raw(fault.input.Dump()).EndObject();
  }
  return writer.EndArray().EndObject().Take();
}

}  // namespace

struct ArgumentSchema::Compiled {
  explicit Compiled(Json json) : source(std::move(json)) {}

  Json source;
  valijson::Schema schema;
};

ArgumentSchema::ArgumentSchema(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}

ArgumentSchema::~ArgumentSchema() = default;

Result<std::shared_ptr<const ArgumentSchema>> ArgumentSchema::Compile(std::string_view schema) {
  Result<Json> parsed = Json::Parse(schema);
  if (!parsed.ok()) {
    return parsed.status();
  }
  if (!parsed->view().is_object()) {
    return Status::InvalidArgument("expected a JSON Schema, which is an object, found " + std::string(schema));
  }
  auto compiled = std::make_unique<Compiled>(std::move(*parsed));
  try {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    const valijson::adapters::RapidJsonAdapter adapter(*compiled->source.view().raw());
    parser.populateSchema(adapter, compiled->schema);
  } catch (const std::exception& error) {
    return Status::InvalidArgument(std::string("no valid JSON Schema: ") + error.what());
  }
  std::shared_ptr<ArgumentSchema> out(new ArgumentSchema(std::move(compiled)));
  out->compiled_->source["properties"].ForEachMember(
      [&](std::string_view name, JsonView property) { out->properties_.emplace_back(name, TypeOf(property)); });
  const Result<Json> empty = Json::Parse("{}");
  out->accepts_empty_ = out->Check(empty->view()).ok();
  return std::shared_ptr<const ArgumentSchema>(std::move(out));
}

Status ArgumentSchema::Check(JsonView args) const {
  std::vector<Fault> faults;
  const JsonView schema = compiled_->source.view();
  if (!args.is_object()) {
    faults.push_back({"model_attributes_type", "Input should be a valid dictionary", {}, args});
  } else {
    schema["required"].ForEach([&](JsonView name) {
      if (!args[name.AsString()]) {
        faults.push_back({"missing", "Field required", {std::string(name.AsString())}, args});
      }
    });
    schema["properties"].ForEachMember([&](std::string_view name, JsonView property) {
      if (const JsonView value = args[name]) {
        CheckProperty(property, value, std::string(name), faults);
      }
    });
  }
  if (faults.empty()) {
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::RapidJsonAdapter target(*args.raw());
    if (validator.validate(compiled_->schema, target, &results)) {
      return {};
    }
    valijson::ValidationResults::Error error;
    while (results.popError(error) && faults.size() < kReportedFaults) {
      Fault fault{"value_error", error.description, {}, args};
      for (std::size_t i = 1; i < error.context.size(); ++i) {
        const std::string& step = error.context[i];
        const bool quoted = step.size() >= 4 && step.front() == '[' && step[1] == '"';
        fault.path.push_back(quoted ? step.substr(2, step.size() - 4) : step.substr(1, step.size() - 2));
      }
      faults.push_back(std::move(fault));
    }
    if (faults.empty()) {
      faults.push_back({"value_error", "the arguments do not match the schema", {}, args});
    }
  }
  std::string message = "invalid arguments: ";
  for (const std::string& step : faults.front().path) {
    message += step + ": ";
  }
  return Status::InvalidArgument(message + faults.front().message).WithDetails(Details(faults));
}

Result<Json> ArgumentSchema::ParseAndCheck(std::string_view args) const {
  Result<Json> parsed = Json::Parse(args.empty() ? std::string_view("{}") : args);
  if (!parsed.ok()) {
    return parsed.status().WithDetails(SyntaxDetails(args));
  }
  if (Status status = Check(parsed->view()); !status.ok()) {
    return status;
  }
  return parsed;
}

}  // namespace tutti::host
