#include "host/manifest/variables.h"

#include <unistd.h>

#include <algorithm>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

bool IsName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) {
    return false;
  }
  for (const char c : name) {
    if (c != '_' && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')) {
      return false;
    }
  }
  return true;
}

std::string NearestVariable(std::string_view name, const Variables& variables) {
  std::vector<std::string> names;
  names.reserve(variables.size());
  for (const auto& [known, value] : variables) {
    names.push_back(known);
  }
  return Nearest(name, names);
}

// `inside` is what stands between the braces.
void ExpandOne(std::string_view inside, const Variables& variables, Expansion& out) {
  const std::size_t colon = inside.find(":-");
  const std::string_view name = inside.substr(0, colon);
  const bool has_default = colon != std::string_view::npos;
  if (!IsName(name)) {
    out.errors.push_back(
        {"expected ${NAME} or ${NAME:-default}, found ${" + std::string(inside) + "}; to write a literal ${ use $${",
         {}});
    return;
  }
  const std::string_view fallback = has_default ? inside.substr(colon + 2) : std::string_view();
  if (fallback.find("${") != std::string_view::npos) {
    out.errors.push_back(
        {"the default of variable " + std::string(name) + " holds another variable; a default is plain text", {}});
    return;
  }
  const auto found = variables.find(name);
  if (found != variables.end() && (!has_default || !found->second.empty())) {
    out.text += found->second;
    return;
  }
  if (has_default) {
    out.text += fallback;
    return;
  }
  out.errors.push_back({"variable " + std::string(name) + " is not set; set it in the environment or write ${" +
                            std::string(name) + ":-default}",
                        NearestVariable(name, variables)});
}

}  // namespace

Variables EnvironmentVariables() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos && equals > 0) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

Expansion Expand(std::string_view text, const Variables& variables) {
  Expansion out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t dollar = text.find("${", from);
    if (dollar == std::string_view::npos) {
      break;
    }
    if (dollar > from && text[dollar - 1] == '$') {
      out.text.append(text, from, dollar - 1 - from).append("${");
      from = dollar + 2;
      continue;
    }
    out.text.append(text, from, dollar - from);
    const std::size_t close = text.find('}', dollar);
    if (close == std::string_view::npos) {
      out.errors.push_back({"${ is not closed by }; to write a literal ${ use $${", {}});
      from = text.size();
      break;
    }
    ExpandOne(text.substr(dollar + 2, close - dollar - 2), variables, out);
    from = close + 1;
  }
  out.text.append(text.substr(std::min(from, text.size())));
  return out;
}

}  // namespace tutti::host
