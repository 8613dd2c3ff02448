// Decides whether an agent may make a tool call: rules in order, the first that matches decides, then the default.
//
// A deny rule matches when its pattern is found in any text of the argument; an allow rule only when it is found in
// every simple command of it, so that "ls; rm -rf /" is not let through by a rule for ls. Immutable; use from any
// thread. Time is linear in the arguments (RE2).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace re2 {
class RE2;
}

namespace tutti::guard {

struct Decision {
  bool is_allowed = true;
  std::string reason;  // for the model, when not allowed
};

class Policy {
 public:
  struct Options {
    std::string home;  // what rules see as "~"
    std::size_t max_command_bytes = 64 * 1024;
  };

  // `rules` is the array {action, tool, argument?, pattern?, reason?}; `default_action` "allow" or "deny". Errors name
  // the rule by its place.
  static Result<Policy> Parse(JsonView rules, std::string_view default_action, Options options);

  // `input` is the tool's arguments, an object.
  [[nodiscard]] Decision Decide(std::string_view tool, JsonView input) const;

  [[nodiscard]] std::size_t size() const { return rules_.size(); }

 private:
  struct Rule {
    bool is_allow = false;
    std::string tool;
    std::string argument;  // "" none, "*" every string
    std::shared_ptr<const re2::RE2> pattern;
    std::string reason;
  };

  // What rules look at for one argument: what a deny rule searches, and what an allow rule must find in all of.
  struct Texts {
    std::vector<std::string> any;
    std::vector<std::string> all;
  };

  static Result<Rule> ParseRule(JsonView json, std::size_t number);
  // `read` keeps the texts of the arguments looked at so far, by name.
  bool Matches(const Rule& rule, JsonView input, std::map<std::string, Texts>* read) const;
  void Collect(std::string_view name, JsonView value, Texts* texts) const;

  std::vector<Rule> rules_;
  bool is_default_allow_ = true;
  Options options_;
};

}  // namespace tutti::guard
