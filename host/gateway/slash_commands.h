// Turns typed text, "/task-assign 7 scout look again", into a command and its arguments.
//
// Every command on the slash surface answers to "/<command name> {json}"; one with a usage "/name ID [AGENT] note..."
// also to "/name" followed by words, which go to the usage's arguments in order. Words are split at blanks; quotes,
// single or double, keep them together; an argument that ends in "..." takes the rest of the line as it was typed.
// Immutable, any thread. Borrows the table, which outlives it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/rest_arguments.h"
#include "host/registry/routing_table.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct SlashCall {
  const CommandRoute* route = nullptr;
  std::string args;  // JSON object
};

class SlashCommands {
 public:
  explicit SlashCommands(const RoutingTable& table);

  // NOT_FOUND with the nearest names, INVALID_ARGUMENT with the usage.
  [[nodiscard]] Result<SlashCall> Parse(std::string_view text) const;

 private:
  struct Argument {
    std::string property;
    bool takes_rest = false;
  };

  struct Form {
    const CommandRoute* route = nullptr;
    std::vector<Argument> arguments;
  };

  void AddUsage(const CommandRoute& route);
  [[nodiscard]] Result<SlashCall> FromWords(const Form& form, std::string_view rest) const;

  std::map<std::string, Form, std::less<>> by_usage_;
  std::map<std::string, const CommandRoute*, std::less<>> by_name_;
  std::vector<std::string> names_;
};

}  // namespace tutti::host
