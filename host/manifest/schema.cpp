#include "host/manifest/schema.h"

#include <exception>
#include <stdexcept>
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "host/manifest/schema_view.h"
#include "host/manifest/typed_json.h"
#include "host/manifest/yaml_reader.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

struct Schema::Compiled {
  rapidjson::Document document;
  valijson::Schema rules;
};

namespace {

using Adapter = valijson::adapters::RapidJsonAdapter;
using Context = std::vector<std::string>;

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string Key(const std::string& step) {
  return step.size() < 2 ? step : step.substr(1, step.size() - 2);
}

// What stands between the quotes of valijson's "Missing required property 'x'."
std::string QuotedName(const std::string& description) {
  const std::size_t first = description.find('\'');
  const std::size_t last = description.rfind('\'');
  return first == last ? std::string() : description.substr(first + 1, last - first - 1);
}

// Says once more what another error says about a value further in.
bool IsSummary(const std::string& description) {
  return StartsWith(description, "Failed to validate ") && description.find("anyOf") == std::string::npos &&
         description.find("oneOf") == std::string::npos && description.find("exactly one") == std::string::npos;
}

bool IsChoice(const std::string& description) {
  return StartsWith(description, "Failed to validate ") && !IsSummary(description);
}

// Walks to the value an error is about. A value that came from a default has no node: then the node around it.
struct Spot {
  const Node* node;
  SchemaView schema;
  std::string path;
  bool exact = true;

  void Enter(const std::string& key) {
    const bool by_index = exact && node->is_sequence();
    schema = schema.raw() != nullptr && by_index ? schema.Item(std::stoul(key)) : schema.At(key);
    const Node* inner = by_index ? &node->items.at(std::stoul(key)) : node->Find(key);
    if (exact && inner != nullptr) {
      node = inner;
      path = inner->path;
      return;
    }
    exact = false;
    path += (path.empty() ? "" : ".") + key;
  }
};

class ErrorTeller {
 public:
  ErrorTeller(const Node& node, const rapidjson::Value& schema, const KnownFaults& faults)
      : node_(node), schema_(schema), faults_(faults) {}

  void Tell(const valijson::ValidationResults& results, Problems& problems) const {
    std::vector<const valijson::ValidationResults::Error*> kept;
    for (const auto& error : results) {
      if (IsSummary(error.description) || IsKnown(error.context)) {
        continue;
      }
      if (IsChoice(error.description)) {
        // The alternatives' own complaints contradict each other; the expectation lists the alternatives.
        std::erase_if(kept, [&](const auto* other) { return IsWithin(other->context, error.context); });
      }
      kept.push_back(&error);
    }
    for (const auto* error : kept) {
      TellOne(*error, problems);
    }
  }

 private:
  static bool IsWithin(const Context& inner, const Context& outer) {
    return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
  }

  bool IsKnown(const Context& context) const {
    std::string at;
    for (std::size_t i = 1; i < context.size(); ++i) {
      at += context[i];
      if (faults_.contains(at)) {
        return true;
      }
    }
    return false;
  }

  void TellOne(const valijson::ValidationResults::Error& error, Problems& problems) const {
    Spot spot{&node_, SchemaView(&schema_, &schema_), node_.path};
    for (std::size_t i = 1; i < error.context.size(); ++i) {
      spot.Enter(Key(error.context[i]));
    }
    if (StartsWith(error.description, "Missing required property")) {
      TellMissing(QuotedName(error.description), spot, problems);
      return;
    }
    Problem problem{spot.node->place, spot.path, {}, {}};
    if (!spot.exact) {
      problem.message = "the schema's default for this value does not fit: " + error.description;
    } else if (StartsWith(error.description, "Missing dependency") || spot.node->is_map()) {
      problem.message = "expected " + spot.schema.Expectation() + ", found one that does not fit: " + error.description;
    } else {
      problem.message = "expected " + spot.schema.Expectation() + ", found " + Describe(*spot.node);
      problem.nearest = Nearest(spot.node->text, spot.schema.Choices());
    }
    problems.push_back(std::move(problem));
  }

  static void TellMissing(const std::string& key, const Spot& spot, Problems& problems) {
    if (spot.exact && spot.node->Find(key) != nullptr) {
      return;  // It is there and was refused already.
    }
    const SchemaView property = spot.schema.At(key);
    const std::string_view about = JsonView(property.raw())["description"].AsString();
    problems.push_back({spot.node->place,
                        spot.path,
                        "key '" + key + "' is missing; add it with " + property.Expectation() +
                            (about.empty() ? "" : " (" + std::string(about) + ")"),
                        {}});
  }

  const Node& node_;
  const rapidjson::Value& schema_;
  const KnownFaults& faults_;
};

}  // namespace

std::optional<Schema> Schema::FromNode(const Node& node, Problems& problems) {
  if (!node.is_map()) {
    problems.push_back(ProblemAt(node, "expected a JSON Schema as a map, found " + Describe(node)));
    return std::nullopt;
  }
  auto compiled = std::make_shared<Compiled>();
  const std::string json = ToJson(node);
  compiled->document.Parse(json.data(), json.size());
  try {
    Adapter adapter(compiled->document);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, compiled->rules);
  } catch (const std::exception& exception) {
    problems.push_back(
        ProblemAt(node, "expected a JSON Schema (draft 7), found a mistake: " + std::string(exception.what())));
    return std::nullopt;
  }
  return Schema(std::move(compiled));
}

Schema Schema::BuiltIn(std::string_view yaml) {
  Problems problems;
  const std::optional<Node> node = ParseYaml(yaml, "built-in schema", nullptr, problems);
  std::optional<Schema> schema = node ? FromNode(*node, problems) : std::nullopt;
  if (!problems.empty() || !schema) {
    throw std::logic_error(problems.empty() ? "built-in schema is empty" : ToString(problems.front()));
  }
  return *schema;
}

Schema Schema::Empty() {
  static const Schema kEmpty = BuiltIn("{type: object, properties: {}}");
  return kEmpty;
}

std::string Schema::Apply(const Node& node, const Variables* variables, Problems& problems) const {
  const SchemaView view(&compiled_->document, &compiled_->document);
  rapidjson::Document target;
  KnownFaults faults;
  rapidjson::Value value = TypeBySchema(node, view, "", faults, problems, target.GetAllocator());
  if (faults.contains("")) {
    return "{}";
  }
  FillDefaults(value, view, variables, node, problems, target.GetAllocator());
  value.Swap(target);
  valijson::ValidationResults results;
  try {
    valijson::Validator validator;
    Adapter adapter(target);
    if (!validator.validate(compiled_->rules, adapter, &results)) {
      ErrorTeller(node, compiled_->document, faults).Tell(results, problems);
    }
  } catch (const std::exception& exception) {
    problems.push_back(ProblemAt(node, "the schema cannot be applied: " + std::string(exception.what())));
  }
  return JsonView(&target).Dump();
}

void Schema::CheckKeys(const Node& node, Problems& problems) const {
  FindUnknownKeys(node, SchemaView(&compiled_->document, &compiled_->document), problems);
}

std::string Schema::json() const {
  return JsonView(&compiled_->document).Dump();
}

}  // namespace tutti::host
